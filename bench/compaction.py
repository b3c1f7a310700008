"""Bytes per position as rows and as blocks, full and thinned, of a simulated day; worst errors."""

import os
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import asyncpg
import numpy as np
from numpy.typing import NDArray

from bench.table import Row
from commands.compact_positions import CompactDay, compact_day
from db.block_codec import Fixes, decode
from db.migrate import migrate
from db.pool import connect
from db.position_block import exact_windows, rows_of_day
from domain.clock import utc_now
from domain.positions import UNTRUSTED
from domain.thinning import Bound
from layers.detection import Detector, FixArrays
from layers.geography import Geography
from layers.replay import replay
from ops.cluster import Cluster
from seed.history import write_history
from seed.layers import load_builtin_layers
from streams.ingest import Ingest
from streams.inputs import Input
from streams.lifecycle import calm_collector
from streams.settings import IngestSettings
from streams.sources.file import FileSource

BARGES = int(os.environ.get("BENCH_COMPACTION_BARGES", "80"))
BOUNDS_M = (None, 5.0, 10.0, 20.0)
ABOUT = timedelta(minutes=30)
AIM = "≥ 8 x smaller"
_EARTH_M = 6_371_008.8
_EPOCH_S = 946_684_800

# a replay stores an hour within seconds: times of recording as a live feed of 4 batches a second
# has them, rows in the order in which they would have come
_AS_LIVE = """
create temp table heard as
select p.*, date_bin('250 ms', t + random() * interval '1.2 s', '2000-01-01') as batch
from vessel_position p;
truncate vessel_position;
insert into vessel_position
select mmsi, t, payload_hash, lon, lat, sog_kn, cog_deg, heading_deg, nav_status, message_type,
       flags, feed_id,
       batch + interval '300 ms' + (hashtext(batch::text) & 65535) * interval '1 us'
from heard order by batch, payload_hash;
drop table heard;
"""


class Sizes(NamedTuple):
    """Bytes on disk."""

    heap: int
    indexes: int
    toast: int

    @property
    def total(self) -> int:
        return sum(self)


async def measure() -> list[Row]:
    """One day of simulated barges through the real ingest, compacted in several ways."""
    calm_collector()
    with tempfile.TemporaryDirectory(prefix="whistle-bench-") as folder:
        Path(folder).chmod(0o755)  # noqa: ASYNC240 - the server of a root user runs as another
        cluster = Cluster(Path(folder))
        cluster.start()
        try:
            cluster.create_database("bench")
            return await _measure(cluster.url("bench"), Path(folder) / "day.nmea")
        finally:
            cluster.stop()


async def _measure(url: str, recording: Path) -> list[Row]:
    connection = await connect(url, statement_timeout_s=3600)
    try:
        await migrate(connection)
        await load_builtin_layers(connection)
        day = (utc_now() - timedelta(days=3)).date()
        await _hear(url, recording, day)
        await connection.execute(_AS_LIVE)
        await connection.execute("vacuum analyze vessel_position")
        sizes, rows = await _sizes(connection, f"vessel_position_{day:%Y%m%d}")
        count = await connection.fetchval("select count(*) from vessel_position")
        crossings = await connection.fetchval("select count(*) from crossing")
        each = rows.total / count
        print(f"{count} positions, {crossings} crossings, {sizes}")
        found = [
            Row(f"rows: {count:,} positions of {BARGES} barges in a day", each, "bytes/position"),
            Row("of it heap", rows.heap / count, "bytes/position"),
            Row("of it key and BRIN", rows.indexes / count, "bytes/position"),
        ]
        async with connection.transaction():
            full = {
                mmsi: fixes async for part in rows_of_day(connection, day) for mmsi, fixes in part
            }
        for metres in BOUNDS_M:
            found += await _compacted(connection, day, metres, full, each)
            await connection.execute("truncate position_block")
        return [*found, Row("crossings of the day, kept exact for 30 min about", crossings, "")]
    finally:
        await connection.close()


async def _hear(url: str, recording: Path, day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    write_history(
        recording, barges=BARGES, seed=3, until=int(midnight.timestamp()), duration_s=86_400
    )
    source = FileSource(recording, feed_id="ais")
    await Ingest(
        url, [Input(source, "file", None)], settings=IngestSettings(batch_messages=5000)
    ).run()


async def _sizes(connection: asyncpg.Connection, table: str) -> tuple[str, Sizes]:
    row = await connection.fetchrow(
        "select pg_relation_size($1::regclass) as heap, pg_indexes_size($1::regclass) as indexes,"
        " pg_table_size($1::regclass) - pg_relation_size($1::regclass) as toast",
        table,
    )
    return table, Sizes(row["heap"], row["indexes"], row["toast"])


async def _compacted(
    connection: asyncpg.Connection,
    day: date,
    metres: float | None,
    full: dict[int, Fixes],
    before: float,
) -> list[Row]:
    bound = None if metres is None else Bound(metres)
    transaction = connection.transaction()
    await transaction.start()
    try:
        start = time.perf_counter()
        done = await compact_day(connection, "bench", CompactDay(day, bound, ABOUT, utc_now()))
        spent = time.perf_counter() - start
        assert done is not None
        _, sizes = await _sizes(connection, "position_block")
        blocks = await connection.fetch("select mmsi, data from position_block")
        windows = await exact_windows(connection, day, ABOUT)
    finally:
        await transaction.rollback()  # the day is to be there again
    each = sizes.total / done.rows
    said = "blocks, every fix" if metres is None else f"blocks, thinned to {metres:g} m"
    rows = [
        Row(said, each, "bytes/position", f"{before / each:.1f} x smaller", AIM),
        Row("of it data", done.size / done.rows, "bytes/position"),
        Row("compacted and proved", done.rows / spent, "positions/s"),
    ]
    kept = {row["mmsi"]: decode(row["data"]) for row in blocks}
    if metres is None:
        assert all(kept[mmsi].rows.tobytes() == full[mmsi].rows.tobytes() for mmsi in full)
        return rows
    worst = [_errors(full[mmsi], kept[mmsi], windows.get(mmsi, [])) for mmsi in full]
    return [
        *rows,
        Row("fixes kept", 100 * done.fixes / done.rows, "%"),
        Row("worst error of place", max(m for m, _ in worst), "m", "", f"≤ {metres:g}"),
        Row("worst error of speed", max(k for _, k in worst), "kn", "", "≤ 0.5"),
        Row("crossings found again in them", 100 * _again(full, kept), "%"),
    ]


def _again(full: dict[int, Fixes], kept: dict[int, Fixes]) -> float:
    """Share of the crossings of the full tracks that the kept fixes give too, the very same."""
    every, left = _crossings(full), _crossings(kept)
    return len(every & left) / len(every)


def _crossings(tracks: dict[int, Fixes]) -> set[UUID]:
    trusted = {
        mmsi: fixes.rows[fixes.rows["flags"] & int(UNTRUSTED) == 0]
        for mmsi, fixes in tracks.items()
    }
    rows = np.concatenate(list(trusted.values()))
    arrays = FixArrays(
        mmsi=np.repeat(list(trusted), [len(one) for one in trusted.values()]),
        t=rows["t"] / 1e6 + _EPOCH_S,
        lon=rows["lon"],
        lat=rows["lat"],
        sog=rows["sog_kn"],
    )
    found = replay(Detector(Geography.builtin()), arrays).crossings
    return {crossing.crossing_id for crossing in found}


def _errors(full: Fixes, kept: Fixes, windows: list[tuple[float, float]]) -> tuple[float, float]:
    """Worst metres and knots over all trusted fixes; what must be exact is looked at bit by bit."""
    stay = {row.tobytes() for row in kept.rows}
    for row in full.rows:
        t = row["t"] / 1e6 + _EPOCH_S
        if row["flags"] or any(begin <= t <= end for begin, end in windows):
            assert row.tobytes() in stay
    track = kept.rows[kept.rows["flags"] & int(UNTRUSTED) == 0]
    every = full.rows[full.rows["flags"] & int(UNTRUSTED) == 0]
    if not len(every):
        return 0.0, 0.0
    told = {
        name: np.interp(every["t"], track["t"], track[name].astype(np.float64))
        for name in ("lon", "lat", "sog_kn")
    }
    metres = _way_m(told["lon"], told["lat"], every["lon"], every["lat"])
    known = ~np.isnan(every["sog_kn"]) & ~np.isnan(told["sog_kn"])
    knots = np.abs(told["sog_kn"] - every["sog_kn"])[known]
    return float(metres.max()), float(knots.max(initial=0.0))


def _way_m(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    lon_2: NDArray[np.float64],
    lat_2: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Great circle, metres."""
    lon, lat, lon_2, lat_2 = map(np.radians, (lon, lat, lon_2, lat_2))
    half = (
        np.sin((lat_2 - lat) / 2) ** 2
        + np.cos(lat) * np.cos(lat_2) * np.sin((lon_2 - lon) / 2) ** 2
    )
    way: NDArray[np.float64] = 2 * _EARTH_M * np.arcsin(np.sqrt(half))
    return way
