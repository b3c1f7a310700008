"""Something done again and again that may fail: said once when it fails, once when it works."""

from collections.abc import Callable
from datetime import datetime

import structlog

from domain.clock import utc_now
from domain.errors import WhistleError

log = structlog.get_logger(__name__)


class Outage:
    """Whether the last try of `name` failed, and since when (epoch seconds, this machine's)."""

    def __init__(self, name: str, now: Callable[[], datetime] = utc_now) -> None:
        self._name = name
        self._now = now
        self._said: set[type[Exception]] = set()
        self.since: float | None = None

    def failed(self, error: Exception) -> None:
        """A try failed. Each kind of error is said once per outage, a fault of ours with its trace.

        A fault that shows up while the database is away would otherwise stay hidden.
        """
        if self.since is None:
            self.since = self._now().timestamp()
        if type(error) in self._said:
            return
        self._said.add(type(error))
        said = {"action": f"{self._name}.failed", "error": str(error) or type(error).__name__}
        if isinstance(error, WhistleError | TimeoutError):
            log.warning(f"{self._name} failed", **said)
        else:
            log.error(f"{self._name} failed", **said, exc_info=error)

    def worked(self) -> None:
        """A try worked."""
        if self.since is None:
            return
        away_s = round(self._now().timestamp() - self.since, 1)
        log.info(f"{self._name} recovered", action=f"{self._name}.recovered", away_s=away_s)
        self.since = None
        self._said.clear()
