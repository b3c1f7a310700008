"""Work that a viewer's script thread has done on the server's loop, and what came of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import asyncpg
import structlog

from dashboard.coordinator import Coordinator
from db.errors import StoreUnavailable, mapped_errors
from domain.errors import WhistleError

T = TypeVar("T")
log = structlog.get_logger(__name__)

TIMEOUT_S: Final = 20.0
NAME_MOST: Final = 40
NOTE_MOST: Final = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many things changed, how many had moved meanwhile; `failed`: nothing could be done.

    `why`: the code of the error, where there was one.
    """

    done: int = 0
    refused: int = 0
    failed: bool = False
    why: str | None = None


def run_errand(
    coordinator: Coordinator, action: str, work: Callable[[asyncpg.Connection], Awaitable[T]]
) -> T:
    """Do `work` with a connection on the loop; blocks the calling thread. Raises `WhistleError`."""

    async def do() -> T:
        pool = await coordinator.pool()
        async with mapped_errors(), pool.acquire() as connection:
            return await work(connection)

    loop = coordinator.loop
    if loop is None:
        raise StoreUnavailable(f"{action}: the console is not up yet")
    try:
        return asyncio.run_coroutine_threadsafe(do(), loop).result(TIMEOUT_S)
    except TimeoutError as error:
        raise StoreUnavailable(f"{action}: no answer within {TIMEOUT_S:.0f} s") from error


def failure(action: str, error: WhistleError) -> Outcome:
    """The outcome of what could not be done; it is logged."""
    log.warning("errand failed", action=action, error=str(error), code=error.code)
    return Outcome(failed=True, why=error.code)


def text_of(said: Mapping[str, Any], name: str, most: int) -> str:
    """A line of text without control characters, cut to `most` characters."""
    text = said.get(name)
    if not isinstance(text, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]
