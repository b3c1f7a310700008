"""CSV as people send it, out of Excel too: read to the cell, with every fault at once.

Encodings: UTF-8 with or without its mark, UTF-16 with it, and GB18030 as a Chinese Excel writes it.
Separators: comma, semicolon or tab, whichever the header uses. Headers may be English or Chinese.
"""

import codecs
import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.tables import Fault, WrongTable

LARGEST_FILE_BYTES: Final = 20_000_000
_SHOWN: Final = 60
_ACTIVE: Final = ("=", "+", "-", "@", "'")  # what Excel would take for a formula, and its guard
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class WrongCell(ValueError):
    """A cell is not what was expected; the message says what was."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it fills, its Chinese headers (the first is written), and its cells.

    `read` raises `WrongCell`. `needed`: the file must have it and every row must fill it; if not, a
    blank cell is `blank`. `stand_in` takes the place of a wrong cell in checks across columns.
    """

    field: str
    headers: tuple[str, ...]
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    write_chinese: Callable[[Any], str]
    needed: bool = True
    blank: Any = None
    stand_in: Any = None


@dataclass(frozen=True, slots=True)
class Row:
    """One record and the line on which it begins; `wrong` are the fields that could not be read."""

    line: int
    values: Mapping[str, Any]
    wrong: frozenset[str]


@dataclass(frozen=True, slots=True)
class Table:
    """All records of a file, and what is wrong in it. `headers`: field → its header there."""

    rows: tuple[Row, ...]
    headers: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, name: str, expected: str, got: str = "") -> Fault:
        """A fault of the field `name`, under the header that the file uses."""
        return Fault(line, self.headers.get(name, name), expected, got[:_SHOWN], name)


def read_table(data: bytes, columns: Sequence[Column], ignored: Sequence[str] = ()) -> Table:
    """Read a whole file. Raises `WrongTable` only where nothing can be read: no text, no header.

    `ignored` are headers that may stand there for people. Any other unknown one is a fault: a
    misspelt column would otherwise be one that is not there.
    """
    text = decoded(data)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    faults: list[Fault] = []
    records = _records(lines, faults)
    line, header = next(records, (1, []))
    if not any(name.strip() for name in header):
        raise WrongTable([Fault(1, "", f"a header: {','.join(c.field for c in columns)}")])
    places, unknown = _places(line, header, columns, ignored, faults)
    headers = {name: header[index].strip() for name, index in places.items()}
    width = max(index for index, name in enumerate(header) if name.strip()) + 1
    sheet = _Sheet(columns, places, headers, faults)
    rows = []
    for line, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) < width or any(cell.strip() for cell in cells[len(header) :]):
            faults.append(Fault(line, "", f"{width} cells, as in the header", str(len(cells))))
            continue
        faults += [
            Fault(line, f"column {index + 1}", "a header above it", cells[index][:_SHOWN])
            for index in unknown
            if index < len(cells) and cells[index].strip()
        ]
        rows.append(sheet.row(line, cells))
    return Table(tuple(rows), headers, faults)


def write_table(
    columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], chinese: bool = False
) -> bytes:
    """A file that Excel opens and `read_table` takes back: UTF-8 with its mark, CRLF.

    A text that Excel would take for a formula is guarded by an apostrophe, which `text_of` removes.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([column.headers[0] if chinese else column.field for column in columns])
    for row in rows:
        writer.writerow(
            [
                ""
                if row[column.field] is None
                else (column.write_chinese if chinese else column.write)(row[column.field])
                for column in columns
            ]
        )
    return stream.getvalue().encode("utf-8-sig")


def decoded(data: bytes) -> str:
    """The text of a file. Raises `WrongTable` naming the line where it stops being any."""
    if len(data) > LARGEST_FILE_BYTES:
        raise WrongTable([Fault(1, "", f"a file of at most {LARGEST_FILE_BYTES // 1_000_000} MB")])
    marked = [name for mark, name in _MARKS if data.startswith(mark)]
    for encoding in marked or ("utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as fault:
            line = fault.object[: fault.start].count(b"\n") + 1
            if encoding == "utf-8" and _damaged(data):
                break
    raise WrongTable([Fault(line, "", "text in UTF-8 or GB18030")])


def _damaged(data: bytes) -> bool:
    """Whether this is UTF-8 with a few wrong bytes: as GB18030 all of it would be read wrongly."""
    text = data.decode("utf-8", "replace")
    return sum(char > "\x7f" and char != "\ufffd" for char in text) > 4 * text.count("\ufffd")


def plain(text: str) -> str:
    """A cell without what a keyboard or Excel adds: outer spaces, wide digits, wide brackets."""
    return unicodedata.normalize("NFKC", text).strip()


def text_of(cell: str) -> str:
    """A text cell as it was meant: without outer spaces and without the guard against formulas."""
    said = cell.strip()
    return said[1:] if said.startswith("'") and said[1:2] in _ACTIVE else said


def guarded(text: str) -> str:
    """A text for a cell that Excel shall not take for a formula."""
    return "'" + text if text.startswith(_ACTIVE) else text


def _separator(text: str) -> str:
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=header.count)


def _records(lines: Any, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - csv's reader has no public name
    """The records and the line on which each begins; quotes may hold line breaks."""
    while True:
        begins = lines.line_num + 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(begins, "", f"CSV ({error})"))
            return  # where the next record begins nobody can say
        if cells:
            yield begins, cells


def _name(header: str) -> str:
    return "".join(plain(header).lower().split())


def _places(
    line: int,
    header: Sequence[str],
    columns: Sequence[Column],
    ignored: Sequence[str],
    faults: list[Fault],
) -> tuple[dict[str, int], list[int]]:
    """Field → index of its column; and the columns without a header, which have to be empty."""
    known = {_name(name): c.field for c in columns for name in (c.field, *c.headers)}
    passed_over = {_name(name) for name in ignored}
    places: dict[str, int] = {}
    unknown: list[int] = []
    for index, written in enumerate(header):
        name = known.get(_name(written))
        if not written.strip():
            unknown.append(index)
        elif name in places:
            faults.append(Fault(line, written.strip(), "each column once", written[:_SHOWN], name))
        elif name is not None:
            places[name] = index
        elif _name(written) not in passed_over:
            faults.append(Fault(line, written.strip()[:_SHOWN], "a column of this register"))
    faults += [
        Fault(line, column.field, f"a column {column.field} or {column.headers[0]}")
        for column in columns
        if column.needed and column.field not in places
    ]
    return places, unknown


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where the columns of one file stand."""

    columns: Sequence[Column]
    places: Mapping[str, int]
    headers: Mapping[str, str]
    faults: list[Fault]

    def row(self, line: int, cells: Sequence[str]) -> Row:
        """One record, its wrong cells told."""
        values: dict[str, Any] = {}
        wrong: set[str] = set()
        for column in self.columns:
            name = column.field
            cell = cells[self.places[name]].strip() if name in self.places else ""
            values[name] = column.blank
            if not cell and not column.needed:
                continue
            try:
                values[name] = _read(column, cell)
            except WrongCell as fault:
                values[name] = column.stand_in
                wrong.add(name)
                if name in self.places:  # a missing column is told once, at the header
                    self.faults.append(
                        Fault(line, self.headers[name], str(fault), cell[:_SHOWN], name)
                    )
        return Row(line, values, frozenset(wrong))


def _read(column: Column, cell: str) -> Any:  # noqa: ANN401 - what the column says
    if not cell:
        raise WrongCell("a value")
    return column.read(cell)
