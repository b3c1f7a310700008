"""Passages that were nobody's, looked at again while what explained them may still change."""

from datetime import datetime
from typing import Final

from db.pool import Connection
from db.reading import reading
from db.unheard import nobodies
from db.watch import match_of
from domain.water_source import WaterSource
from streams.watching.case import Case
from streams.watching.guard import Guard
from streams.watching.passage import passage_case
from streams.watching.unheard import ASKED_FOR

A_TURN: Final = 20
"""Passages asked at once: about a second."""


async def passages_again(
    connection: Connection, source: WaterSource | None, now: datetime, guard: Guard
) -> list[Case]:
    """Passages of the last two hours that are nobody's, by what is known of them by now.

    One that a lost radio explained was not told; heard again where it cannot have come to, that
    vessel explains nothing any more.
    """
    found = []
    for reading_id in await nobodies(connection, now - ASKED_FOR, A_TURN):
        if guard.leaves("reading", str(reading_id)):
            continue
        async with guard.about(connection, "reading", str(reading_id)):
            taken = await reading(connection, reading_id)
            match = await match_of(connection, reading_id)
            if taken is not None:
                case = await passage_case(connection, source, taken.reading, match)
                found += [] if case is None else [case]
    return found
