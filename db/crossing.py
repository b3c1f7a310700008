"""Confirmed crossings in the store."""

from datetime import datetime

from db.catalog import load_queries
from db.pool import Connection
from domain.crossings import Crossing

_queries = load_queries("crossing")


async def add_crossing(connection: Connection, crossing: Crossing, recorded_at: datetime) -> bool:
    """Store one crossing; `False` when this very crossing is there already."""
    added = await _queries.add_crossing(
        connection,
        crossing_id=crossing.crossing_id,
        mmsi=crossing.mmsi,
        from_adcode=crossing.from_adcode,
        to_adcode=crossing.to_adcode,
        via=list(crossing.via),
        crossed_at=crossing.crossed_at,
        confirmed_at=crossing.confirmed_at,
        lon=crossing.lon,
        lat=crossing.lat,
        by=crossing.by,
        grazing=crossing.grazing,
        fix_before_at=crossing.fix_before_at,
        fix_after_at=crossing.fix_after_at,
        recorded_at=recorded_at,
    )
    return added is not None
