"""Matches on a real store: near tracks, settled or not, undone by hand and not made again."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import numpy as np
import pytest
from gate_traffic import GATE, START_S, Barge, fixes, reading

from commands.match_reading import (
    MatchByHand,
    MatchReading,
    UnknownReading,
    match_by_hand,
    match_reading,
)
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from commands.take_reading import TakeReading, take_reading
from commands.undo_match import NothingToUndo, UndoMatch, undo_match
from db import event
from db import match as store
from db.alert import store_now
from db.command import CommandReused
from db.pool import create_pool
from db.position import copy_positions, make_partitions
from db.position_wire import batch_rows, set_times
from db.reading import readings_of_vessel
from db.vessel import add_identities
from domain.checkpoints import Checkpoint, Reading, System
from domain.errors import InvalidInput
from domain.matches import MatchRule, Outcome
from domain.positions import FixFlag
from domain.vessels import Identity
from streams.matching import Matched, judge, match_pending
from streams.watching.guard import Guard

ONE = Barge(413_000_001, "SHUN HANG 0412", 0.0, 2.5)
TWIN = replace(ONE, mmsi=413_000_002, name="SHUN HANG 7735", at_s=4.0, right_m=30.0)
DARK = replace(ONE, mmsi=413_000_003, name="WAN TONG 9", dark=True)
POINT = replace(GATE, checkpoint_id="point-7", system=System.JIASHAN, lon=GATE.lon + 0.02)
START = datetime.fromtimestamp(START_S, UTC)
NOW = START + timedelta(minutes=5)
POINTS: dict[str, Checkpoint] = {one.checkpoint_id: one for one in (GATE, POINT)}


async def sailed(
    pool: asyncpg.Pool, barges: Sequence[Barge], until_s: float = 1e9, flags: int = 0
) -> None:
    """Two points registered, the barges' fixes stored, and who they say they are."""
    tracks = fixes(list(barges))
    keep = tracks.t <= START_S + until_s
    rows = batch_rows(int(keep.sum()))
    rows["mmsi"], rows["lon"], rows["lat"] = tracks.mmsi[keep], tracks.lon[keep], tracks.lat[keep]
    set_times(rows, tracks.t[keep])
    rows["payload_hash"] = np.arange(len(rows))
    rows["sog_kn"], rows["cog_deg"] = tracks.sog_kn[keep], tracks.cog_deg[keep]
    rows["heading_deg"], rows["nav_status"], rows["message_type"] = -1, -1, 1
    rows["feed"], rows["district"], rows["flags"] = 1, 1, flags
    async with pool.acquire() as connection:
        await register_checkpoints(connection, "test", RegisterCheckpoints((GATE, POINT), START))
        await make_partitions(connection, [START.date()])
        async with connection.transaction():
            await copy_positions(connection, rows, ["ais"], await store_now(connection))
            said = [
                Identity(b.mmsi, START, name=b.name, length_m=b.length_m, beam_m=b.beam_m)
                for b in barges
                if not b.dark
            ]
            await add_identities(connection, said, {}, START)


async def take(pool: asyncpg.Pool, *readings: Reading) -> None:
    async with pool.acquire() as connection:
        for one in readings:
            await take_reading(connection, "test", TakeReading(one, {}, one.t))


async def matched(pool: asyncpg.Pool, now: datetime = NOW) -> list[Matched]:
    async with pool.acquire() as connection, connection.transaction():
        return await match_pending(connection, POINTS, now, Guard())


async def test_a_reading_finds_its_track_once(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE])
    one = reading(ONE, t_s=12.0)
    await take(pool, one)
    [found] = await matched(pool)
    assert (found.reading, found.match.mmsi) == (one, ONE.mmsi)
    assert await matched(pool) == []
    async with pool.acquire() as connection:
        [stored] = await store.matches_since(connection, START)
        assert (stored.outcome, stored.mmsi, stored.reading) == (Outcome.MATCHED, ONE.mmsi, one)
        assert stored.score == pytest.approx(found.match.score, abs=1e-4)
        assert [r["rule"] for r in stored.reasons] == [r.rule for r in found.match.reasons]
        [mine] = await readings_of_vessel(connection, ONE.mmsi, START - timedelta(hours=1))
        assert mine.reading == one
        told = await event.stream(connection, "reading", str(one.reading_id))
        assert [e.kind for e in told] == ["reading.taken", "match.made"]
        assert await event.verify(connection, "reading", str(one.reading_id)) == []


async def test_without_a_name_it_waits_until_all_is_in(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE], until_s=8.0)
    plain, named = reading(ONE), reading(DARK, t_s=-200.0, plate="万通9")
    await take(pool, plain)
    soon = START + timedelta(seconds=8)
    assert await matched(pool, soon) == []
    await take(pool, named)
    [dark] = await matched(pool, soon)
    assert dark.match.without_ais
    [late] = await matched(pool, START + timedelta(seconds=46))
    assert late.match.mmsi == ONE.mmsi


async def test_a_name_is_enough_at_once(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE], until_s=3.0)
    await take(pool, reading(ONE, plate="顺航0412"))
    [found] = await matched(pool, START + timedelta(seconds=3))
    assert found.match.mmsi == ONE.mmsi


async def test_nobody_and_left_open_are_told_apart(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE, TWIN])
    nobody = reading(replace(DARK, at_s=-200.0))
    await take(pool, reading(ONE, t_s=2.0), nobody)
    found = {m.reading: m.match for m in await matched(pool)}
    assert found[nobody].without_ais
    async with pool.acquire() as connection:
        stored = {m.reading: m for m in await store.matches_since(connection, START)}
    assert stored[nobody].outcome is Outcome.NOBODY
    [other] = [m for one, m in stored.items() if one != nobody]
    assert (other.outcome, other.mmsi, other.score) == (Outcome.UNCERTAIN, None, None)
    assert MatchRule.RUNNER_UP in {r["rule"] for r in other.reasons}


async def test_while_ais_is_down_nobody_is_accused(pool: asyncpg.Pool) -> None:
    await sailed(pool, [DARK])
    await take(pool, reading(DARK))
    [found] = await matched(pool)
    assert found.match.outcome is Outcome.UNCERTAIN
    assert [r.rule for r in found.match.reasons] == [MatchRule.AIS_NOT_HEARD]


async def test_a_feed_that_died_a_minute_before_accuses_nobody(pool: asyncpg.Pool) -> None:
    await sailed(pool, [replace(ONE, at_s=-150.0)], until_s=-60.0)
    await take(pool, reading(ONE))
    [found] = await matched(pool)
    assert found.match.outcome is Outcome.UNCERTAIN
    assert MatchRule.AIS_NOT_HEARD in {r.rule for r in found.match.reasons}


async def test_a_match_that_stands_keeps_its_track(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE])
    await take(pool, reading(ONE, plate="顺航0412"))
    await matched(pool)
    stranger = reading(replace(DARK, length_m=42.0, beam_m=8.3), t_s=25.0, plate="万通9")
    await take(pool, stranger)
    [found] = await matched(pool)
    assert found.match.mmsi is None


async def test_undone_by_hand_it_stays_undone(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE])
    one = reading(ONE)
    await take(pool, one)
    await matched(pool)
    undo = UndoMatch(uuid4(), one.reading_id, ONE.mmsi, "the picture shows another hull")
    async with pool.acquire() as connection:
        at = await undo_match(connection, "li", undo)
        assert await undo_match(connection, "li", undo) == at
        with pytest.raises(NothingToUndo):
            await undo_match(connection, "li", replace(undo, command_id=uuid4()))
        with pytest.raises(CommandReused):
            await undo_match(connection, "wang", undo)
        again = MatchReading(one, await judge(connection, one, GATE))
        assert again.match.mmsi == ONE.mmsi
        assert not await match_reading(connection, "watch", again)
        assert await readings_of_vessel(connection, ONE.mmsi, START - timedelta(hours=1)) == []
    assert await matched(pool) == []
    async with pool.acquire() as connection:
        [stored] = await store.matches_since(connection, START)
        assert (stored.mmsi, stored.undone_at) == (ONE.mmsi, at)
        by_hand = MatchByHand(uuid4(), one.reading_id, TWIN.mmsi, "read from the picture")
        await match_by_hand(connection, "li", by_hand)
        await match_by_hand(connection, "li", by_hand)
        [stored] = await store.matches_since(connection, START)
        assert (stored.mmsi, stored.undone_at, stored.outcome) == (
            TWIN.mmsi,
            None,
            Outcome.MATCHED,
        )
        told = await event.stream(connection, "reading", str(one.reading_id))
        assert [(e.kind, e.actor) for e in told[1:]] == [
            ("match.made", "watch"),
            ("match.undone", "li"),
            ("match.made", "li"),
        ]


async def test_what_a_person_must_say(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE])
    one = reading(ONE)
    await take(pool, one)
    await matched(pool)
    undo = UndoMatch(uuid4(), one.reading_id, ONE.mmsi, "why")
    hand = MatchByHand(uuid4(), one.reading_id, ONE.mmsi, "why")
    async with pool.acquire() as connection:
        for field, actor, note in (
            ("actor", " ", "why"),
            ("note", "li", " "),
            ("note", "li", "x" * 501),
        ):
            with pytest.raises(InvalidInput, match=field):
                await undo_match(connection, actor, replace(undo, note=note))
            with pytest.raises(InvalidInput, match=field):
                await match_by_hand(connection, actor, replace(hand, note=note))
        with pytest.raises(InvalidInput, match="mmsi"):
            await match_by_hand(connection, "li", replace(hand, mmsi=0))
        with pytest.raises(UnknownReading):
            await match_by_hand(connection, "li", replace(hand, reading_id=uuid4()))
        with pytest.raises(NothingToUndo, match="413000001"):
            await undo_match(connection, "li", replace(undo, mmsi=TWIN.mmsi))


async def test_two_who_undo_at_once_undo_it_once(pool: asyncpg.Pool, database_url: str) -> None:
    await sailed(pool, [ONE])
    one = reading(ONE)
    await take(pool, one)
    await matched(pool)
    second = await create_pool(database_url, size=1)

    async def undo(own: asyncpg.Pool) -> object:
        async with own.acquire() as connection:
            command = UndoMatch(uuid4(), one.reading_id, ONE.mmsi, "another hull")
            return await undo_match(connection, "li", command)

    try:
        ended = await asyncio.gather(undo(pool), undo(second), return_exceptions=True)
    finally:
        await second.close()
    assert sorted(type(e).__name__ for e in ended) == ["NothingToUndo", "datetime"]


async def test_a_second_sensor_is_asked(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE, TWIN])
    seen = reading(
        ONE, t_s=-900.0, plate="顺航0412", system=System.JIASHAN, checkpoint_id="point-7"
    )
    await take(pool, seen)
    async with pool.acquire() as connection:
        await match_by_hand(
            connection, "li", MatchByHand(uuid4(), seen.reading_id, ONE.mmsi, "seen from the bank")
        )
        alone = await judge(connection, replace(reading(ONE), plate="白帆0412"), GATE)
    assert alone.mmsi == ONE.mmsi
    assert MatchRule.SECOND_SENSOR in {r.rule for r in alone.reasons}


async def test_a_cloned_number_at_the_gate_is_still_a_track(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE], flags=int(FixFlag.CLONE))
    await take(pool, reading(ONE))
    [found] = await matched(pool)
    assert found.match.mmsi == ONE.mmsi


async def test_the_register_names_a_hull_that_ais_does_not(pool: asyncpg.Pool) -> None:
    await sailed(pool, [ONE])
    async with pool.acquire() as connection:
        await connection.execute(
            "insert into hull (mmsi, name, length_m, beam_m, capacity_t, carries_spoil, valid_from,"
            " recorded_from) values ($1, '顺航0412', 49.5, 10.4, 1000, true, $2, $2)",
            ONE.mmsi,
            START,
        )
        [known] = await store.hulls(connection, [ONE.mmsi, 7])
    assert known.names == ("SHUN HANG 0412", "顺航0412")
    assert (known.length_m, known.beam_m) == (49.5, 10.4)


async def test_a_gate_learns_its_clock_from_its_matches(pool: asyncpg.Pool) -> None:
    """Ten barges without a name, each read 15 s late: then the twins abreast can be told apart."""
    many = [replace(ONE, mmsi=413_100_000 + n, at_s=-200.0 * (10 - n)) for n in range(10)]
    ahead = replace(TWIN, at_s=-28.0)
    await sailed(pool, [*many, ONE, ahead])
    await take(pool, *(reading(b, t_s=b.at_s + 15.0) for b in many))
    assert len(await matched(pool)) == len(many)
    async with pool.acquire() as connection:
        one = reading(ONE, t_s=15.0)
        late = await store.late_of(
            connection, GATE.checkpoint_id, START - timedelta(hours=1), one.t, 40
        )
        assert late == pytest.approx([15.0] * 10, abs=5)
        assert (await judge(connection, one, GATE)).mmsi == ONE.mmsi
