"""Registers as CSV, with faults by line and column; here those of carriers, wharves and hulls.

docs/registers.md lists the columns. Those of people are in `domain/people_csv.py`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeVar

from domain import cells
from domain.csv_table import Column, Row, Table, guarded, read_table, write_table
from domain.errors import InvalidInput
from domain.registers import Carrier, Hull, Wharf, wrong_fields
from domain.tables import Fault, WrongTable

T = TypeVar("T")

WHARF_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "spoil_licensed": ("渣土码头",),
    "building_material": ("建材码头",),
    "other": ("其他", "其他码头"),
}
_IGNORED: Final = ("序号", "备注", "note", "notes")

_text = partial(Column, read=cells.line_of_text, write=guarded, write_chinese=guarded, stand_in="?")
_english = partial(_text, "name_en", ("英文名称",), needed=False, blank="")
_place = partial(Column, read=cells.place, write=str, write_chinese=str, stand_in="310118")
_number = partial(
    Column,
    read=cells.number,
    write=cells.written_number,
    write_chinese=cells.written_number,
    stand_in=1.0,
)


@dataclass(frozen=True, slots=True)
class RegisterTable(Generic[T]):
    """How one register stands in a file. `key` names an entry in it, `check` says what is wrong."""

    entry: type[T]
    key: str
    columns: tuple[Column, ...]
    check: Callable[[T], list[InvalidInput]]


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """A file that was read: its entries, and by their keys the lines on which they stand."""

    entries: Sequence[T]
    lines: Mapping[Any, int]
    table: Table

    def fault(self, key: object, field: str, expected: str, got: str = "") -> Fault:
        """What turned out to be wrong with an entry only when the store was asked."""
        return self.table.fault(self.lines[key], field, expected, got)


CARRIERS: Final = RegisterTable(
    Carrier,
    "carrier_id",
    (
        _text("carrier_id", ("承运单位编号", "编号")),
        _text("name", ("名称", "承运单位名称")),
        _english(),
        _place("home_adcode", ("注册地", "注册地代码")),
    ),
    wrong_fields,
)
WHARVES: Final = RegisterTable(
    Wharf,
    "wharf_id",
    (
        _text("wharf_id", ("码头编号", "编号")),
        _text("name", ("名称", "码头名称")),
        _english(),
        _place("adcode", ("所在区县", "区县代码")),
        _number("lon", ("经度",)),
        _number("lat", ("纬度",)),
        Column(
            "kind",
            ("类型", "码头类型"),
            cells.word(WHARF_WORDS),
            str,
            cells.chinese(WHARF_WORDS),
            stand_in="other",
        ),
    ),
    wrong_fields,
)
HULLS: Final = RegisterTable(
    Hull,
    "mmsi",
    (
        Column("mmsi", ("船舶MMSI", "水上移动业务标识码"), cells.mmsi, str, str, stand_in=1),
        _text("name", ("船名",)),
        _number("length_m", ("船长(米)", "总长(米)")),
        _number("beam_m", ("船宽(米)", "型宽(米)")),
        _number("capacity_t", ("载重吨", "载重(吨)")),
        _number("light_draught_m", ("空载吃水(米)",), needed=False),
        _number("laden_draught_m", ("满载吃水(米)",), needed=False),
        _text("carrier_id", ("承运单位编号",), needed=False),
        Column(
            "carries_spoil",
            ("运输渣土",),
            cells.yes_or_no,
            lambda value: "yes" if value else "no",
            lambda value: "是" if value else "否",
            needed=False,
            blank=False,
            stand_in=False,
        ),
    ),
    wrong_fields,
)


def read_entries(kind: RegisterTable[T], data: bytes) -> list[T]:
    """Read and check a whole file. Raises `WrongTable` with all its faults."""
    return list(read_sheet(kind, data).entries)


def read_sheet(kind: RegisterTable[T], data: bytes) -> Sheet[T]:
    """The same, and on which line each entry stands."""
    table = read_table(data, kind.columns, _IGNORED)
    faults = list(table.faults)
    seen: dict[object, int] = {}
    entries: list[T] = []
    for row in table.rows:
        entry = kind.entry(**row.values)
        faults += [
            table.fault(
                row.line,
                fault.field,
                fault.expected.removeprefix("expected "),
                _got(row, fault.field),
            )
            for fault in kind.check(entry)
            if fault.field not in row.wrong
        ]
        if kind.key not in row.wrong:
            faults += _twice(kind.key, row, table, seen)
        entries.append(entry)
    if faults:
        raise WrongTable(faults)
    return Sheet(entries, {row.values[kind.key]: row.line for row in table.rows}, table)


def write_entries(kind: RegisterTable[T], entries: Iterable[T], chinese: bool = False) -> bytes:
    """The entries as a file that `read_entries` takes back unchanged."""
    names = [column.field for column in kind.columns]
    rows = ({name: getattr(entry, name) for name in names} for entry in entries)
    return write_table(kind.columns, rows, chinese)


def _twice(key: str, row: Row, table: Table, seen: dict[object, int]) -> list[Fault]:
    first = seen.setdefault(row.values[key], row.line)
    if first == row.line:
        return []
    said = f"each entry once: it stands on line {first}, too"
    return [table.fault(row.line, key, said, str(row.values[key]))]


def _got(row: Row, field: str) -> str:
    value = row.values.get(field)
    return "" if value is None else str(value)
