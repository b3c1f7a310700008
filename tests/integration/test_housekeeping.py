"""What the store holds for a time only goes when it is over; evidence stays, whoever cites it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg
import pytest
from door_process import prepare
from structlog.testing import capture_logs

from commands.keep_house import KeepHouse, Kept, keep_house
from db import event
from db.house import BEGIN
from db.image import Image, add_image
from db.pool import connect
from domain.clock import utc_now
from domain.events import NewEvent
from streams.housekeeping import Housekeeping
from streams.settings import IngestSettings, StorageSettings, StreamSettings
from streams.workplace import Workplace

NOW = utc_now()
OLD = NOW - timedelta(days=40)
ANCIENT = NOW - timedelta(days=800)


@pytest.fixture
async def store(pool: asyncpg.Pool, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a store with checkpoints."""
    await prepare(pool)
    connection = await connect(database_url)
    yield connection
    await connection.close()


async def minutes(store: asyncpg.Connection, at: datetime, rows: int) -> None:
    """So many rows of each table that counts by the minute, and refused messages."""
    for n in range(rows):
        minute = at - timedelta(minutes=n)
        await store.execute("insert into feed_count values ('f', $1, 'position', 1)", minute)
        await store.execute("insert into receiver_minute values ('f', 's', $1, 1)", minute)
        await store.execute("insert into checkpoint_refusal values ('wj-1', $1, 'x', 1)", minute)
        await store.execute(
            "insert into rejected_message (feed_id, arrived_at, recorded_at, reason, detail, raw)"
            " values ('f', $1, $1, 'checksum', '', '\\x00')",
            minute,
        )


async def picture(store: asyncpg.Connection, name: str, at: datetime) -> bytes:
    found = Image(sha256(name.encode()).digest(), "image/png", 20, 20, b"12345", b"1")
    await add_image(store, found)
    await store.execute(
        "update image set stored_at = $1 where image_hash = $2", at, found.image_hash
    )
    return found.image_hash


async def read(store: asyncpg.Connection, at: datetime, image_hash: bytes | None = None) -> UUID:
    """A reading as it stood then, with its match."""
    reading_id = uuid4()
    await store.execute(
        "insert into reading (reading_id, checkpoint_id, system, source_key, content_hash, t,"
        " image_hash, payload, received_at, recorded_at)"
        " values ($1::uuid, 'wj-1', 'wujiang', $1::text, sha256('z'), $2, $3, '{}', $2, $2)",
        reading_id, at, image_hash,
    )  # fmt: skip
    await store.execute(
        "insert into reading_match (reading_id, reasons, matched_at) values ($1, '[]', $2)",
        reading_id, at,
    )  # fmt: skip
    return reading_id


def reasons(reading_id: UUID) -> list[dict[str, object]]:
    evidence = {"kind": "reading", "id": str(reading_id), "at": ANCIENT.isoformat()}
    return [
        {"rule": "no_paper", "weight": 40, "facts": {}, "evidence": []},
        {"rule": "laden", "weight": 10, "facts": {}, "evidence": [evidence]},
    ]


async def alert(store: asyncpg.Connection, *, cites: UUID | None, source: UUID | None) -> UUID:
    alert_id = uuid4()
    await store.execute(
        "insert into alert (alert_id, behaviour, rule_set, source_kind, source_id, state, score,"
        " level, reasons, lon, lat, adcode, border_adcodes, began_at, last_at, raised_at,"
        " changed_at) values ($1::uuid, $1::text, '1', $2, $3, 'new', 70, 'high', $4, 120.9, 31,"
        " '310118', '{}', $5, $5, $5, $5)",
        alert_id, "reading" if source else "crossing", str(source or "x"),
        reasons(cites) if cites else [], ANCIENT,
    )  # fmt: skip
    return alert_id


async def counts(store: asyncpg.Connection) -> dict[str, int]:
    names = ("feed_count", "receiver_minute", "checkpoint_refusal", "rejected_message", "reading")
    return {
        name: await store.fetchval(f"select count(*) from {name}")  # noqa: S608
        for name in (*names, "reading_match", "image", "checkpoint_upload")
    }


async def readings(store: asyncpg.Connection) -> set[UUID]:
    return {row["reading_id"] for row in await store.fetch("select reading_id from reading")}


async def images(store: asyncpg.Connection) -> set[bytes]:
    return {row["image_hash"] for row in await store.fetch("select image_hash from image")}


async def test_minutes_and_refused_messages_beyond_retention_go(
    store: asyncpg.Connection, database_url: str
) -> None:
    await minutes(store, OLD, 3)
    await minutes(store, NOW - timedelta(days=29), 2)
    await store.execute("insert into checkpoint_upload values ('wj-1', $1, 7)", OLD.date())
    await store.execute("insert into checkpoint_upload values ('wj-1', $1, 7)", NOW.date())
    gone = await Housekeeping(database_url, timedelta(days=30), now=lambda: NOW).run()
    tables = ("feed_count", "receiver_minute", "checkpoint_refusal", "rejected_message")
    assert gone == {**dict.fromkeys(tables, 3), "checkpoint_upload": 1}
    assert await counts(store) == {
        **dict.fromkeys(tables, 2), "checkpoint_upload": 1, "reading": 0, "reading_match": 0,
        "image": 0,
    }  # fmt: skip
    (told,) = await event.stream(store, "store", NOW.date().isoformat())
    assert (told.kind, json.loads(told.payload)) == ("store.expired", dict(gone))


async def test_however_short_the_retention_two_days_stay(
    store: asyncpg.Connection, database_url: str
) -> None:
    await minutes(store, NOW - timedelta(hours=47), 1)
    assert not await Housekeeping(database_url, timedelta(minutes=1), now=lambda: NOW).run()
    assert await event.stream(store, "store", NOW.date().isoformat()) == []


async def test_batches_are_bounded_and_all_is_found(store: asyncpg.Connection) -> None:
    await minutes(store, OLD, 5)
    for n in range(7):
        await read(store, ANCIENT, await picture(store, f"read {n}", ANCIENT))
    kept_image = await picture(store, "young", ANCIENT)
    young = await read(store, NOW, kept_image)

    async def batch(before: Kept | None) -> Kept:
        since = NOW - timedelta(days=30)
        place = before.images_from if before else BEGIN
        command = KeepHouse(
            since, since, since, NOW, images_from=place, rows=2, readings=3, images=2
        )
        return await keep_house(store, "test", command)

    done: list[Kept] = []
    while not done or done[-1].more:
        done.append(await batch(done[-1] if done else None))
        assert done[-1].gone.get("feed_count", 0) <= 2
        assert done[-1].gone.get("rejected_message", 0) <= 2
        assert done[-1].gone.get("reading", 0) <= 3
        assert done[-1].gone.get("image", 0) <= 2
        assert len(done) < 20
    assert sum(one.gone.get("image_bytes", 0) for one in done) == 35
    assert (await readings(store), await images(store)) == ({young}, {kept_image})
    assert (await counts(store))["feed_count"] == 0
    assert await event.verify(store, "store", NOW.date().isoformat()) == []


async def test_what_an_alert_cites_or_cited_stays(
    store: asyncpg.Connection, database_url: str
) -> None:
    pictures = [await picture(store, f"cited {n}", ANCIENT) for n in range(5)]
    cited, source, once, nobody, young = [
        await read(store, ANCIENT if n < 4 else OLD, one) for n, one in enumerate(pictures)
    ]
    shared = await read(store, ANCIENT, pictures[4])
    await alert(store, cites=cited, source=None)
    await alert(store, cites=None, source=source)
    later = await alert(store, cites=None, source=None)
    async with store.transaction():  # the reasons have changed since, the chain of events tells it
        raised = NewEvent(
            stream_kind="alert", stream_id=str(later), kind="alert.raised", actor="watch",
            occurred_at=ANCIENT, payload={"reasons": reasons(once)},
        )  # fmt: skip
        await event.append(store, [raised])
    gone = await Housekeeping(database_url, timedelta(days=30), now=lambda: NOW).run()
    assert gone == {"reading": 2, "image": 1, "image_bytes": 5}
    assert await readings(store) == {cited, source, once, young}
    assert {nobody, shared}.isdisjoint(await readings(store))
    assert await images(store) == {*pictures} - {pictures[3]}


async def message(
    store: asyncpg.Connection, name: str, at: datetime, sent: datetime | None = None
) -> None:
    await store.execute(
        "insert into outbox (channel, destination, ordering_key, message_id, payload, content_type,"
        " created_at, sent_at) values ('kafka', 'whistle.alerts', '1', $1, '{}', 'x', $2, $3)",
        name, at, sent,
    )  # fmt: skip


async def test_what_was_sent_goes_soon_and_what_nobody_could_be_told_late_and_loudly(
    store: asyncpg.Connection, database_url: str
) -> None:
    week, month = NOW - timedelta(days=8), NOW - timedelta(days=31)
    await message(store, "sent", week, week)
    await message(store, "sent again", month, NOW)
    await message(store, "waits", week)
    await message(store, "never sent", month)
    await message(store, "given up", month)
    dead = "update outbox set dead_at = $1, failure = 'too large' where message_id = 'given up'"
    await store.execute(dead, month)
    house = Housekeeping(database_url, timedelta(days=30), now=lambda: NOW)
    with capture_logs() as said:
        gone = await house.run()
    assert gone == {"outbox_sent": 1, "outbox_unsent": 2}
    (warned,) = [one for one in said if one["action"] == "outbox.expired"]
    assert (warned["log_level"], warned["messages"]) == ("warning", 2)
    left = await store.fetch("select message_id from outbox order by 1")
    assert [row["message_id"] for row in left] == ["sent again", "waits"]
    with capture_logs() as said:
        assert not await house.run()
    assert said == []


async def test_a_picture_that_nobody_refers_to_waits_as_long_as_a_reading_may_come(
    store: asyncpg.Connection, database_url: str
) -> None:
    young = await picture(store, "young", NOW - timedelta(days=30, hours=23))
    again = await picture(store, "again", OLD)
    await picture(store, "old", OLD)
    assert not await add_image(store, Image(again, "image/png", 20, 20, b"12345", b"1"))
    settings = StorageSettings(reading_retention_days=1)
    gone = await Housekeeping(database_url, timedelta(days=30), settings, now=lambda: NOW).run()
    assert gone == {"image": 1, "image_bytes": 5}
    assert await images(store) == {young, again}


async def test_a_picture_that_is_being_referred_to_is_left_alone(
    store: asyncpg.Connection, database_url: str
) -> None:
    found = await picture(store, "old", OLD)
    house = Housekeeping(database_url, timedelta(days=30), now=lambda: NOW)
    async with store.transaction():
        await read(store, NOW, found)
        assert not await house.run()  # waits for nobody
    assert not await house.run()
    assert await images(store) == {found}


async def test_the_ingest_keeps_house_once_a_day(
    store: asyncpg.Connection, database_url: str
) -> None:
    await minutes(store, OLD, 1)
    clock = [NOW]
    place = await Workplace.open(database_url, IngestSettings(), StreamSettings(), lambda: clock[0])
    watching = asyncio.create_task(place.watch_days())
    try:
        for _ in range(500):
            if not (await counts(store))["feed_count"]:
                break
            await asyncio.sleep(0.02)
        assert (await counts(store))["feed_count"] == 0
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await place.close()
    house = Housekeeping(database_url, timedelta(days=30), now=lambda: clock[0])
    await house.attempt()
    await minutes(store, OLD, 1)
    await house.attempt()
    assert (await counts(store))["feed_count"] == 1  # it was done today
    clock[0] += timedelta(days=1)
    await house.attempt()
    assert (await counts(store))["feed_count"] == 0
