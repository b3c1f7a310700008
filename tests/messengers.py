"""Robots and a mail server in a thread of their own, for tests that have no loop (a browser's)."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

from mail_server import Mailbox, mailbox
from robots import Call, Robots, robots

PATIENCE_S = 60


@dataclass(frozen=True)
class Messengers:
    """`robots` and `mails` may be read from any thread."""

    robots: Robots
    mails: Mailbox

    @property
    def environment(self) -> dict[str, str]:
        """What `whistle outbox` needs to reach the mail server."""
        return {
            "WHISTLE_NOTIFY_SMTP_HOST": "127.0.0.1",
            "WHISTLE_NOTIFY_SMTP_PORT": str(self.mails.port),
            "WHISTLE_NOTIFY_SMTP_SECURITY": "none",
            "WHISTLE_NOTIFY_SMTP_FROM": "whistle@delta.example",
        }

    def told(self, name: str, count: int = 1) -> list[Call]:
        """What was accepted for the robot of this name, once that is so much."""
        until(lambda: len(self.robots.of(name)) >= count)
        return self.robots.of(name)

    def mailed(self, address: str, count: int = 1) -> list[str]:
        """The texts of the mails to this address, once these are so many."""

        def found() -> list[str]:
            mails = list(self.mails.mails)
            return [str(one.get_content()) for one in mails if str(one["To"]) == address]

        until(lambda: len(found()) >= count)
        return found()


def until(holds: Callable[[], bool]) -> None:
    """Wait for what comes about in another thread or process."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.02)


@contextmanager
def messengers() -> Iterator[Messengers]:
    """They answer while inside."""
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    thread = threading.Thread(target=loop.run_forever, name="messengers")
    thread.start()

    async def begin() -> Messengers:
        return Messengers(
            await stack.enter_async_context(robots()), await stack.enter_async_context(mailbox())
        )

    try:
        yield asyncio.run_coroutine_threadsafe(begin(), loop).result(PATIENCE_S)
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(PATIENCE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
