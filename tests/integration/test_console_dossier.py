"""One vessel in full: its way in pieces, never in the way of the picture."""

import asyncio

import asyncpg
import orjson
import pytest
from console_parts import MMSI, coordinator, hear, sail

from dashboard import pictures
from dashboard.dossier import AT_ONCE, Dossiers
from db.errors import StoreUnavailable
from domain.silence import Cause


async def test_its_track_has_no_line_where_it_leapt(pool: asyncpg.Pool) -> None:
    await hear(pool)
    await sail(
        pool,
        [(400 - 10 * n, 120.85 + 0.0004 * n, 31.02) for n in range(10)]
        + [(300 - 10 * n, 120.95 + 0.0004 * n, 31.05) for n in range(8)],
    )
    dossier = await Dossiers(coordinator(pool)).get(MMSI, 1)
    assert dossier is not None
    assert [len(piece) for piece in dossier.track] == [10, 8]
    drawn = orjson.loads(pictures.track(*dossier.track[:1]).data)
    assert len(drawn["features"]) == 1


async def test_drawers_leave_the_picture_its_connection(pool: asyncpg.Pool) -> None:
    await hear(pool)
    poller = coordinator(pool)
    locks = await pool.acquire()
    held = locks.transaction()
    await held.start()
    await locks.execute("lock table vessel_position")  # every drawer has to wait for its track
    dossiers = Dossiers(poller)
    asked = [asyncio.create_task(dossiers.get(MMSI, tick)) for tick in range(2 * AT_ONCE)]
    await poller.step()
    assert poller.failing_since is None
    assert pool.get_size() - pool.get_idle_size() <= 1 + AT_ONCE
    await held.rollback()
    await pool.release(locks)
    assert all(found is not None for found in await asyncio.gather(*asked))


async def test_a_database_that_is_away_is_said_in_our_words(
    pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(asyncpg.Pool, "acquire", refuse)
    with pytest.raises(StoreUnavailable):
        await Dossiers(coordinator(pool)).get(MMSI, 1)


async def test_of_a_lost_vessel_it_says_whose_silence_it_is(pool: asyncpg.Pool) -> None:
    await hear(pool)
    await hear(pool, MMSI + 1)
    await hear(pool, MMSI + 2)
    poller = coordinator(pool)
    await poller.step()
    fresh = await Dossiers(poller).get(MMSI, 1)
    assert fresh is not None
    assert fresh.silence is None
    await pool.execute("update vessel_latest set station = 'JINZE', t = t - interval '30 minutes'")
    await pool.execute(
        """insert into receiver_minute select 'ais', 'JINZE', m, 5 from generate_series(
        date_trunc('minute', clock_timestamp()) - interval '90 minutes',
        clock_timestamp() - interval '28 minutes', '1 minute') as m"""
    )
    await pool.execute(
        "insert into feed_status (feed_id, connected, recorded_at) values ('ais', true, now())"
    )
    lost = await Dossiers(poller).get(MMSI, 2)
    assert lost is not None
    assert lost.silence is not None
    assert (lost.silence.cause, lost.silence.receiver) == (Cause.RECEIVER, "ais/JINZE")
    await poller.step()
    assert poller.snapshot is not None
    [feed] = poller.snapshot.feeds
    assert [one.station for one in feed.dead_receivers] == ["JINZE"]
    await pool.execute(
        """insert into receiver_minute select 'ais', 'JINZE', m, 5 from generate_series(
        date_trunc('minute', clock_timestamp()) - interval '27 minutes',
        clock_timestamp(), '1 minute') as m on conflict do nothing"""
    )
    again = await Dossiers(poller).get(MMSI, 3)
    assert again is not None
    assert again.silence is not None
    assert again.silence.cause is Cause.VESSEL
