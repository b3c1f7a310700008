"""Fixes of one vessel as one block of bytes, and back, every bit of every field.

Each column becomes whole numbers in its own unit (microdegrees, tenths of a knot, seconds), then
differences (of the order that is shortest), zigzag, varint (LEB128), deflate. A value that does not
come back bit by bit from its unit sends the whole column as its raw bits instead. The digests of
the payloads are noise and stand as they are.
"""

import zlib
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from domain.errors import WhistleError

FIX: Final = np.dtype(
    [
        ("t", "<i8"),
        ("payload_hash", "<i8"),
        ("lon", "<f8"),
        ("lat", "<f8"),
        ("sog_kn", "<f4"),
        ("cog_deg", "<f4"),
        ("heading_deg", "<i2"),
        ("nav_status", "<i2"),
        ("message_type", "<i2"),
        ("flags", "<i2"),
        ("feed", "<i2"),
        ("recorded_at", "<i8"),
    ]
)
"""A row of `vessel_position` without its MMSI: times in µs since 2000-01-01T00:00Z, unknown speed
and course NaN, unknown heading and status -1, the feed as its place in a list, from 0."""

_VERSION: Final = 1
_RAW: Final = 0xFF
_INTEGERS: Final = ("heading_deg", "nav_status", "message_type", "flags", "feed")
_DECIMALS: Final = {"lon": (6, 7), "lat": (6, 7), "sog_kn": (1,), "cog_deg": (1,)}
_UNITS: Final = (1, 1_000, 1_000_000)
_EXACT: Final = 2.0**53
_LONGEST: Final = 10

Rows = npt.NDArray[np.void]
Whole = npt.NDArray[np.int64]


class BadBlock(WhistleError):
    """The bytes are no block of fixes, or one of a later version of the program."""

    code = "block.unreadable"


class Fixes(NamedTuple):
    """Fixes of one vessel (`FIX`) and the names of the feeds that they speak of by place."""

    rows: Rows
    feeds: tuple[str, ...]


def canonical(fixes: Fixes) -> Fixes:
    """The same fixes in order of time and digest, with only the feeds they need, by name."""
    rows = fixes.rows[np.lexsort((fixes.rows["payload_hash"], fixes.rows["t"]))].copy()
    used = sorted({fixes.feeds[place] for place in np.unique(rows["feed"])})
    places = np.array([used.index(one) if one in used else -1 for one in fixes.feeds], dtype="<i2")
    if len(rows):
        rows["feed"] = places[rows["feed"]]
    return Fixes(rows, tuple(used))


def same(one: Fixes, other: Fixes) -> bool:
    """Whether both hold the same fixes, bit by bit, whatever their order."""
    one, other = canonical(one), canonical(other)
    return one.feeds == other.feeds and one.rows.tobytes() == other.rows.tobytes()


def encode(fixes: Fixes) -> bytes:
    """The fixes as a block; any order, also none at all."""
    rows, feeds = canonical(fixes)
    columns = [_times(rows["t"]), _times(rows["recorded_at"] - rows["t"])]
    columns += [_numbers(rows[name], places) for name, places in _DECIMALS.items()]
    columns += [_column(rows[name].astype(np.int64)) for name in _INTEGERS]
    names = [name.encode() for name in feeds]
    return b"".join(
        [
            bytes([_VERSION]),
            _varint(len(rows)),
            _varint(len(names)),
            *(_varint(len(name)) + name for name in names),
            *(_packed(column) for column in columns),
            np.ascontiguousarray(rows["payload_hash"]).tobytes(),
        ]
    )


def decode(data: bytes) -> Fixes:
    """The fixes of a block, in order of time and digest. Raises `BadBlock`."""
    try:
        return _decoded(_Reader(data))
    except (ArithmeticError, IndexError, ValueError, zlib.error) as error:
        raise BadBlock(f"not a block of fixes: {error}") from error


def _decoded(reader: "_Reader") -> Fixes:
    version = reader.take(1)[0]
    if version != _VERSION:
        raise BadBlock(f"a block of version {version}, here only {_VERSION} is known")
    count = reader.varint()
    feeds = tuple(reader.take(reader.varint()).decode() for _ in range(reader.varint()))
    if count * 8 > reader.left:
        raise ValueError("it ends too early")
    rows = np.zeros(count, dtype=FIX)
    rows["t"] = _whole(reader.packed(), count)
    rows["recorded_at"] = _whole(reader.packed(), count) + rows["t"]
    for name in _DECIMALS:
        rows[name] = _floats(reader.packed(), count, FIX[name])
    for name in _INTEGERS:
        rows[name] = _whole(reader.packed(), count)
    rows["payload_hash"] = np.frombuffer(reader.take(8 * count), dtype="<i8")
    reader.end()
    if count and not 0 <= rows["feed"].min() <= rows["feed"].max() < len(feeds):
        raise ValueError("a feed without a name")
    return Fixes(rows, feeds)


# ---- one column


def _times(values: Whole) -> bytes:
    unit = max(place for place, one in enumerate(_UNITS) if not np.any(values % one))
    return bytes([unit]) + _column(values // _UNITS[unit])


def _numbers(values: npt.NDArray[np.floating[Any]], places: tuple[int, ...]) -> bytes:
    """A float column by the first number of decimals that gives every bit back, else its bits."""
    unknown = np.isnan(values)
    for digits in places:
        with np.errstate(over="ignore"):
            scaled = values.astype(np.float64) * 10.0**digits
        if not np.all(unknown | (np.abs(scaled) < _EXACT)):
            continue
        whole = np.rint(np.where(unknown, 0.0, scaled)).astype(np.int64)
        if unknown.any():
            if whole.min() < 0:
                continue
            whole[unknown] = -1
        data = bytes([digits]) + _column(whole)
        if _floats(data, len(values), values.dtype).tobytes() == values.tobytes():
            return data
    bits = np.ascontiguousarray(values).view(f"<i{values.dtype.itemsize}").astype(np.int64)
    return bytes([_RAW]) + _column(bits)


def _floats(data: bytes, count: int, kind: np.dtype[Any]) -> npt.NDArray[np.floating[Any]]:
    if data[0] == _RAW:
        bits = _differences(data[1:], count).astype(f"<i{kind.itemsize}")
        return bits.view(kind)
    whole = _differences(data[1:], count)
    with np.errstate(over="ignore"):
        values = (whole / 10.0 ** data[0]).astype(kind)
    if data[0] <= 1:  # speeds and courses: -1 is unknown
        values[whole == -1] = np.nan
    return values


def _whole(data: bytes, count: int) -> Whole:
    """A column of whole numbers; times begin with their unit."""
    if len(data) and data[0] < len(_UNITS):
        return _differences(data[1:], count) * _UNITS[data[0]]
    return _differences(data, count)


def _column(values: Whole) -> bytes:
    """Differences of the order (0, 1, 2) with the fewest bytes, after the order itself."""
    tried: list[bytes] = []
    for order in range(3):
        tried.append(bytes([0x10 + order]) + _varints(_zigzag(values)))
        values = np.diff(values, prepend=np.int64(0))
    return min(tried, key=len)


def _differences(data: bytes, count: int) -> Whole:
    order = data[0] - 0x10
    if not 0 <= order < 3:
        raise ValueError(f"differences of order {order}")
    values = _unzigzag(_unvarints(data[1:], count))
    for _ in range(order):
        values = np.cumsum(values, dtype=np.int64)
    return values


# ---- zigzag, varint, deflate


def _zigzag(values: Whole) -> npt.NDArray[np.uint64]:
    return ((values << 1) ^ (values >> 63)).view(np.uint64)


def _unzigzag(values: npt.NDArray[np.uint64]) -> Whole:
    return (values >> np.uint64(1)).view(np.int64) ^ -(values & np.uint64(1)).view(np.int64)


def _varints(values: npt.NDArray[np.uint64]) -> bytes:
    lengths = np.ones(len(values), dtype=np.int64)
    for bits in range(7, 64, 7):
        lengths += values >= np.uint64(1 << bits)
    begins = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for number in range(int(lengths.max(initial=0))):
        there = lengths > number
        part = (values[there] >> np.uint64(7 * number)).astype(np.uint8) & 0x7F
        out[begins[there] + number] = part | ((lengths[there] > number + 1).astype(np.uint8) << 7)
    return out.tobytes()


def _unvarints(data: bytes, count: int) -> npt.NDArray[np.uint64]:
    found = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(found < 0x80)
    whole = len(ends) == count and (ends[-1] == len(found) - 1 if count else not len(found))
    if not whole:
        raise ValueError(f"{len(ends)} numbers instead of {count}")
    begins = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1] + 1])[:count]
    lengths = ends - begins + 1
    if lengths.max(initial=0) > _LONGEST:
        raise ValueError("a number of more than 64 bits")
    values = np.zeros(count, dtype=np.uint64)
    for number in range(int(lengths.max(initial=0))):
        there = lengths > number
        part = (found[begins[there] + number] & 0x7F).astype(np.uint64)
        values[there] |= part << np.uint64(7 * number)
    return values


def _varint(value: int) -> bytes:
    return _varints(np.array([value], dtype=np.uint64))


def _packed(column: bytes) -> bytes:
    """A column, deflated where that is shorter: its length times two, and whether."""
    deflated = zlib.compress(column, 9, wbits=-15)
    if len(deflated) < len(column):
        return _varint(len(deflated) * 2 + 1) + deflated
    return _varint(len(column) * 2) + column


class _Reader:
    """Takes a block apart from its beginning; `ValueError` where it ends too early or too late."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    @property
    def left(self) -> int:
        """Bytes not taken yet."""
        return len(self._data) - self._place

    def take(self, count: int) -> bytes:
        part = self._data[self._place : self._place + count]
        if len(part) != count:
            raise ValueError("it ends too early")
        self._place += count
        return part

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def packed(self) -> bytes:
        length = self.varint()
        part = self.take(length // 2)
        return zlib.decompress(part, wbits=-15) if length % 2 else part

    def end(self) -> None:
        if self._place != len(self._data):
            raise ValueError("it goes on behind its end")
