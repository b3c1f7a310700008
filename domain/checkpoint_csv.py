"""Checkpoints as CSV: columns in English or Chinese, degrees of a stated datum, faults by line.

docs/checkpoints.md lists the columns.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

from domain import cells
from domain.checkpoint_fields import wrong_fields
from domain.checkpoints import Checkpoint, System
from domain.csv_table import Column, Row, Table, WrongCell, guarded, plain, read_table, write_table
from domain.layers import Datum
from domain.tables import Fault, WrongTable

SYSTEM_WORDS: Final[dict[str, tuple[str, ...]]] = {
    System.WUJIANG: ("吴江", "智慧监管卡口", "吴江智慧监管卡口"),
    System.JIASHAN: ("嘉善", "水网睿控", "嘉善水网睿控", "水网睿控系统"),
}
DATUM_WORDS: Final[dict[str, tuple[str, ...]]] = {
    Datum.WGS84: ("wgs-84", "cgcs2000", "国家大地坐标系", "gps"),
    Datum.GCJ02: ("gcj-02", "火星坐标", "高德", "腾讯", "微信"),
    Datum.BD09: ("bd-09", "百度"),
}
"""CGCS2000 equals WGS-84 for our purpose."""

_USUAL_EVERY_S: Final = 60
_IGNORED: Final = ("序号", "备注", "note", "notes")
_DATUM_EXPECTED: Final = (
    "the datum of the degrees, said in this column or for the whole file: wgs84, gcj02 (AMap, "
    "Tencent, WeChat) or bd09 (Baidu)"
)


def _bearing(cell: str) -> float:
    """Degrees from true north: `270`, `270.5°`."""
    said = plain(cell).removeprefix("'").rstrip("°度").strip()
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", said, re.ASCII):
        raise WrongCell("degrees from true north, as 270 or 270.5")
    return float(said)


def _seconds(cell: str) -> int:
    """Whole seconds: `60`, `60秒`."""
    said = plain(cell).removeprefix("'").rstrip("s秒").strip()
    if not re.fullmatch(r"\d{1,9}", said, re.ASCII):
        raise WrongCell("whole seconds, as 60")
    return int(said)


_text = partial(Column, read=cells.line_of_text, write=guarded, write_chinese=guarded, stand_in="?")
_number = partial(
    Column, read=cells.number, write=cells.written_number, write_chinese=cells.written_number
)

COLUMNS: Final = (
    _text("checkpoint_id", ("卡口编号", "编号", "点位编号")),
    Column(
        "system",
        ("所属系统", "系统"),
        cells.word(SYSTEM_WORDS),
        str,
        cells.chinese(SYSTEM_WORDS),
        stand_in=System.WUJIANG,
    ),
    _text("name", ("名称", "卡口名称", "点位名称")),
    _text("name_en", ("英文名称",)),
    _number("lon", ("经度",), stand_in=120.9),
    _number("lat", ("纬度",), stand_in=31.0),
    Column(
        "datum",
        ("坐标系", "坐标基准"),
        cells.word(DATUM_WORDS),
        str,
        cells.chinese(DATUM_WORDS),
        needed=False,
        stand_in=Datum.WGS84,
    ),
    Column(
        "bearing_deg",
        ("正向航向(度)", "正向航向", "航向(度)"),
        _bearing,
        cells.written_number,
        cells.written_number,
        stand_in=0.0,
    ),
    _number("width_m", ("断面宽度(米)", "航道宽度(米)"), stand_in=100.0),
    _text("waterway", ("航道", "河道")),
    Column("adcode", ("所在区县", "区县代码"), cells.place, str, str, stand_in="310118"),
    Column(
        "every_s",
        ("心跳间隔(秒)", "心跳间隔"),
        _seconds,
        str,
        str,
        needed=False,
        blank=_USUAL_EVERY_S,
        stand_in=_USUAL_EVERY_S,
    ),
)


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """One point as a file has it: its degrees are of `datum`."""

    line: int
    checkpoint: Checkpoint
    datum: Datum


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """A whole file without a fault."""

    rows: tuple[CheckpointRow, ...]
    table: Table

    def named(self, field: str, expected: dict[str, str]) -> WrongTable:
        """Faults that the register found: id → what `field` should say, at the lines of the ids."""
        return WrongTable(
            [
                self.table.fault(
                    row.line,
                    field,
                    expected[row.checkpoint.checkpoint_id],
                    str(getattr(row.checkpoint, field)),
                )
                for row in self.rows
                if row.checkpoint.checkpoint_id in expected
            ]
        )


def read_checkpoints(data: bytes, datum: Datum | None = None) -> CheckpointFile:
    """Read and check a whole file. Raises `WrongTable` with all its faults.

    `datum` holds for rows whose own cell says nothing; where both are silent the row is refused,
    for GCJ-02 taken as WGS-84 puts a gate 480 m off.
    """
    table = read_table(data, COLUMNS, _IGNORED)
    faults = list(table.faults)
    if datum is None and "datum" not in table.headers:
        faults.append(Fault(1, "datum", _DATUM_EXPECTED, field="datum"))
    seen: dict[str, int] = {}
    rows: list[CheckpointRow] = []
    for row in table.rows:
        said = dict(row.values)
        own = said.pop("datum") or datum
        if own is None and "datum" in table.headers:
            faults.append(table.fault(row.line, "datum", _DATUM_EXPECTED))
        said["system"] = System(said["system"])
        point = Checkpoint(**said)
        faults += _across(row, point, table)
        if "checkpoint_id" not in row.wrong:
            first = seen.setdefault(point.checkpoint_id, row.line)
            if first != row.line:
                expected = f"each point once: it stands on line {first}, too"
                faults.append(table.fault(row.line, "checkpoint_id", expected, point.checkpoint_id))
        rows.append(CheckpointRow(row.line, point, Datum(own or Datum.WGS84)))
    if not rows and not faults:
        faults.append(Fault(1, "", "a point below the header"))
    if faults:
        raise WrongTable(faults)
    return CheckpointFile(tuple(rows), table)


def write_checkpoints(points: Iterable[Checkpoint], chinese: bool = False) -> bytes:
    """The points, in WGS-84, as a file that `read_checkpoints` takes back unchanged."""
    rows: Sequence[dict[str, Any]] = [{**asdict(one), "datum": Datum.WGS84} for one in points]
    return write_table(COLUMNS, rows, chinese)


def _across(row: Row, point: Checkpoint, table: Table) -> list[Fault]:
    """What each cell can be read as and yet cannot be."""
    return [
        table.fault(
            row.line,
            fault.field,
            fault.expected.removeprefix("expected "),
            str(row.values[fault.field]),
        )
        for fault in wrong_fields(point)
        if fault.field not in row.wrong
    ]
