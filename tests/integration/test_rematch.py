"""Matches judged again for what came in after them: held-up fixes, readings that were late."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import numpy as np
import pytest
from gate_traffic import START_S, Day, Device, reading, traffic, watched
from test_match import DARK, NOW, ONE, POINTS, START, TWIN, matched, sailed, take

from bench.simulated_clock import give_clock, set_clock
from commands.match_reading import MatchByHand, match_by_hand
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from commands.undo_match import UndoMatch, undo_match
from db import event
from db import match as store
from db.alert import store_now
from db.pool import create_pool
from db.vessel import add_identities
from db.watch import WatchTaken
from domain.matches import Outcome
from domain.vessels import Identity
from streams.matching import Matched
from streams.rematching import note_overtaken

OTHER = replace(ONE, mmsi=413_000_004, name="HE XIANG 0317", at_s=-150.0)
"""Heard meanwhile, so that who was not heard counts as a hull without AIS."""
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """A store that lives five minutes after the passages."""
    await give_clock(database_url)
    made = await create_pool(database_url)
    async with made.acquire() as connection:
        await set_clock(connection, NOW)
    yield made
    await made.close()


async def again(pool: asyncpg.Pool) -> tuple[int, list[Matched]]:
    """How many matches were overtaken, and what was found otherwise than before."""
    async with pool.acquire() as connection:
        now = await store_now(connection)
        async with connection.transaction():
            count = await note_overtaken(connection, now, at_once=True)
    return count, await matched(pool, now)


async def told(pool: asyncpg.Pool, reading_id: object) -> list[dict[str, Any]]:
    async with pool.acquire() as connection:
        chain = await event.stream(connection, "reading", str(reading_id))
    return [json.loads(one.payload) for one in chain if one.kind == "match.made"]


async def test_a_match_that_fixes_overtook_is_made_again(pool: asyncpg.Pool) -> None:
    await sailed(pool, [OTHER])
    one = reading(ONE, t_s=2.0)
    await take(pool, one)
    [found] = await matched(pool)
    assert found.match.outcome is Outcome.NOBODY
    assert await again(pool) == (0, [])
    await sailed(pool, [ONE])  # held up on its way
    count, [found] = await again(pool)
    assert (count, found.reading, found.match.mmsi) == (1, one, ONE.mmsi)
    assert await again(pool) == (0, [])
    async with pool.acquire() as connection:
        [stored] = await store.matches_since(connection, START)
    assert (stored.mmsi, stored.outcome) == (ONE.mmsi, Outcome.MATCHED)
    assert stored.score == pytest.approx(found.match.score, abs=1e-4)
    said = await told(pool, one.reading_id)
    assert [one["outcome"] for one in said] == ["nobody", "matched"]
    assert (said[1]["instead_of"], said[1]["instead_of_outcome"]) == (None, "nobody")


async def test_what_is_found_again_changes_nothing_and_is_asked_once(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE])
    one = reading(ONE)
    await take(pool, one)
    await matched(pool)
    before = await pool.fetchrow("select * from reading_match")
    await sailed(pool, [OTHER])
    assert await again(pool) == (1, [])
    assert await again(pool) == (0, [])
    after = await pool.fetchrow("select * from reading_match")
    assert before is not None
    assert after is not None
    changed = {name for name in before.keys() if before[name] != after[name]}  # noqa: SIM118
    assert changed == {"judged_at"}
    assert len(await told(pool, one.reading_id)) == 1


async def test_fixes_that_come_late_overrule_no_person(pool: asyncpg.Pool) -> None:
    await sailed(pool, [OTHER])
    undone, by_hand = reading(ONE, t_s=2.0), reading(ONE, t_s=-200.0)
    await take(pool, undone, by_hand)
    await matched(pool)
    async with pool.acquire() as connection:
        strike = UndoMatch(uuid4(), undone.reading_id, None, "the camera was off")
        await undo_match(connection, "li", strike)
        theirs = MatchByHand(uuid4(), by_hand.reading_id, TWIN.mmsi, "seen from the bank")
        await match_by_hand(connection, "li", theirs)
    await sailed(pool, [ONE])
    assert await again(pool) == (0, [])
    async with pool.acquire() as connection:
        stored = {m.reading: m for m in await store.matches_since(connection, START)}
    assert stored[undone].undone_at is not None
    assert (stored[by_hand].mmsi, stored[by_hand].score) == (TWIN.mmsi, None)


async def test_a_person_who_comes_between_is_not_overruled(pool: asyncpg.Pool) -> None:
    """The match is noted to be judged again, and then a person says whose it was."""
    await sailed(pool, [OTHER])
    one = reading(ONE, t_s=2.0)
    await take(pool, one)
    await matched(pool)
    await sailed(pool, [ONE])
    async with pool.acquire() as connection:
        assert await note_overtaken(connection, NOW + MINUTE, at_once=True) == 1
        theirs = MatchByHand(uuid4(), one.reading_id, TWIN.mmsi, "seen from the bank")
        await match_by_hand(connection, "li", theirs)
    assert await matched(pool, NOW + MINUTE) == []
    assert await pool.fetchval("select mmsi from reading_match") == TWIN.mmsi


async def test_held_up_fixes_are_looked_for_once_all_can_see_them(pool: asyncpg.Pool) -> None:
    await sailed(pool, [OTHER])
    await take(pool, reading(ONE, t_s=2.0))
    await matched(pool)

    async def noted(now: datetime) -> int:
        async with pool.acquire() as connection, connection.transaction():
            return await note_overtaken(connection, now)

    async with pool.acquire() as connection:
        stored_at = await store_now(connection)
    await sailed(pool, [ONE])
    assert await noted(stored_at + 2 * MINUTE) == 0
    assert await noted(stored_at + 4 * MINUTE) == 1
    [found] = await matched(pool, stored_at + 4 * MINUTE)
    assert found.match.mmsi == ONE.mmsi
    for minutes in (5, 40, 400):
        assert await noted(stored_at + minutes * MINUTE) == 0


async def test_of_two_watches_one_looks_for_them(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as one, pool.acquire() as two:
        await note_overtaken(one, NOW, at_once=True)  # the cursor is there
        begun = one.transaction()
        await begun.start()
        await note_overtaken(one, NOW + MINUTE, at_once=True)

        async def second() -> int:
            async with two.transaction():
                return await note_overtaken(two, NOW + MINUTE, at_once=True)

        other = asyncio.create_task(second())
        await asyncio.sleep(0)
        await begun.commit()
        with suppress(WatchTaken):
            assert await other == 0


async def test_named_and_matched_at_once_it_is_judged_when_all_is_in(pool: asyncpg.Pool) -> None:
    """Two of one name: the one heard first is taken at once, and doubted when both were heard."""
    await sailed(pool, [ONE], until_s=3.0)
    one = reading(ONE, plate="顺航0412")
    await take(pool, one)
    [found] = await matched(pool, START + timedelta(seconds=3))
    assert found.match.mmsi == ONE.mmsi
    await sailed(pool, [replace(TWIN, name=ONE.name, at_s=1.0)])
    assert await matched(pool, START + timedelta(seconds=44)) == []
    [found] = await matched(pool, START + timedelta(seconds=46))
    assert found.match.outcome is Outcome.UNCERTAIN
    assert await matched(pool, START + timedelta(seconds=47)) == []
    assert [one["outcome"] for one in await told(pool, one.reading_id)] == ["matched", "uncertain"]


async def test_an_earlier_reading_that_comes_later_has_its_say(pool: asyncpg.Pool) -> None:
    """A track that passed once is the first reading's; the second, taken alone, had it."""
    await sailed(pool, [ONE])
    second = reading(replace(DARK, length_m=49.0), t_s=22.0)
    await take(pool, second)
    [found] = await matched(pool)
    assert found.match.mmsi == ONE.mmsi
    first = reading(ONE, t_s=1.0, plate="顺航0412")
    await take(pool, first)
    [found] = await matched(pool)
    assert (found.reading, found.match.mmsi) == (first, ONE.mmsi)
    _, [found] = await again(pool)
    assert (found.reading, found.match.mmsi) == (second, None)


@pytest.mark.parametrize("seed", [1, 2])
async def test_in_whatever_order_all_comes_in_the_matches_are_the_same(
    pool: asyncpg.Pool, database_url: str, second_url: str, seed: int
) -> None:
    barges = traffic(900.0, 40.0, seed)
    day = watched(barges, Device(named=0.5), seed)
    after = datetime.fromtimestamp(START_S + 1800.0, START.tzinfo)
    await give_clock(second_url)
    calm = await create_pool(second_url)
    try:
        for one in (pool, calm):
            await _known(one, barges, after)
        await _fixes(calm, day, range(len(barges)))
        await take(calm, *day.readings)
        await _until_calm(calm)
        chance = random.Random(seed)
        steps: list[tuple[str, int]] = [("fixes", n) for n in range(len(barges))]
        steps += [("reading", n) for n in range(len(day.readings))]
        chance.shuffle(steps)
        for number, (kind, n) in enumerate(steps):
            if kind == "fixes":
                await _fixes(pool, day, [n])
            else:
                await take(pool, day.readings[n])
            if number % 6 == 0:
                await again(pool)
        await _until_calm(pool)
        query = """select r.source_key, m.mmsi, m.score is null as unsure
            from reading_match m join reading r using (reading_id) order by 1"""
        undisturbed = await calm.fetch(query)
        assert len(undisturbed) == len(day.readings)
        assert len({row["mmsi"] for row in undisturbed}) > 10
        assert await pool.fetch(query) == undisturbed
        changed = await pool.fetchval(
            """select count(*) from event where kind = 'match.made'
            and convert_from(payload, 'utf8') like '%instead_of%'"""
        )
        assert changed > 5
    finally:
        await calm.close()


async def _known(pool: asyncpg.Pool, barges: list[Any], now: datetime) -> None:
    async with pool.acquire() as connection:
        await set_clock(connection, now)
        points = RegisterCheckpoints(tuple(POINTS.values()), START)
        await register_checkpoints(connection, "test", points)
        await connection.execute("select make_position_partition($1)", START.date())
        said = [
            Identity(b.mmsi, START, name=b.name, length_m=b.length_m, beam_m=b.beam_m)
            for b in barges
            if not b.dark
        ]
        async with connection.transaction():
            await add_identities(connection, said, {}, START)


async def _fixes(pool: asyncpg.Pool, day: Day, numbers: Any) -> None:
    tracks = day.tracks
    assert tracks is not None
    keep = np.isin(tracks.mmsi, [413_000_000 + n for n in numbers])
    columns = (tracks.mmsi, tracks.t, tracks.lon, tracks.lat, tracks.sog_kn, tracks.cog_deg)
    await pool.executemany(
        """insert into vessel_position (mmsi, t, payload_hash, lon, lat, sog_kn, cog_deg,
        message_type, feed_id, recorded_at)
        values ($1, to_timestamp($2), 1, $3, $4, $5, $6, 18, 'ais', clock_timestamp())""",
        list(zip(*(column[keep].tolist() for column in columns), strict=True)),
    )


async def _until_calm(pool: asyncpg.Pool) -> None:
    for _ in range(30):
        await again(pool)
        if not await pool.fetchval(
            "select exists (select from reading_match where again_at > '-infinity')"
        ):
            return
    raise AssertionError("readings are judged again and again")
