"""The registers of carriers, wharves and hulls as CSV, with faults by line and column.

docs/registers.md lists the columns.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import partial
from typing import Final, Generic, TypeVar

from domain import cells
from domain.csv_table import Column, Row, Table, guarded, read_table, write_table
from domain.registers import Carrier, Hull, Wharf, wrong_fields
from domain.tables import Fault, WrongTable

T = TypeVar("T", Carrier, Wharf, Hull)

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
    """How one register stands in a file. `key` names an entry in it."""

    entry: type[T]
    key: str
    columns: tuple[Column, ...]


CARRIERS: Final = RegisterTable(
    Carrier,
    "carrier_id",
    (
        _text("carrier_id", ("承运单位编号", "编号")),
        _text("name", ("名称", "承运单位名称")),
        _english(),
        _place("home_adcode", ("注册地", "注册地代码")),
    ),
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
)


def read_entries(kind: RegisterTable[T], data: bytes) -> list[T]:
    """Read and check a whole file. Raises `WrongTable` with all its faults."""
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
            for fault in wrong_fields(entry)
            if fault.field not in row.wrong
        ]
        if kind.key not in row.wrong:
            faults += _twice(kind.key, row, table, seen)
        entries.append(entry)
    if faults:
        raise WrongTable(faults)
    return entries


def write_entries(kind: RegisterTable[T], entries: Iterable[T], chinese: bool = False) -> bytes:
    """The entries as a file that `read_entries` takes back unchanged."""
    names = [one.name for one in fields(kind.entry)]
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
