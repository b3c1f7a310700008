"""Fixes as PostgreSQL's binary COPY takes them: a batch is one array, and goes as bytes."""

import struct
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from domain.positions import UNTRUSTED

Rows = npt.NDArray[np.void]

_SIGNATURE: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL's
_MICROSECOND: Final = timedelta(microseconds=1)

_SHARED: Final = (
    ("mmsi", ">i8"),
    ("t", ">i8"),
    ("payload_hash", ">i8"),
    ("lon", ">f8"),
    ("lat", ">f8"),
    ("sog_kn", ">f4"),
    ("cog_deg", ">f4"),
    ("heading_deg", ">i2"),
    ("nav_status", ">i2"),
    ("message_type", ">i2"),
    ("flags", ">i2"),
)
"""What `vessel_position` and the staging table both begin with."""
_STAGED: Final = (*_SHARED, ("feed", ">i2"), ("district", ">i2"), ("border_water", ">i1"))

POSITION_COLUMNS: Final = (*(name for name, _ in _SHARED), "feed_id", "recorded_at")

_WIRE: Final = np.dtype(
    [("columns", ">i2")]
    + [part for name, kind in _STAGED for part in ((f"{name}_length", ">i4"), (name, kind))]
)
"""One staged row: every field preceded by its length in bytes."""


def _place(name: str) -> tuple[int, int]:
    """Where the value of a field begins in a row, and where it ends."""
    kind, begin = _WIRE.fields[name][:2]  # type: ignore[index]
    return begin, begin + kind.itemsize


_HEAD: Final = _place(_SHARED[-1][0])[1]
_COUNT: Final = np.frombuffer(struct.pack(">h", len(POSITION_COLUMNS)), np.uint8)


def batch_rows(count: int) -> Rows:
    """An empty batch of `count` rows to fill column by column.

    Fields: mmsi, t (µs since 2000, UTC: `set_times`), payload_hash, lon, lat (degrees), sog_kn,
    cog_deg (NaN: unknown), heading_deg, nav_status (-1: unknown), message_type, flags, feed and
    district (positions in the lists given beside the rows, from 1), border_water (0 or 1).
    """
    rows = np.zeros(count, dtype=_WIRE)
    rows["columns"] = len(_STAGED)
    for name, kind in _STAGED:
        rows[f"{name}_length"] = np.dtype(kind).itemsize
    return rows


def set_times(rows: Rows, epoch_s: npt.NDArray[np.float64]) -> None:
    """Fill `t` from seconds since 1970-01-01T00:00Z (whole microseconds are kept)."""
    rows["t"] = np.rint((epoch_s - _EPOCH.timestamp()) * 1e6).astype(np.int64)


def newest(rows: Rows) -> Rows:
    """The newest trusted row of each vessel, by MMSI; of two at one moment the later in arrival."""
    trusted = np.flatnonzero(rows["flags"] & int(UNTRUSTED) == 0)
    order = trusted[np.lexsort((rows["t"][trusted], rows["mmsi"][trusted]))]
    mmsi = rows["mmsi"][order]
    last = np.append(mmsi[1:] != mmsi[:-1], True)[: len(order)]
    found: Rows = rows[order[last]]
    return found


def staged_bytes(rows: Rows) -> AsyncIterator[bytes]:
    """A batch for the staging table, unknown as it stands in the rows: all of one length."""
    return _whole(_SIGNATURE + rows.tobytes() + _TRAILER)


def position_bytes(rows: Rows, feeds: Sequence[str], recorded_at: datetime) -> AsyncIterator[bytes]:
    """A batch for `POSITION_COLUMNS` of `vessel_position`; unknown is null. `feeds[0]` is feed 1.

    Rows are written at the length of the longest, and what is not said is cut out of them.
    """
    moment = (recorded_at - _EPOCH) // _MICROSECOND
    tails = [
        struct.pack(">i", len(name)) + name + struct.pack(">iq", 8, moment)
        for name in (feed.encode() for feed in feeds)
    ]
    lengths = np.array([len(tail) for tail in tails])
    longest = int(lengths.max(initial=0))
    padded = b"".join(tail.ljust(longest, b"\0") for tail in tails)
    feed = rows["feed"].astype(np.intp) - 1
    data = np.empty((len(rows), _HEAD + longest), np.uint8)
    data[:, :_HEAD] = np.frombuffer(rows.tobytes(), np.uint8).reshape(-1, _WIRE.itemsize)[:, :_HEAD]
    data[:, :2] = _COUNT
    data[:, _HEAD:] = np.frombuffer(padded, np.uint8).reshape(len(tails), longest)[feed]
    said = np.ones(data.shape, np.bool_)
    for name, unknown in (
        ("sog_kn", np.isnan(rows["sog_kn"])),
        ("cog_deg", np.isnan(rows["cog_deg"])),
        ("heading_deg", rows["heading_deg"] == -1),
        ("nav_status", rows["nav_status"] == -1),
    ):
        begin, end = _place(name)
        data[unknown, begin - 4 : begin] = 0xFF  # a length of -1 is null
        said[unknown, begin:end] = False
    if lengths.min(initial=longest) < longest:
        said[:, _HEAD:] = np.arange(longest) < lengths[feed][:, np.newaxis]
    return _whole(_SIGNATURE + data[said].tobytes() + _TRAILER)


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    """Bytes as the driver takes them at once: a file it would read in a thread of its own."""
    yield data
