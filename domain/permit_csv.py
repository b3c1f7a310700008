"""The permit register as CSV: columns in English or Chinese, faults by line and column.

docs/permits.md lists the columns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import partial
from typing import Any, Final

from domain import cells
from domain.csv_table import Column, Row, Table, guarded, read_table, write_table
from domain.permit_fields import wrong_fields
from domain.permits import Permit, PermitRow, permit_id_of
from domain.tables import Fault, WrongTable

KIND_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "approval": ("转移审批", "审批"),
    "filing": ("利用备案", "备案"),
    "disposal": ("处置许可", "处置核准", "许可"),
}
PURPOSE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "storage": ("贮存", "储存"),
    "disposal": ("处置",),
    "utilisation": ("利用", "综合利用", "utilization"),
}
IGNORED: Final = (
    "序号",
    "备注",
    "船名",
    "承运单位",
    "承运单位名称",
    "note",
    "notes",
    "vessel",
    "carrier",
)
"""Columns that people keep for themselves."""

_same = str
_number = partial(
    Column,
    read=cells.number,
    write=cells.written_number,
    write_chinese=cells.written_number,
    needed=False,
)
_text = partial(Column, read=cells.line_of_text, write=guarded, write_chinese=guarded)
_place = partial(Column, read=cells.place, write=_same, write_chinese=_same, stand_in="31")
_day = partial(Column, read=cells.day, write=date.isoformat, write_chinese=date.isoformat)

COLUMNS: Final[tuple[Column, ...]] = (
    _text("number", ("编号", "证号", "文号", "批准文号", "许可编号", "备案编号"), stand_in="?"),
    Column(
        "kind",
        ("类型", "文书类型", "文件类型"),
        cells.word(KIND_WORDS),
        _same,
        cells.chinese(KIND_WORDS),
        stand_in="disposal",  # the kind that goes with every purpose
    ),
    Column(
        "purpose",
        ("用途", "转移目的", "处理方式"),
        cells.word(PURPOSE_WORDS),
        _same,
        cells.chinese(PURPOSE_WORDS),
    ),
    _text("holder", ("持有单位", "申请单位", "持证单位", "持有人"), stand_in="?"),
    _text("carrier_id", ("承运单位编号", "承运人编号"), needed=False, stand_in="?"),
    Column(
        "mmsi",
        ("船舶MMSI", "水上移动业务标识码"),
        cells.mmsi,
        _same,
        _same,
        needed=False,
        stand_in=1,
    ),
    _text("waste", ("固废种类", "废物种类", "固体废物种类"), stand_in="?"),
    _number("quantity_t", ("数量(吨)", "批准数量(吨)", "批准量(吨)", "数量"), stand_in=1.0),
    _number("used_t", ("已用数量(吨)", "已用(吨)", "已转移量(吨)"), stand_in=0.0),
    _place("from_adcode", ("转出地", "移出地")),
    _place("to_adcode", ("转入地", "移入地", "接收地")),
    Column(
        "via",
        ("途经", "途经地"),
        cells.places,
        cells.written_places,
        cells.written_places,
        needed=False,
        blank=(),
        stand_in=(),
    ),
    _day("first_day", ("有效期起", "起始日期", "有效期自"), stand_in=date.min),
    _day("last_day", ("有效期止", "截止日期", "有效期至"), stand_in=date.max),
)


@dataclass(frozen=True, slots=True)
class PermitFile:
    """A whole file without a fault."""

    rows: tuple[PermitRow, ...]
    table: Table

    def named(self, faults: Sequence[Fault]) -> WrongTable:
        """Faults that the register found, under the headers of this file."""
        return WrongTable(
            [
                self.table.fault(one.line, one.field or one.column, one.expected, one.got)
                for one in faults
            ]
        )


def read_permits(data: bytes) -> PermitFile:
    """Read and check a whole file. Raises `WrongTable` with all its faults."""
    table = read_table(data, COLUMNS, IGNORED)
    faults = list(table.faults)
    seen: dict[object, int] = {}
    rows: list[PermitRow] = []
    for row in table.rows:
        permit = _permit(row)
        faults += _across(row, permit, table)
        if row.wrong.isdisjoint({"kind", "number"}):
            first = seen.setdefault(permit.permit_id, row.line)
            if first != row.line:
                said = f"each paper once: it stands on line {first}, too"
                faults.append(table.fault(row.line, "number", said, permit.number))
        rows.append(PermitRow(row.line, permit, row.values["used_t"] is not None))
    if faults:
        raise WrongTable(faults)
    return PermitFile(tuple(rows), table)


def write_permits(permits: Iterable[Permit], chinese: bool = False) -> bytes:
    """The papers as a file that `read_permits` takes back unchanged."""
    rows = ({one.name: getattr(permit, one.name) for one in fields(permit)} for permit in permits)
    return write_table(COLUMNS, rows, chinese)


def _permit(row: Row) -> Permit:
    said: dict[str, Any] = dict(row.values)
    if "purpose" in row.wrong:
        said["purpose"] = "utilisation" if said["kind"] == "filing" else "disposal"
    said["used_t"] = said["used_t"] or 0.0
    return Permit(permit_id=permit_id_of(said["kind"], said["number"]), **said)


def _across(row: Row, permit: Permit, table: Table) -> list[Fault]:
    """What is wrong only in the light of the other cells."""
    found = []
    for fault in wrong_fields(permit):
        if fault.field in row.wrong:
            continue
        got = row.values[fault.field]
        expected = fault.expected.removeprefix("expected ")
        found.append(table.fault(row.line, fault.field, expected, "" if got is None else str(got)))
    return found
