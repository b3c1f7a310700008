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
from domain.tables import Fault, WrongTable
from layers.datum import Floats
from layers.detection import FixArrays

REQUIRED: Final = ("mmsi", "t", "lon", "lat")
CHUNK_ROWS: Final = 250_000

_LATEST_S: Final = 253_402_300_799.0  # the end of year 9999: later is not seconds
_SOG_UNKNOWN_KN: Final = 102.2  # above: AIS for "not available"
_SHOWN: Final = 60
_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class TrackFile:
    """All fixes of a file. `disordered`: rows that came before an earlier time of their vessel."""

    fixes: FixArrays
    disordered: int

    def sorted(self) -> FixArrays:
        """The fixes by vessel and time: a file is a record, its order says nothing."""
        return self.fixes.take(np.lexsort((self.fixes.t, self.fixes.mmsi)))


def read_tracks(stream: BinaryIO) -> TrackFile:
    """Read and check a whole file.

    Raises `WrongTable` naming line and field of the first fault and how many more there are, or
    `InvalidInput` for what is no such table at all.
    """
    faults = _Faults()
    try:
        fixes = FixArrays.joined(list(_parts(stream, faults)))
    except UnicodeDecodeError as fault:
        if not faults.count:
            raise InvalidInput("file", f"expected UTF-8 text ({fault.reason})") from None
    if faults.count:
        raise WrongTable(faults.first, faults.count - len(faults.first))
    by_vessel = np.argsort(fixes.mmsi, kind="stable")
    t, mmsi = fixes.t[by_vessel], fixes.mmsi[by_vessel]
    return TrackFile(fixes, int(np.count_nonzero((np.diff(t) < 0) & (np.diff(mmsi) == 0))))


class _Faults:
    """All faults counted, the first ones named: a file of another kind has millions."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[Fault] = []

    def add(self, found: Sequence[Fault], others: int = 0) -> None:
        """Faults in order, and how many more there are after them."""
        self.count += len(found) + others
        self.first = sorted([*self.first, *found])[:_NAMED]


def _parts(stream: BinaryIO, faults: _Faults) -> Iterator[FixArrays]:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    reader = csv.reader(text)
    error: Fault | None = None
    try:
        header = [name.strip().lower() for name in next(reader, [])]
    except csv.Error as fault:
        raise InvalidInput("line 1", f"expected CSV ({fault})") from None
    _check_columns(header)
    while error is None:
        before = reader.line_num
        rows: list[list[str]] = []
        try:
            rows.extend(islice(reader, CHUNK_ROWS))  # what came before an error stays
            if not rows:
                return
        except csv.Error as fault:
            error = Fault(reader.line_num, "", f"CSV ({fault})")
        lines = reader.line_num - before - (error is not None)
        if lines != len(rows):  # from there on nobody can tell the line
            whole = next((i for i, row in enumerate(rows) if _broken(row)), len(rows))
            error = Fault(before + 1 + whole, "", "no line breaks inside quotes")
            del rows[whole:]
        yield _fixes(header, rows, before + 1, faults)
        if error is not None:
            faults.add([error])


def _broken(row: Sequence[str]) -> bool:
    return any("\n" in text or "\r" in text for text in row)


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
    faults: _Faults

    def numbers(self, expected: str, low: float, high: float, *, whole: bool = False) -> Floats:
        """Every text as a number between `low` and `high`."""
        return self.parsed(float, expected, low, high, whole=whole)

    def parsed(
        self,
        parse: Callable[[str], float],
        expected: str,
        low: float,
        high: float,
        *,
        whole: bool = False,
    ) -> Floats:
        """What is none becomes a fault, and 0 in its place."""
        try:
            values = np.fromiter(map(parse, self.texts), np.float64, len(self.texts))
        except (ValueError, OverflowError):
            values = np.array([_attempt(parse, text) for text in self.texts])
        good = (values >= low) & (values <= high)
        if whole:
            good &= values == np.floor(values)
        wrong = np.flatnonzero(~good)
        named = [
            Fault(self.lines[i], self.field, expected, self.texts[i][:_SHOWN])
            for i in wrong[:_NAMED].tolist()
        ]
        self.faults.add(named, len(wrong) - len(named))
        return np.where(good, values, 0.0)


def _fixes(header: list[str], rows: list[list[str]], first_line: int, faults: _Faults) -> FixArrays:
    """The rows as fixes; those that are wrong are told in `faults`, and count no more."""
    width = len(header)
    short = [i for i, row in enumerate(rows) if row and len(row) != width]
    faults.add(
        [Fault(first_line + i, "", f"{width} fields", str(len(rows[i]))) for i in short[:_NAMED]],
        len(short[_NAMED:]),
    )
    kept = [i for i, row in enumerate(rows) if len(row) == width]
    if not kept:
        return FixArrays.joined([])
    lines = [first_line + i for i in kept]
    texts = zip(*(rows[i] for i in kept), strict=True)
    columns = {
        name: _Column(name, of_one, lines, faults)
        for name, of_one in zip(header, texts, strict=True)
    }
    mmsi = columns["mmsi"].numbers("a number of one to nine digits", 1, 999_999_999, whole=True)
    return FixArrays(
        mmsi=mmsi.astype(np.int64),
        t=_times(columns["t"]),
        lon=columns["lon"].numbers("degrees from -180 to 180", -180, 180),
        lat=columns["lat"].numbers("degrees from -90 to 90", -90, 90),
        sog=_speeds(columns.get("sog"), len(kept)),
    )


def _speeds(column: _Column | None, rows: int) -> NDArray[np.float32]:
    """Knots; an empty field, and AIS's value for it, is unknown."""
    if column is None:
        return np.full(rows, np.nan, dtype=np.float32)
    texts = [text or "1023" for text in column.texts]
    given = _Column(column.field, texts, column.lines, column.faults)
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
