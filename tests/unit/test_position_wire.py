"""A batch as bytes: read back as the server reads it, whatever is unknown; the newest of each."""

import asyncio
import struct
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.position_wire import POSITION_COLUMNS, Rows, batch_rows, newest, position_bytes, set_times
from domain.positions import FixFlag

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
FEEDS = ["a", "岸站", "a feed of a longer name"]
KINDS = "qqqddffhhhh"
"""Of the fields before the feed, as `struct` calls them."""

unknowns = st.tuples(
    st.just(np.nan) | st.floats(0, 102, width=32),
    st.just(np.nan) | st.floats(0, 359, width=32),
    st.just(-1) | st.integers(0, 359),
    st.just(-1) | st.integers(0, 15),
    st.integers(1, len(FEEDS)),
)
"""sog_kn, cog_deg, heading_deg, nav_status and the feed's place, as a row has them."""


def made(count: int) -> Rows:
    rows = batch_rows(count)
    rows["mmsi"], rows["payload_hash"] = 413_000_001, np.arange(count) - 1
    set_times(rows, NOON.timestamp() + np.arange(count, dtype=np.float64))
    rows["lon"], rows["lat"], rows["message_type"], rows["flags"] = 120.9, 31.0, 18, 3
    return rows


def sent(rows: Rows, recorded_at: datetime) -> bytes:
    async def all_of_it() -> bytes:
        return b"".join([part async for part in position_bytes(rows, FEEDS, recorded_at)])

    return asyncio.run(all_of_it())


def read_row(data: bytes, place: int) -> tuple[list[bytes | None], int]:
    """One row as the server reads it: its fields, and where the next begins."""
    (count,) = struct.unpack_from(">h", data, place)
    assert count == len(POSITION_COLUMNS)
    place += 2
    fields: list[bytes | None] = []
    for _ in range(count):
        (length,) = struct.unpack_from(">i", data, place)
        place += 4
        fields.append(None if length == -1 else data[place : place + length])
        place += max(length, 0)
    return fields, place


def value(kind: str, field: bytes | None) -> float | None:
    return None if field is None else struct.unpack(f">{kind}", field)[0]


@given(st.lists(unknowns, max_size=6))
@example([])
@settings(deadline=None)
def test_what_is_not_said_is_null_in_every_mixture(said: list[tuple[float, ...]]) -> None:
    rows = made(len(said))
    for n, name in enumerate(("sog_kn", "cog_deg", "heading_deg", "nav_status", "feed")):
        rows[name] = [row[n] for row in said]
    data = sent(rows, NOON + TICK)
    assert data[:19] == b"PGCOPY\n\xff\r\n\x00" + bytes(8)
    place = 19
    for n, (sog, cog, heading, status, feed) in enumerate(said):
        fields, place = read_row(data, place)
        t = (NOON + timedelta(seconds=n) - EPOCH) // TICK
        known = [
            None if one is None or one == -1 or one != one else one  # noqa: PLR0124 - NaN
            for one in (sog, cog, heading, status)
        ]
        assert [value(kind, field) for kind, field in zip(KINDS, fields[:11], strict=True)] == [
            413_000_001, t, n - 1, 120.9, 31.0, *known, 18, 3,
        ]  # fmt: skip
        assert fields[11] == FEEDS[int(feed) - 1].encode()
        assert value("q", fields[12]) == (NOON + TICK - EPOCH) // TICK
    assert data[place:] == b"\xff\xff"


heard = st.tuples(
    st.integers(1, 4), st.integers(0, 5), st.sampled_from([0, int(FixFlag.LATE), int(FixFlag.FAST)])
)


@given(st.lists(heard, max_size=12))
def test_the_newest_trusted_row_of_each_vessel(fixes: list[tuple[int, int, int]]) -> None:
    rows = made(len(fixes))
    rows["mmsi"] = [mmsi for mmsi, _, _ in fixes]
    set_times(rows, NOON.timestamp() + np.array([t for _, t, _ in fixes], dtype=np.float64))
    rows["flags"] = [flags for _, _, flags in fixes]
    expected: dict[int, tuple[int, int]] = {}
    for n, (mmsi, t, flags) in enumerate(fixes):
        if flags != FixFlag.LATE and (t, n) >= expected.get(mmsi, (-1, -1)):
            expected[mmsi] = (t, n)
    found = newest(rows)
    assert found["payload_hash"].tolist() == [n - 1 for _, (_, n) in sorted(expected.items())]
    assert found.dtype == rows.dtype
