"""Checkpoint files: every fault by line and column, datums told and converted, and back again."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.checkpoint_csv import COLUMNS, read_checkpoints, write_checkpoints
from domain.checkpoint_fields import wrong_fields
from domain.checkpoints import Checkpoint, System
from domain.layers import Datum
from domain.tables import WrongTable
from layers.checkpoint_places import in_wgs84, misplaced
from layers.datum import from_wgs84
from layers.geography import Geography
from seed.checkpoints import checkpoints

HEADER = (
    "checkpoint_id,system,name,name_en,lon,lat,datum,bearing_deg,width_m,waterway,adcode,every_s"
)
GATE = "wj-01,wujiang,周庄卡口,Zhouzhuang gate,120.85128,31.10969,wgs84,279,160,急水港,320583,60"
POINT = Checkpoint(
    "wj-01", System.WUJIANG, "周庄卡口", "Zhouzhuang gate", 120.85128, 31.10969, 279.0, 160.0,
    "急水港", "320583", 60,
)  # fmt: skip


def points(*lines: str, datum: Datum | None = None) -> list[Checkpoint]:
    return in_wgs84(read_checkpoints("\n".join(lines).encode(), datum).rows)


def faults(*lines: str, datum: Datum | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(WrongTable) as refused:
        read_checkpoints("\n".join(lines).encode(), datum)
    return [(one.line, one.column, one.field) for one in refused.value.faults]


def test_what_excel_writes() -> None:
    assert points(HEADER, GATE) == [POINT]
    chinese = (
        "编号,所属系统,名称,英文名称,经度,纬度,坐标系,正向航向（度）,断面宽度（米）,航道,所在区县,备注\r\n"
        "wj-01,吴江,周庄卡口,Zhouzhuang gate,120.85128,31.10969,CGCS2000,279°,160米,急水港,"
        "昆山市,新装\r\n"
    )
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        read = read_checkpoints(chinese.encode(encoding))
        assert in_wgs84(read.rows) == [POINT]


# what is written in place of what, the column that is named, what was expected there
WRONG = [
    ("wj-01", "unknown", "checkpoint_id", "stands for no device"),
    ("wj-01", "x" * 61, "checkpoint_id", "1 to 60 printable"),
    ("wj-01", "wj\u202e01", "checkpoint_id", "one line of text"),
    ("wujiang", "吴中", "system", "one of wujiang 吴江, jiashan 嘉善"),
    ("周庄卡口", "", "name", "a value"),
    ("Zhouzhuang gate", "", "name_en", "a value"),
    ("120.85128", "31.10969", "lon", "degrees east from 116 to 124"),
    ("31.10969", "120.85128", "lat", "degrees north from 27 to 36"),
    ("31.10969", "N31", "lat", "a number"),
    ("wgs84", "utm", "datum", "one of wgs84 wgs-84, gcj02 gcj-02, bd09 bd-09"),
    ("279", "360", "bearing_deg", "from 0 to below 360"),
    ("279", "-90", "bearing_deg", "degrees from true north"),
    ("160", "0", "width_m", "metres from 5 to 2000"),
    ("急水港", "", "waterway", "a value"),
    ("320583", "3205", "adcode", "an adcode of 6 digits"),
    (",60", ",4", "every_s", "seconds from 5 to 86400"),
    (",60", ",1.5", "every_s", "whole seconds"),
]


@pytest.mark.parametrize(("right", "written", "column", "expected"), WRONG)
def test_a_wrong_cell_is_named(right: str, written: str, column: str, expected: str) -> None:
    with pytest.raises(WrongTable) as refused:
        read_checkpoints("\n".join([HEADER, "", GATE.replace(right, written, 1)]).encode())
    (fault,) = refused.value.faults
    assert (fault.line, fault.column, fault.field) == (3, column, column)
    assert expected in fault.expected


def test_all_faults_at_once_and_nothing_else() -> None:
    twice = GATE.replace("160", "wide")
    assert faults(HEADER, GATE, twice, GATE.replace("wj-01", "wj-02").replace("279", "999")) == [
        (3, "checkpoint_id", "checkpoint_id"),
        (3, "width_m", "width_m"),
        (4, "bearing_deg", "bearing_deg"),
    ]
    assert faults(HEADER) == [(1, "", "")]
    assert (1, "speed", "") in faults(HEADER + ",speed", GATE + ",4")


def test_degrees_without_a_datum_are_refused() -> None:
    silent = GATE.replace("wgs84", "")
    assert faults(HEADER, silent) == [(2, "datum", "datum")]
    header, line = HEADER.replace("datum,", ""), GATE.replace("wgs84,", "")
    assert faults(header, line) == [(1, "datum", "datum")]
    assert points(header, line, datum=Datum.WGS84) == [POINT]
    assert points(HEADER, silent, datum=Datum.WGS84) == [POINT]


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_pin_of_a_map_app_is_put_right(datum: Datum) -> None:
    lon, lat = from_wgs84([POINT.lon], [POINT.lat], datum)
    line = GATE.replace("120.85128", f"{lon[0]:.9f}").replace("31.10969", f"{lat[0]:.9f}")
    (said,) = points(HEADER, line.replace("wgs84", datum))
    assert math.hypot(said.lon - POINT.lon, said.lat - POINT.lat) < 1e-6
    assert replace(said, lon=POINT.lon, lat=POINT.lat) == POINT
    # the cell speaks for its row, whatever is said of the file
    assert points(HEADER, line.replace("wgs84", datum), datum=Datum.WGS84) == [said]


def test_where_the_map_is_of_another_mind() -> None:
    seen = read_checkpoints(write_checkpoints(checkpoints())).rows
    assert list(misplaced(seen, Geography.builtin())) == []
    inland = GATE.replace("31.10969", "31.05").replace("120.85128", "120.70")
    far = GATE.replace("31.10969", "35").replace("wj-01", "wj-02")
    rows = read_checkpoints("\n".join([HEADER, inland, far]).encode()).rows
    assert [(one.line, one.found) for one in misplaced(rows, Geography.builtin())] == [
        (2, "320509"),
        (3, None),
    ]
    elsewhere = read_checkpoints("\n".join([HEADER, far.replace("320583", "330100")]).encode())
    assert list(misplaced(elsewhere.rows, Geography.builtin())) == []


texts = st.text(
    st.characters(categories=("L", "N", "P", "S"), include_characters=" =+-@',\""),
    min_size=1,
    max_size=20,
).filter(lambda text: text == text.strip() and text.isprintable())
some = st.builds(
    Checkpoint,
    texts.filter(lambda text: text.lower() != "unknown"),
    st.sampled_from(System),
    texts,
    texts,
    st.floats(116, 124),
    st.floats(27, 36),
    st.floats(0, 360, exclude_max=True).map(lambda value: round(value, 6) % 360),
    st.floats(5, 2000),
    texts,
    st.sampled_from(["320509", "330421"]),
    st.integers(5, 86_400),
)


@settings(deadline=None)
@given(
    st.lists(some, min_size=1, max_size=3, unique_by=lambda one: one.checkpoint_id), st.booleans()
)
def test_what_is_written_is_read_back(entries: list[Checkpoint], chinese: bool) -> None:
    assert not [fault for one in entries for fault in wrong_fields(one)]
    read = read_checkpoints(write_checkpoints(entries, chinese))
    assert in_wgs84(read.rows) == entries
    assert {row.datum for row in read.rows} == {Datum.WGS84}


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(WrongTable):
        read_checkpoints(data)
    with pytest.raises(WrongTable):
        read_checkpoints(HEADER.encode() + b"\n" + data)


def test_every_header_means_one_column() -> None:
    headers = [name for column in COLUMNS for name in (column.field, *column.headers)]
    assert len({name.lower() for name in headers}) == len(headers)
