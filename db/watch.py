"""What the watch reads: what is new since its cursor, where spoil carriers are, when they moved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from db.catalog import load_queries
from db.errors import StoreError
from db.pool import Connection
from domain.crossings import Crossing
from domain.load_lost import TrackFix
from domain.matches import Outcome, outcome_of
from domain.positions import UNTRUSTED
from domain.registers import Hull

_queries = load_queries("watch")
APPLICATION = "whistle watch"
"""By this name the watch connects."""
STILL_KN = 0.5
"""Below this a vessel lies still."""
_CROSSING = tuple(field.name for field in fields(Crossing))
_HULL = tuple(field.name for field in fields(Hull))


class WatchTaken(StoreError):
    """Another watch has gone on from here: this one must not."""

    code: ClassVar[str] = "watch.taken"


class Cursor(NamedTuple):
    """How far a source was looked at, in the time of recording; and the store's clock now."""

    upto: datetime
    revision: int
    now: datetime


@dataclass(frozen=True, slots=True)
class CarrierState:
    """The newest trusted fix of a registered spoil carrier, and its confirmed district."""

    mmsi: int
    t: datetime
    lon: float
    lat: float
    sog_kn: float | None
    adcode: str
    border_water: bool
    district: str | None
    feed_id: str | None = None
    station: str = ""


class StoredFix(NamedTuple):
    """A fix: UTC, degrees, knots."""

    mmsi: int
    t: datetime
    lon: float
    lat: float
    sog_kn: float | None


async def cursor(connection: Connection, source: str, back: timedelta) -> Cursor:
    """The cursor of a source; one that never was begins `back` before now."""
    await _queries.begin_cursor(connection, source=source, back=back)
    row = await _queries.cursor(connection, source=source)
    return Cursor(row["upto"], row["revision"], row["now"])


async def move_cursor(connection: Connection, source: str, known: Cursor, upto: datetime) -> None:
    """Advance by compare-and-set, in the transaction of the work; raises `WatchTaken`."""
    tag: str = await _queries.move_cursor(
        connection, source=source, revision=known.revision, upto=upto
    )
    if tag != "UPDATE 1":
        raise WatchTaken(f"another watch goes on with {source}")


async def marked(connection: Connection, source: str, keys: Iterable[str]) -> set[str]:
    """Which of these were looked at already."""
    return {row["key"] async for row in _queries.marked(connection, source=source, keys=list(keys))}


async def mark(connection: Connection, source: str, keys: Sequence[str], forget: datetime) -> None:
    """Note that these were looked at, and forget what was noted before `forget`."""
    await _queries.add_marks(connection, source=source, keys=list(keys))
    await _queries.drop_marks(connection, source=source, before=forget)


def _crossing(row: Mapping[str, Any]) -> Crossing:
    return Crossing(
        **{name: row[name] for name in _CROSSING if name != "via"}, via=tuple(row["via"])
    )


async def crossings_recorded(
    connection: Connection, since: datetime, most: int
) -> list[tuple[Crossing, datetime]]:
    """Crossings stored since a time of recording, with that time, in its order."""
    rows = _queries.crossings_recorded(connection, since=since, most=most)
    return [(_crossing(row), row["recorded_at"]) async for row in rows]


async def crossing(connection: Connection, crossing_id: UUID) -> Crossing | None:
    """One crossing."""
    row = await _queries.crossing(connection, crossing_id=crossing_id)
    return None if row is None else _crossing(row)


async def crossings_of(
    connection: Connection, mmsi: int, since: datetime, until: datetime
) -> list[Crossing]:
    """Crossings of one vessel between two times, newest first."""
    rows = _queries.crossings_of(connection, mmsi=mmsi, since=since, until=until)
    return [_crossing(row) async for row in rows]


async def district_at(connection: Connection, mmsi: int, at: datetime) -> str | None:
    """The confirmed district of a vessel at a moment, as far as it is known by now."""
    found: str | None = await _queries.district_at(connection, mmsi=mmsi, at=at)
    return found


async def spoil_carriers(connection: Connection, since: datetime) -> list[CarrierState]:
    """Every registered spoil carrier heard since `since`."""
    rows = _queries.spoil_carriers(connection, since=since)
    return [CarrierState(**row) async for row in rows]


async def heard_near(
    connection: Connection, mmsi: int, place: tuple[float, float], reach_deg: float, since: datetime
) -> bool:
    """Whether vessels other than this one were received about a place (degrees) since `since`."""
    found: bool = await _queries.heard_near(
        connection, mmsi=mmsi, lon=place[0], lat=place[1], reach_deg=reach_deg, since=since
    )
    return found


async def next_fix(
    connection: Connection, mmsi: int, after: datetime, until: datetime
) -> datetime | None:
    """When the vessel was heard next after `after`, flagged or not; `None`: not up to `until`."""
    found: datetime | None = await _queries.next_fix(
        connection, mmsi=mmsi, after=after, until=until
    )
    return found


async def fix_at(connection: Connection, mmsi: int, t: datetime) -> StoredFix | None:
    """The fix of a vessel at exactly this time."""
    row = await _queries.fix_at(connection, mmsi=mmsi, t=t)
    return None if row is None else StoredFix(*row)


async def track_between(
    connection: Connection, mmsi: int, since: datetime, until: datetime
) -> list[TrackFix]:
    """The trusted fixes of a vessel between two times, by time."""
    rows = _queries.track_between(
        connection, mmsi=mmsi, since=since, until=until, untrusted=int(UNTRUSTED)
    )
    return [TrackFix(row["t"], (row["lon"], row["lat"])) async for row in rows]


async def last_moved(
    connection: Connection,
    mmsi: int,
    place: tuple[float, float],
    reach_deg: tuple[float, float],
    between: tuple[datetime, datetime],
) -> datetime | None:
    """When the vessel was last further than `reach_deg` from a place, between the two times.

    The first fix in that time if it never was; `None` without any.
    """
    found: datetime | None = await _queries.last_moved(
        connection,
        mmsi=mmsi,
        lon=place[0],
        lat=place[1],
        reach_lon=reach_deg[0],
        reach_lat=reach_deg[1],
        earliest=between[0],
        until=between[1],
        untrusted=int(UNTRUSTED),
    )
    return found


async def hull_named(connection: Connection, name: str, at: datetime) -> Hull | None:
    """The one registered hull of this very name; `None` when there is none, or more than one."""
    rows = [row async for row in _queries.hulls_named(connection, name=name, at=at)]
    return Hull(**{field: rows[0][field] for field in _HULL}) if len(rows) == 1 else None


async def own_name(connection: Connection, mmsi: int) -> str | None:
    """The name that the vessel sends."""
    found: str | None = await _queries.own_name(connection, mmsi=mmsi)
    return found


async def match_of(connection: Connection, reading_id: UUID) -> tuple[Outcome, int | None] | None:
    """What stands as the match of a reading; `None` while there is none, and for one undone."""
    row = await _queries.match_of(connection, reading_id=reading_id)
    if row is None or row["undone_at"] is not None:
        return None
    return outcome_of(row["mmsi"], row["score"]), row["mmsi"]


async def latest_state(connection: Connection, mmsi: int) -> CarrierState | None:
    """The newest trusted fix of one vessel, and its confirmed district."""
    row = await _queries.latest_state(connection, mmsi=mmsi)
    return None if row is None else CarrierState(**row)


async def end_round(connection: Connection) -> None:
    """Note that a whole round has ended: the sign of life of the watch."""
    await _queries.end_round(connection)


async def is_watching(connection: Connection, age: timedelta) -> bool:
    """Whether a watch is connected to this database and ended a round within `age`."""
    found: bool = await _queries.is_watching(connection, application=APPLICATION, age=age)
    return found


async def stays(
    connection: Connection, mmsi: int, between: tuple[datetime, datetime], least: timedelta
) -> list[tuple[float, float, datetime]]:
    """Where (degrees) the vessel lay still for `least` between two times, and until when."""
    rows = _queries.stays(
        connection,
        mmsi=mmsi,
        since=between[0],
        until=between[1],
        least=least,
        still_kn=STILL_KN,
        untrusted=int(UNTRUSTED),
    )
    return [(row["lon"], row["lat"], row["until"]) async for row in rows]
