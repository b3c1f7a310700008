"""Tracks from CSV: columns `mmsi,t,lon,lat[,sog,cog]` in any order, checked to the field.

`t` is ISO 8601 with an offset or epoch seconds; a time without an offset is refused, since nobody
can say which clock it was. Positions are WGS-84 degrees, `sog` knots. Other columns are ignored.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from domain.errors import InvalidInput
from layers.datum import Floats
from layers.detection import FixArrays

REQUIRED: Final = ("mmsi", "t", "lon", "lat")
CHUNK_ROWS: Final = 250_000

_LATEST_S: Final = 253_402_300_799.0  # the end of year 9999: later is not seconds
_SOG_UNKNOWN_KN: Final = 102.2  # above: AIS for "not available"
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class TrackFile:
    """All fixes of a file. `disordered`: rows that came before an earlier time of their vessel."""

    fixes: FixArrays
    disordered: int

    def sorted(self) -> FixArrays:
        """The fixes by vessel and time: a file is a record, its order says nothing."""
        return self.fixes.take(np.lexsort((self.fixes.t, self.fixes.mmsi)))


def read_tracks(stream: BinaryIO) -> TrackFile:
    """Read and check a whole file. Raises `InvalidInput` naming line and field."""
    try:
        fixes = FixArrays.joined(list(_parts(stream)))
    except UnicodeDecodeError as fault:
        raise InvalidInput("file", f"expected UTF-8 text ({fault.reason})") from None
    by_vessel = np.argsort(fixes.mmsi, kind="stable")
    t, mmsi = fixes.t[by_vessel], fixes.mmsi[by_vessel]
    return TrackFile(fixes, int(np.count_nonzero((np.diff(t) < 0) & (np.diff(mmsi) == 0))))


def _parts(stream: BinaryIO) -> Iterator[FixArrays]:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    reader = csv.reader(text)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _check_columns(header)
        while True:
            before = reader.line_num
            rows = list(islice(reader, CHUNK_ROWS))
            if not rows:
                return
            if reader.line_num - before != len(rows):
                raise InvalidInput(f"line {before + 1}", "expected no line breaks inside quotes")
            yield _fixes(header, rows, before + 1)
    except csv.Error as fault:
        raise InvalidInput(f"line {reader.line_num}", f"expected CSV ({fault})") from None


def _check_columns(header: list[str]) -> None:
    if not header:
        raise InvalidInput("line 1", f"expected the header {','.join(REQUIRED)}")
    for name in REQUIRED:
        if header.count(name) != 1:
            said = "column is missing" if name not in header else "column occurs twice"
            raise InvalidInput(f"line 1, {name}", said)


@dataclass(frozen=True, slots=True)
class _Column:
    """The texts of one field, with the line each stands on."""

    field: str
    texts: Sequence[str]
    lines: Sequence[int]

    def numbers(self, expected: str, low: float, high: float) -> Floats:
        """Every text as a number between `low` and `high`."""
        return self.parsed(float, expected, low, high)

    def parsed(
        self, parse: Callable[[str], float], expected: str, low: float, high: float
    ) -> Floats:
        try:
            values = np.fromiter(map(parse, self.texts), np.float64, len(self.texts))
        except (ValueError, OverflowError):
            values = np.array([_attempt(parse, text) for text in self.texts])
        good = (values >= low) & (values <= high)
        if not good.all():
            self.refuse(int(np.argmin(good)), expected)
        return values

    def refuse(self, index: int, expected: str) -> None:
        """Raise for one row."""
        got = self.texts[index][:_SHOWN]
        where = f"line {self.lines[index]}, {self.field}"
        raise InvalidInput(where, f"expected {expected}, got {got!r}")


def _fixes(header: list[str], rows: list[list[str]], first_line: int) -> FixArrays:
    lines = range(first_line, first_line + len(rows))
    if not all(rows):
        kept = [index for index, row in enumerate(rows) if row]
        rows, lines_kept = [rows[i] for i in kept], [lines[i] for i in kept]
    else:
        lines_kept = list(lines)
    for row, line in zip(rows, lines_kept, strict=True):
        if len(row) != len(header):
            raise InvalidInput(f"line {line}", f"expected {len(header)} fields, got {len(row)}")
    columns = {
        name: _Column(name, texts, lines_kept)
        for name, texts in zip(header, zip(*rows, strict=True), strict=rows != [])
    }
    if not columns:
        return FixArrays.joined([])
    nine_digits = "a number of one to nine digits"
    mmsi = columns["mmsi"].numbers(nine_digits, 1, 999_999_999)
    whole = mmsi == np.floor(mmsi)
    if not whole.all():
        columns["mmsi"].refuse(int(np.argmin(whole)), nine_digits)
    return FixArrays(
        mmsi=mmsi.astype(np.int64),
        t=_times(columns["t"]),
        lon=columns["lon"].numbers("degrees from -180 to 180", -180, 180),
        lat=columns["lat"].numbers("degrees from -90 to 90", -90, 90),
        sog=_speeds(columns.get("sog"), len(rows)),
    )


def _speeds(column: _Column | None, rows: int) -> NDArray[np.float32]:
    """Knots; an empty field, and AIS's value for it, is unknown."""
    if column is None:
        return np.full(rows, np.nan, dtype=np.float32)
    given = _Column(column.field, [text or "1023" for text in column.texts], column.lines)
    speeds = given.numbers("knots, 0 or more", 0, 1023)
    return np.where(speeds > _SOG_UNKNOWN_KN, np.nan, speeds).astype(np.float32)


def _times(column: _Column) -> Floats:
    """Epoch seconds of each row; ISO 8601 must carry its offset."""

    def parse(text: str) -> float:
        if text.count("-") < 2:
            return float(text)
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            raise ValueError(text)
        return moment.timestamp()

    expected = "ISO 8601 with its offset (Z or +08:00), or epoch seconds"
    return column.parsed(parse, expected, 0.0, _LATEST_S)


def _attempt(parse: Callable[[str], float], text: str) -> float:
    try:
        return parse(text)
    except (ValueError, OverflowError):
        return np.nan
