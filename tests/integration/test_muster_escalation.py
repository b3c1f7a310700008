"""Silence in a muster: who is called next, decided once, and what became of each message."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
from mustering import (
    CONTROLLER,
    blow,
    furnish,
    kinds,
    muster,
    say,
    up,
    waiting,
)

from commands.change_incident import Aim, close_part
from commands.note_deliveries import note_deliveries
from db.muster import calls_of, rungs_of
from domain.escalation import Outcome, Whom
from domain.incidents import StaleIncident
from domain.musters import Answer, CallState
from domain.turnout import Standing, turnout


@pytest.fixture
async def store(pool: asyncpg.Pool) -> asyncpg.Pool:
    async with pool.acquire() as connection:
        await furnish(connection)
    return pool


async def test_the_silent_are_called_by_the_next_and_who_answered_is_not(
    store: asyncpg.Pool,
) -> None:
    incident, calls = await muster(store)
    await say(store, calls["wj-env"], Answer.ACKNOWLEDGED)
    assert await up(store, 0) == []
    decided = await up(store, 60)
    by = {(one.rung.authority_id, one.rung.whom): one for one in decided}
    outcomes = {key: one.outcome for key, one in by.items()}
    assert {outcome for (who, _), outcome in outcomes.items() if who == "wj-env"} == {
        Outcome.NOT_NEEDED
    }
    assert {outcome for (who, _), outcome in outcomes.items() if who == "ks-env"} == {
        Outcome.CALLED
    }
    [second] = by["ks-env", Whom.SECOND_CHANNEL].calls
    assert second.call_id == calls["ks-env"].call_id
    [deputy] = by["ks-env", Whom.DEPUTY].calls
    [head] = by["ks-env", Whom.HEAD].calls
    assert (deputy.officer_id, deputy.authority_id) == ("ks-env-2", "ks-env")
    assert (head.officer_id, head.authority_id) == ("zone-3", "ks-env")
    ways = [(row["channel"], row["destination"]) for row in await waiting(store)][2:]
    assert ("sms", "ks-env-1-sms") in ways
    assert ("sms", "zone-3-sms") in ways
    said = await kinds(store, incident)
    assert said.count("escalation.called") == len(
        [one for one in decided if one.outcome is Outcome.CALLED]
    )
    assert "escalation.not_needed" in said
    assert await up(store, 600) == []


async def test_a_deputys_answer_counts_for_the_authority_and_a_late_one_too(
    store: asyncpg.Pool,
) -> None:
    incident, calls = await muster(store)
    decided = await up(store, 60)
    deputy = next(
        one.calls[0]
        for one in decided
        if one.rung.authority_id == "ks-env" and one.rung.whom is Whom.DEPUTY
    )
    await say(store, deputy, Answer.ON_THE_WAY)
    await say(store, calls["ks-env"], Answer.ACKNOWLEDGED)
    async with store.acquire() as connection:
        rows = await calls_of(connection, [incident.incident_id])
    assert turnout("ks-env", rows).standing is Standing.ON_THE_WAY


async def test_several_watches_decide_each_rung_once(store: asyncpg.Pool) -> None:
    incident, _ = await muster(store)
    decided = await asyncio.gather(*(up(store, 60) for _ in range(4)))
    rungs = [(one.rung.authority_id, one.rung.step) for some in decided for one in some]
    assert len(rungs) == len(set(rungs))
    async with store.acquire() as connection:
        stand = await rungs_of(connection, [incident.incident_id])
    assert len(rungs) == len(stand)
    assert all(rung.done_at for rung in stand)
    said = await kinds(store, incident)
    assert len([kind for kind in said if kind.startswith("escalation.")]) == len(stand)


async def test_an_acknowledgement_taken_back_begins_another_ladder(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    await say(store, calls["ks-env"], Answer.ACKNOWLEDGED)
    await up(store, 60)
    await say(store, calls["ks-env"], Answer.WITHDRAWN, reason="the wrong button")
    again = await up(store, 60)
    assert {(one.rung.authority_id, one.rung.round) for one in again} == {("ks-env", 2)}
    assert Outcome.CALLED in {one.outcome for one in again}
    assert "muster.withdrawn" in await kinds(store, incident)


async def test_nobody_is_called_for_a_part_that_is_closed(store: asyncpg.Pool) -> None:
    incident, _ = await muster(store)
    async with store.acquire() as connection:
        aim = Aim(uuid4(), incident.incident_id, incident.revision)
        await close_part(connection, CONTROLLER, aim, "ks-env", "")
    outcomes = {one.outcome for one in await up(store, 60) if one.rung.authority_id == "ks-env"}
    assert outcomes == {Outcome.NOT_NEEDED}


async def test_what_the_platform_says_is_told_once(store: asyncpg.Pool) -> None:
    incident, calls = await muster(store)
    await store.execute(
        "update outbox set sent_at = clock_timestamp() where destination = 'ks-robot'"
    )
    await store.execute(
        """update outbox set dead_at = clock_timestamp(), failure = 'bad key (93000)'
        where destination = 'wj-robot'"""
    )

    async def look() -> int:
        async with store.acquire() as connection:
            return await note_deliveries(connection, "watch")

    assert sum(await asyncio.gather(*(look() for _ in range(3)))) == 2
    async with store.acquire() as connection:
        rows = {one.call_id: one for one in await calls_of(connection, [incident.incident_id])}
    assert rows[calls["ks-env"].call_id].state is CallState.ACCEPTED
    failed = rows[calls["wj-env"].call_id]
    assert (failed.state, failed.failure) == (CallState.FAILED, "bad key (93000)")
    assert turnout("wj-env", rows.values()).standing is Standing.UNREACHED
    said = await kinds(store, incident)
    assert (said.count("muster.accepted"), said.count("muster.failed")) == (1, 1)
    # sent again by hand, it arrives after all
    await store.execute(
        """update outbox set dead_at = null, failure = null, sent_at = clock_timestamp()
        where destination = 'wj-robot'"""
    )
    assert await look() == 1
    async with store.acquire() as connection:
        rows = {one.call_id: one for one in await calls_of(connection, [incident.incident_id])}
    assert rows[calls["wj-env"].call_id].state is CallState.ACCEPTED


async def test_an_incident_that_is_over_calls_nobody(store: asyncpg.Pool) -> None:
    incident, _ = await muster(store)
    async with store.acquire() as connection:
        for part in incident.parts:
            aim = Aim(uuid4(), incident.incident_id, incident.revision)
            await close_part(connection, CONTROLLER, aim, part.authority_id, "")
    assert {one.outcome for one in await up(store, 60)} == {Outcome.NOT_NEEDED}
    with pytest.raises(StaleIncident):
        await blow(store, incident, officers=("ks-env-2",))
