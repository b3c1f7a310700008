"""A store with one spoil carrier of Qingpu and a gate beyond the border, to be looked at."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
from gate_traffic import GATE

from commands.confirm_crossings import ConfirmCrossings, confirm_crossings
from commands.match_reading import MatchReading, match_reading
from commands.put_registers import PutEntries, put_hulls
from commands.take_reading import TakeReading, take_reading
from db.alert import open_alerts, store_now
from db.permit import CONTENT
from domain.alert_life import Alert
from domain.checkpoints import Direction, Reading, System
from domain.crossings import Crossing
from domain.matches import Match, MatchReason, MatchRule, Outcome
from domain.permits import Permit
from domain.registers import Hull
from layers.geography import Geography
from streams.watch import Round, Watch

MMSI = 413_000_917
HULL = Hull(MMSI, "淀西2161", 42.0, 8.3, 540.0, 0.74, 2.24, "qp-dianbo", carries_spoil=True)
POINT = replace(
    GATE, checkpoint_id="wj-01", lon=120.85128, lat=31.10969, adcode="320583", waterway="急水港"
)
INNER = replace(POINT, checkpoint_id="inner", lon=120.90, lat=31.12, adcode="310118")
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


class World:
    """A store with one spoil carrier of Qingpu and one gate beyond the border."""

    def __init__(self, pool: asyncpg.Pool, now: datetime) -> None:
        self.pool, self.now = pool, now.replace(microsecond=0)
        self.watch = Watch("")
        self.watch.use(Geography.builtin())
        self._numbers = 0

    async def round(self) -> Round:
        return await self.watch.round(self.pool, everything=True)

    async def hull(self, hull: Hull = HULL) -> None:
        async with self.pool.acquire() as connection:
            await put_hulls(connection, "test", PutEntries([hull], self.now - 30 * DAY))

    async def seen(self, at: datetime, district: str, mmsi: int = MMSI, **place: Any) -> None:
        """The vessel's newest fix, and where it is confirmed."""
        said = {"lon": 120.8600, "lat": 31.1135, "sog": 5.5, "adcode": district, "water": True}
        said |= place
        day = at.date()
        async with self.pool.acquire() as connection:
            await connection.execute("select make_position_partition($1)", day)
            await connection.execute(
                """insert into vessel_position (mmsi, t, payload_hash, lon, lat, sog_kn,
                message_type, feed_id, recorded_at) values ($1, $2, 1, $3, $4, $5, 18, 'ais', $2)
                on conflict do nothing""",
                *(mmsi, at, said["lon"], said["lat"], said["sog"]),
            )
            await connection.execute(
                """insert into vessel_latest (mmsi, t, lon, lat, sog_kn, message_type, flags,
                adcode, border_water, feed_id, recorded_at)
                values ($1, $2, $3, $4, $5, 18, 0, $6, $7, 'ais', $2)
                on conflict (mmsi) do update set t = excluded.t, lon = excluded.lon,
                lat = excluded.lat, sog_kn = excluded.sog_kn, adcode = excluded.adcode,
                border_water = excluded.border_water""",
                *(mmsi, at, said["lon"], said["lat"], said["sog"], said["adcode"], said["water"]),
            )
            await connection.execute(
                """insert into vessel_state values ($1, $2, $3, '{}', 1, $2)
                on conflict (mmsi) do update set t = excluded.t, district = excluded.district""",
                *(mmsi, at, district),
            )

    async def read(
        self, t: datetime, mmsi: int | None = MMSI, draught_m: float | None = 2.2, **said: Any
    ) -> Reading:
        """A reading of the gate, matched with a vessel, or with nobody."""
        self._numbers += 1
        reading = Reading(
            **{
                "checkpoint_id": POINT.checkpoint_id,
                "system": System.WUJIANG,
                "source_key": f"k{self._numbers}",
                "t": t,
                "direction": Direction.FORTH,
                "draught_m": draught_m,
                "draught_error_m": None if draught_m is None else 0.06,
                "length_m": 42.0,
                **said,
            }
        )
        outcome = Outcome.NOBODY if mmsi is None else Outcome.MATCHED
        match = Match(outcome, mmsi, 0.99, 0.0, (MatchReason(MatchRule.TIME, 20, {}),))
        async with self.pool.acquire() as connection:
            await take_reading(connection, "test", TakeReading(reading, {}, t))
            assert await match_reading(connection, "test", MatchReading(reading, match))
        return reading

    async def cross(self, at: datetime, to: str = "320509", **said: Any) -> Crossing:
        """A confirmed crossing out of Qingpu."""
        crossing = Crossing(
            **{
                "crossing_id": uuid4(),
                "mmsi": MMSI,
                "from_adcode": "310118",
                "to_adcode": to,
                "via": (),
                "crossed_at": at,
                "confirmed_at": at + MINUTE,
                "lon": 120.85385,
                "lat": 31.10979,
                "by": "depth",
                "grazing": False,
                "fix_before_at": at,
                "fix_after_at": at + 10 * SECOND,
                **said,
            }
        )
        async with self.pool.acquire() as connection, connection.transaction():
            now = await store_now(connection)
            await confirm_crossings(connection, "test", ConfirmCrossings([crossing], now))
        return crossing

    async def open(self) -> list[Alert]:
        async with self.pool.acquire() as connection:
            return await open_alerts(connection, self.now - 60 * MINUTE, 100)

    async def fed(self, since: datetime, until: datetime | None = None, station: str = "") -> None:
        """That receiver heard somebody every minute between the two times."""
        async with self.pool.acquire() as connection:
            await connection.execute(
                """insert into receiver_minute select 'ais', $3, minute, 9
                from generate_series(date_trunc('minute', $1::timestamptz), $2, '1 minute')
                as minute""",
                *(since, until or self.now, station),
            )

    async def heard_by(self, station: str, *mmsis: int) -> None:
        """The newest fix of these vessels came by that receiver."""
        async with self.pool.acquire() as connection:
            await connection.execute(
                "update vessel_latest set station = $1 where mmsi = any($2)", station, list(mmsis)
            )

    async def permit(self, permit: Permit) -> None:
        """The paper on the register, in force since before the behaviour, on record since now."""
        columns = ", ".join((*CONTENT, "valid_from", "recorded_from"))
        marks = ", ".join(f"${number + 1}" for number in range(len(CONTENT) + 2))
        values = [getattr(permit, name) for name in CONTENT]
        async with self.pool.acquire() as connection:
            await connection.execute(
                f"insert into permit ({columns}) values ({marks})",  # noqa: S608
                *(*values, self.now - 5 * DAY, self.now),
            )
