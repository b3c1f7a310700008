"""Receivers in the store: who heard anybody in which minute, and who could have heard a vessel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from db.catalog import load_queries
from db.pool import Connection
from domain.silence import COMPANY, QUIET, Pipeline, Receiver, Silence, tell

_queries = load_queries("receiver")

HeardKey = tuple[str, str, datetime]
"""(feed_id, station, minute of arrival); the station is '' where the sentences name none."""

COMPANY_BACK: Final = timedelta(hours=1)
"""Who was heard so long before the silence tells which receivers there are."""
NEAR_DEG: Final = 0.03
"""About three kilometres: what a barge sails in the quarter of an hour that makes a silence."""


@dataclass(frozen=True, slots=True)
class LastFix:
    """The newest fix of a vessel: when, where (degrees), and by which receiver it was heard."""

    mmsi: int
    t: datetime
    lon: float
    lat: float
    feed_id: str | None
    station: str = ""

    @property
    def receiver(self) -> str | None:
        """The name of the receiver, if the fix tells."""
        return None if self.feed_id is None else receiver_name(self.feed_id, self.station)


def named(receiver: str) -> tuple[str, str]:
    """Feed and station of a receiver's name: the inverse of `receiver_name`."""
    feed_id, _, station = receiver.partition("/")
    return feed_id, station


def receiver_name(feed_id: str, station: str) -> str:
    """`ais/JINZE`; the feed alone where its sentences name no station."""
    return f"{feed_id}/{station}" if station else feed_id


async def add_heard(connection: Connection, heard: Mapping[HeardKey, int]) -> None:
    """Add to the fixes heard per receiver and minute, repeats too: they prove that it works."""
    if heard:
        await _queries.add_heard(
            connection,
            feed_ids=[key[0] for key in heard],
            stations=[key[1] for key in heard],
            minutes=[key[2] for key in heard],
            counts=list(heard.values()),
        )


async def last_fix(connection: Connection, mmsi: int) -> LastFix | None:
    """The newest trusted fix of a vessel; `None` if it was never heard."""
    row = await _queries.last_fix(connection, mmsi=mmsi)
    return None if row is None else LastFix(**row)


async def silence(connection: Connection, fix: LastFix, until: datetime) -> Silence:
    """Whose silence it is that began after this fix and lasted until then, by all that is stored.

    Some minutes more are looked at, if they are over: a receiver is known to be dead only then.
    """
    now = min(await _queries.read_clock(connection), until + QUIET + timedelta(minutes=1))
    rows = _queries.receivers_about(
        connection,
        mmsi=fix.mmsi,
        lon=fix.lon,
        lat=fix.lat,
        reach_deg=NEAR_DEG,
        since=fix.t - COMPANY_BACK,
    )
    home = (fix.feed_id, fix.station)
    company = {
        (row["feed_id"], row["station"]): row["company"]
        async for row in rows
        if row["near"] >= COMPANY or (row["feed_id"], row["station"]) == home
    }
    if fix.feed_id is not None:
        company.setdefault((fix.feed_id, fix.station), 0)
    found = _queries.minutes_heard(
        connection,
        feed_ids=[key[0] for key in company],
        stations=[key[1] for key in company],
        since=fix.t - COMPANY_BACK,
        until=max(now, until),
    )
    minutes = {(row["feed_id"], row["station"]): row["minutes"] async for row in found}
    receivers = [
        Receiver(receiver_name(*key), frozenset(minutes.get(key, ())), company[key])
        for key in sorted(company)
    ]
    pipeline = None if fix.feed_id is None else await _pipeline(connection, fix.feed_id)
    return tell(fix.t, max(now, until), fix.receiver, receivers, pipeline, until=until)


async def _pipeline(connection: Connection, feed_id: str) -> Pipeline | None:
    """How the feed's worker does; `None` for one that never was, or has ended for good."""
    row = await _queries.pipeline(connection, feed_id=feed_id)
    if row is None:
        return None
    behind = row["queued"] > 0 and row["last_sentence_at"] is not None
    return Pipeline(
        beat_at=row["recorded_at"],
        connected=row["connected"],
        last_at=row["last_sentence_at"],
        lag=row["recorded_at"] - row["last_sentence_at"] if behind else timedelta(),
    )
