"""Several services in one process: they run and end together."""

import asyncio
from collections.abc import Sequence

from streams.lifecycle import Work


class Together:
    """Runs all of `services`; when one fails, the others are ended. `stored`: by all of them."""

    def __init__(self, services: Sequence[Work]) -> None:
        self._services = services
        self.stored = 0

    def stop(self) -> None:
        """Tell all of them. Callable again."""
        for one in self._services:
            one.stop()

    async def run(self) -> None:
        """Until told to stop. Raises what the services raised, in a group."""
        try:
            async with asyncio.TaskGroup() as group:
                for one in self._services:
                    group.create_task(one.run())
        finally:
            self.stored = sum(one.stored for one in self._services)
