"""Everything an ingest leaves in the store that must not depend on how it was run."""

import hashlib
from typing import Any

import asyncpg

from db import event
from streams.ingest import Ingest
from streams.inputs import Input
from streams.settings import IngestSettings, StreamSettings

_QUERIES = {
    "positions": """select mmsi, t, payload_hash, lon, lat, sog_kn, cog_deg, heading_deg,
        nav_status, message_type, flags, feed_id from vessel_position order by 1, 2, 3""",
    "latest": """select mmsi, t, lon, lat, sog_kn, cog_deg, heading_deg, nav_status, message_type,
        flags, adcode, border_water, feed_id, station from vessel_latest order by 1""",
    "states": "select mmsi, t, district, state::text from vessel_state order by 1",
    "crossings": """select crossing_id, mmsi, from_adcode, to_adcode, via, crossed_at, confirmed_at,
        lon, lat, by, grazing, fix_before_at, fix_after_at from crossing order by 1""",
    "identities": """select mmsi, name, callsign, imo, eni, ship_type, inland_type, length_m,
        beam_m, draught_m, destination, hazard, loaded_raw, valid_from, valid_to,
        recorded_to = 'infinity' as known from vessel order by mmsi, recorded_from, valid_from""",
    "rejected": """select feed_id, source_offset, reason, detail, mmsi, raw
        from rejected_message order by source_offset, reason, raw""",
    "counts": """select feed_id, outcome, sum(n)::bigint as n from feed_count
        group by 1, 2 order by 1, 2""",
    "receivers": """select feed_id, station, sum(n)::bigint as n from receiver_minute
        group by 1, 2 order by 1, 2""",
    "cursors": "select feed_id, next_offset, pending from feed_cursor order by 1",
    "events": """select stream_kind, stream_id, seq, actor, kind, payload from event
        where stream_kind = 'vessel' order by 1, 2, 3""",
}


async def content(connection: asyncpg.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by table, without the moments at which they were recorded; the chains hold."""
    assert await event.verify_all(connection) == {}
    return {
        name: [tuple(row) for row in await connection.fetch(query)]
        for name, query in _QUERIES.items()
    }


def digest(rows: list[tuple[Any, ...]]) -> str:
    """A short name for rows, for a readable assertion."""
    return f"{len(rows)} rows {hashlib.sha256(repr(rows).encode()).hexdigest()[:12]}"


def digests(found: dict[str, list[tuple[Any, ...]]]) -> dict[str, str]:
    """`digest` of every table."""
    return {name: digest(rows) for name, rows in found.items()}


LONG_AGO = StreamSettings(retention_days=40_000)
"""Recordings of the tests have a fixed date."""


def ingest(url: str, *inputs: Input, batch: int = 2000, **settings: Any) -> Ingest:
    """An ingest of the tests' recordings."""
    return Ingest(
        url,
        inputs,
        streams=LONG_AGO,
        settings=IngestSettings(batch_messages=batch, **settings),
    )
