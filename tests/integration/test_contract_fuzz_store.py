"""What a contract accepts, the store takes: no sender can park whole batches, or stop a worker."""

import json
import random
from datetime import timedelta
from pathlib import Path

import asyncpg
from mutation import ODD, mutated
from nmea import NOW

from db.pool import connect
from layers.geography import Geography
from streams.batch import Batch
from streams.contracts.contract import BadRecord
from streams.contracts.messages import Message, Rejected
from streams.handlers.position import PositionHandler
from streams.handlers.rejected import RejectedHandler
from streams.partitions import Partitions
from streams.store import BatchStore
from streams.topics.registry import incoming
from streams.topics.topic import Limits, Record

FIXTURES = Path(__file__).parents[1] / "fixtures" / "contracts"
LIMITS = Limits(lambda: NOW, timedelta(days=30), timedelta(minutes=1), timedelta(seconds=10))


def taken(name: str, value: bytes) -> list[Message]:
    take = incoming()[name].take
    assert take is not None
    try:
        return take(Record(name, 0, 0, None, value, NOW), LIMITS)
    except BadRecord:
        return []


def at_the_edges(name: str) -> list[bytes]:
    """The sound message with every field of every item once as each odd value."""
    told = json.loads((FIXTURES / f"{name}-v1.json").read_bytes())
    found = []
    for number, item in enumerate(told.get("items", [])):
        for place in range(1, len(item)):
            for odd in ODD:
                changed = json.loads(json.dumps(told))
                changed["items"][number][place] = odd
                found.append(json.dumps(changed).encode())
    return found


async def test_the_store_takes_what_the_contracts_accept(
    database_url: str, pool: asyncpg.Pool
) -> None:
    chance = random.Random(11)
    messages: list[Message] = []
    for name in ("ais.sentences", "vessel.positions"):
        sound = (FIXTURES / f"{name}-v1.json").read_bytes()
        values = at_the_edges(name) + [mutated(sound, chance) for _ in range(500)]
        messages += [message for value in values for message in taken(name, value)]
    good = [message for message in messages if not isinstance(message, Rejected)]
    assert len(good) > 1000
    store = BatchStore(
        lambda: connect(database_url, application="fuzz"),
        PositionHandler(Geography.builtin()),
        RejectedHandler({}, per_minute=10**9),
        partitions=Partitions(1, timedelta(days=30)).make_for,
    )
    await store.store(Batch(messages))
    await store.close()
    async with pool.acquire() as connection:
        counts = await connection.fetch("select outcome, n from feed_count")
    assert sum(row["n"] for row in counts if not row["outcome"].startswith("flag_")) == len(
        messages
    )
    assert "unprocessable" not in {row["outcome"] for row in counts}
