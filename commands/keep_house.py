"""What the store holds for a time only has had its time: a batch of it goes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from db import event
from db.errors import mapped_errors
from db.house import BEGIN, Place, drop_images, drop_minutes, drop_readings
from db.outbox import drop_messages
from db.pool import Connection
from domain.events import NewEvent

ROWS: Final = 20_000
READINGS: Final = 2_000
IMAGES: Final = 200
"""Of a batch at most: pictures are large, and whoever writes shall not wait for a sweep."""


@dataclass(frozen=True, slots=True)
class KeepHouse:
    """Drop what was counted or refused before `minutes_before`, readings recorded before
    `readings_before` and cited by no alert, pictures sent before `images_before` that no reading
    refers to, messages out written and sent before `sent_before`, and those never sent of before
    `unsent_before`. `images_from`: where the batch before this one stood.
    """

    minutes_before: datetime
    readings_before: datetime
    images_before: datetime
    at: datetime
    sent_before: datetime = BEGIN[0]
    unsent_before: datetime = BEGIN[0]
    images_from: Place = BEGIN
    rows: int = ROWS
    readings: int = READINGS
    images: int = IMAGES


@dataclass(frozen=True, slots=True)
class Kept:
    """`gone`: table → rows that went (of `image` also `image_bytes`, of `outbox` in two).
    `more`: there may be more.
    """

    gone: dict[str, int]
    more: bool
    images_from: Place


async def keep_house(connection: Connection, actor: str, command: KeepHouse) -> Kept:
    """Drop one batch in one transaction, with an event of the day when anything went."""
    async with mapped_errors(), connection.transaction():
        gone = await drop_minutes(connection, command.minutes_before, command.rows)
        gone |= await drop_messages(
            connection, command.sent_before, command.unsent_before, command.rows
        )
        gone["reading"] = await drop_readings(connection, command.readings_before, command.readings)
        full = max(gone.values()) >= command.rows or gone["reading"] >= command.readings
        place = None
        # pictures last: those of the readings that went are to be found, too
        if not full:
            looked = await drop_images(
                connection, command.images_before, command.images_from, command.images
            )
            gone |= {"image": looked.dropped, "image_bytes": looked.size}
            place = looked.place
        gone = {name: count for name, count in gone.items() if count}
        if gone:
            await event.append(
                connection,
                [
                    NewEvent(
                        stream_kind="store",
                        stream_id=command.at.astimezone(UTC).date().isoformat(),
                        kind="store.expired",
                        actor=actor,
                        occurred_at=command.at,
                        payload=gone,
                    )
                ],
            )
    if full:
        return Kept(gone, True, command.images_from)
    return Kept(gone, place is not None, place or BEGIN)
