"""Where a vessel was, however long ago: rows of the days at hand and blocks of the old ones."""

from datetime import datetime
from typing import NamedTuple

import numpy as np

from db.block_codec import Fixes
from db.catalog import load_queries
from db.errors import mapped_errors
from db.pool import Connection
from db.position_block import moment, stored_blocks

_queries = load_queries("position_block")


class StoredPosition(NamedTuple):
    """A stored fix: UTC, degrees, knots; unknown is `None`. See `vessel_position`.

    `bound_m`: `None` while every fix of its day is kept; else so many metres at most lie between a
    fix that was left out and the straight way from kept to kept, walked evenly.
    """

    t: datetime
    payload_hash: int
    lon: float
    lat: float
    sog_kn: float | None
    cog_deg: float | None
    heading_deg: int | None
    nav_status: int | None
    message_type: int
    flags: int
    feed_id: str
    recorded_at: datetime
    bound_m: float | None = None


async def fixes_between(
    connection: Connection, mmsi: int, since: datetime, until: datetime
) -> list[StoredPosition]:
    """The fixes of a vessel between two times (both included), flagged ones too, in order of time.

    Rows are read before blocks, each statement with its own snapshot: a day that is compacted in
    between is seen twice, which the key mends, never missed. So do not call it in a transaction
    that is `repeatable read`. Raises `StoreError`.
    """
    async with mapped_errors():
        found = {
            (row["t"], row["payload_hash"]): StoredPosition(*row)
            async for row in _queries.rows_between(connection, mmsi=mmsi, since=since, until=until)
        }
        for bound_m, fixes in await stored_blocks(connection, mmsi, since, until):
            for one in positions_of(fixes, bound_m):
                if since <= one.t <= until:
                    found.setdefault((one.t, one.payload_hash), one)
    return [found[key] for key in sorted(found)]


def positions_of(fixes: Fixes, bound_m: float | None = None) -> list[StoredPosition]:
    """The fixes of a block as whoever reads rows knows them."""
    columns = {name: fixes.rows[name].tolist() for name in fixes.rows.dtype.names or ()}
    return [
        StoredPosition(
            t=moment(t),
            payload_hash=columns["payload_hash"][i],
            lon=columns["lon"][i],
            lat=columns["lat"][i],
            sog_kn=None if np.isnan(columns["sog_kn"][i]) else columns["sog_kn"][i],
            cog_deg=None if np.isnan(columns["cog_deg"][i]) else columns["cog_deg"][i],
            heading_deg=None if columns["heading_deg"][i] < 0 else columns["heading_deg"][i],
            nav_status=None if columns["nav_status"][i] < 0 else columns["nav_status"][i],
            message_type=columns["message_type"][i],
            flags=columns["flags"][i],
            feed_id=fixes.feeds[columns["feed"][i]],
            recorded_at=moment(columns["recorded_at"][i]),
            bound_m=bound_m,
        )
        for i, t in enumerate(columns["t"])
    ]
