"""A load that is gone: the simulated barge that tips it between two gates, through the whole watch.

Its radio, its gates, its hull and the wharves are those of the simulation, moved to the hour of the
test; nothing is told to the watch that a receiver or a device would not tell.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import numpy as np
import orjson
import pytest
from watch_world import MINUTE, World

from commands.put_registers import PutEntries, put_hulls, put_wharves
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from commands.take_reading import TakeReading, take_reading
from commands.undo_match import UndoMatch, undo_match
from db.alert import store_now
from domain.alert_life import Alert
from domain.checkpoints import Reading
from seed.checkpoints import checkpoints
from seed.devices import Devices, Fleet, Source, message
from seed.passages import Passages
from seed.registers import wharves
from seed.strays import Deed, Done, Strays, stray_hulls
from seed.world import World as Sea
from streams.sources.http.app import PASSAGES

SEED = 2024
NOON = 1_795_000_000


def dumper() -> tuple[Sea, Done]:
    """The stray that tips its load, and its deed of one day."""
    strays = Strays(SEED, 600)
    [deed] = [one for one in strays.between(NOON, NOON + 86_400) if one.deed is Deed.DUMP]
    [sea] = [sea for sea in strays.worlds if sea.barges[0] == deed.barge]
    return sea, deed


class Played:
    """The stray's passage of the two gates, ended two minutes before now."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sea, self.deed = dumper()
        self.mmsi = self.deed.barge.mmsi
        points = [one for one in checkpoints() if one.checkpoint_id in {"wj-03", "wj-04"}]
        devices = Devices(SEED, points, reliable=["wj-03", "wj-04"])
        source = Source(Fleet.STRAY, Passages(self.sea, tuple(points)), 4)
        about = int(self.deed.start) - 7200, int(self.deed.end) + 7200
        self.seen = devices.sighted([source], *about)
        self.later = (world.now - 2 * MINUTE).timestamp() - max(s.passage.t for s in self.seen)
        self.points = points

    def now(self, t: float) -> datetime:
        """That moment of the simulation, in the hour of the test."""
        return datetime.fromtimestamp(t + self.later, UTC)

    async def registers(self) -> None:
        long_ago = self.world.now - timedelta(days=30)
        async with self.world.pool.acquire() as connection:
            at = self.world.now
            await register_checkpoints(connection, "test", RegisterCheckpoints(self.points, at))
            await put_hulls(connection, "test", PutEntries(stray_hulls(SEED, 600), long_ago))
            await put_wharves(connection, "test", PutEntries(list(wharves()), long_ago))

    async def sail(self, heard: Callable[[float], bool] = lambda _: True) -> None:
        """Its fixes, every half minute, at the moments of the simulation that `heard` lets by."""
        first, last = (f(s.passage.t for s in self.seen) for f in (min, max))
        seconds = np.arange(int(first) - 900, int(last) + 100, 30)
        times = np.array([t for t in seconds if heard(float(t))], dtype=np.int64)
        sea = self.sea.at(np.zeros(len(times), dtype=np.int64), times)
        rows = [
            (self.mmsi, self.now(float(t)), n, lon, lat, speed / 0.5144, course)
            for n, (t, lon, lat, speed, course) in enumerate(
                zip(times, sea.lon.tolist(), sea.lat.tolist(), sea.speed_mps.tolist(),
                    sea.course_deg.tolist(), strict=True)
            )
        ]  # fmt: skip
        for day in {row[1].date() for row in rows}:
            await self.world.pool.execute("select make_position_partition($1)", day)
        await self.world.pool.executemany(
            """insert into vessel_position (mmsi, t, payload_hash, lon, lat, sog_kn, cog_deg,
            message_type, feed_id, recorded_at) values ($1, $2, $3, $4, $5, $6, $7, 1, 'ais', $2)
            on conflict do nothing""",
            rows,
        )

    async def read(self) -> list[Reading]:
        """What the two gates send, as their door takes it; by time."""
        taken = []
        async with self.world.pool.acquire() as connection:
            for one in sorted(self.seen, key=lambda each: each.passage.t):
                assert one.sent_at is not None
                said = PASSAGES.read(orjson.dumps(message(one, None)[1]))
                reading = replace(said, t=self.now(one.device_t))
                await take_reading(
                    connection, "test", TakeReading(reading, {}, self.now(one.sent_at))
                )
                taken.append(reading)
        return taken


@pytest.fixture
async def played(pool: asyncpg.Pool) -> Played:
    async with pool.acquire() as connection:
        made = Played(World(pool, await store_now(connection)))
    await made.registers()
    return made


def lost(alerts: list[Alert]) -> list[Alert]:
    return [one for one in alerts if "/lose:" in one.behaviour]


async def test_the_barge_that_tips_its_load_between_two_gates_is_told(played: Played) -> None:
    await played.sail()
    before, after = await played.read()
    raised = [one.alert for one in (await played.world.round()).raised]
    [alert] = lost(raised)
    assert alert.mmsi == played.mmsi
    assert alert.level == "medium"
    [reason] = [one for one in alert.reasons if one["rule"] == "load_lost"]
    cited = [one["id"] for one in reason["evidence"]]
    assert cited[2].startswith(f"{played.mmsi}@")
    assert cited[:2] == [str(before.reading_id), str(after.reading_id)]
    facts = reason["facts"]
    assert (facts["laden_by"], facts["light_by"]) == ("wj-04", "wj-03")
    assert facts["draught_before_m"] > 1.8
    assert facts["draught_after_m"] < 1.0
    [dwell] = facts["dwells"]
    lasted = (played.deed.end - played.deed.start) / 60
    assert abs(int(dwell.split(",")[2]) - lasted) <= 4
    # the alert stands on the map where it lay
    assert abs(alert.lon - played.deed.lon) < 0.002
    assert abs(alert.lat - played.deed.lat) < 0.002
    again = await played.world.round()
    assert again.raised == ()
    assert again.retracted == ()


async def test_ais_that_comes_late_shows_time_for_a_lawful_wharf_or_none(played: Played) -> None:
    """Unheard past Luxu's licensed wharf it may have called there; heard after all, it did not."""
    begun = min(s.passage.t for s in played.seen)
    await played.sail(lambda t: not begun + 600 < t < played.deed.end + 300)
    await played.read()
    assert lost([one.alert for one in (await played.world.round()).raised]) == []


async def test_a_match_that_is_taken_back_takes_the_alert_with_it(played: Played) -> None:
    await played.sail()
    _, after = await played.read()
    [alert] = lost([one.alert for one in (await played.world.round()).raised])
    async with played.world.pool.acquire() as connection:
        await undo_match(
            connection, "Zhou", UndoMatch(uuid4(), after.reading_id, played.mmsi, "another hull")
        )
    gone = (await played.world.round()).retracted
    assert [(one.alert_id, one.retraction) for one in gone] == [(alert.alert_id, "match_changed")]


async def test_a_call_at_a_licensed_wharf_that_comes_on_the_register_retracts_it(
    played: Played,
) -> None:
    await played.sail()
    await played.read()
    [alert] = lost([one.alert for one in (await played.world.round()).raised])
    here = replace(
        wharves()[0], wharf_id="new", lon=played.deed.lon, lat=played.deed.lat,
        kind="spoil_licensed",
    )  # fmt: skip
    async with played.world.pool.acquire() as connection:
        since = played.world.now - timedelta(days=9)
        await put_wharves(connection, "test", PutEntries([*wharves(), here], since))
    gone = (await played.world.round()).retracted
    assert [(one.alert_id, one.retraction) for one in gone] == [(alert.alert_id, "unloaded")]
