"""Musters looked after: several at once, the store away and back, each rung decided once."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from ingest_process import settled
from mustering import Links, blow, furnish, kinds, opened

from db.muster import calls_of, rungs_of
from domain.escalation import Outcome
from domain.incidents import Incident
from streams.escalations import Escalations
from streams.together import Together

INCIDENTS = 12
OPEN = "select count(*) from escalation where done_at is null"


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    async with pool.acquire() as connection:
        await furnish(connection)
    return pool


async def silent(store: asyncpg.Pool, count: int) -> list[Incident]:
    """Incidents that were whistled for an hour ago, and nobody answers."""
    found = []
    for _ in range(count):
        async with store.acquire() as connection:
            incident = await opened(connection)
        found.append((await blow(store, incident)).incident)
    await store.execute("update escalation set due_at = due_at - $1::interval", timedelta(hours=1))
    return found


async def until_decided(store: asyncpg.Pool) -> None:
    async with store.acquire() as connection:
        await settled(connection, OPEN, lambda left: left == 0, 60)


async def test_several_at_once_decide_each_rung_once(
    store: asyncpg.Pool, database_url: str
) -> None:
    incidents = await silent(store, INCIDENTS)
    watches = [Escalations(database_url, Links(), every_s=0.01) for _ in range(3)]
    both = Together(watches)
    running = asyncio.create_task(both.run())
    await until_decided(store)
    both.stop()
    await running
    ids = [one.incident_id for one in incidents]
    async with store.acquire() as connection:
        rungs = await rungs_of(connection, ids)
        calls = await calls_of(connection, ids)
    called = [rung for rung in rungs if rung.outcome is Outcome.CALLED]
    assert called
    # the second channel calls the same person again; every other rung calls somebody new
    whistle = [call for call in calls if call.step == 0]
    further = [rung for rung in called if rung.whom != "second_channel"]
    assert len(calls) == len(whistle) + len(further)
    assert both.stored == len(called)
    for incident in incidents:
        said = [kind for kind in await kinds(store, incident) if kind.startswith("escalation")]
        assert len(said) == len([one for one in rungs if one.incident_id == incident.incident_id])
    messages = await store.fetch("select message_id from outbox where channel <> 'kafka'")
    assert len({row["message_id"] for row in messages}) == len(messages)


async def test_a_store_that_is_away_is_waited_for(store: asyncpg.Pool, database_url: str) -> None:
    watch = Escalations(database_url, Links(), every_s=0.01)
    running = asyncio.create_task(watch.run())
    await silent(store, 1)
    await until_decided(store)
    await store.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'whistle escalations'"
    )
    await silent(store, 1)
    await until_decided(store)
    watch.stop()
    await running
