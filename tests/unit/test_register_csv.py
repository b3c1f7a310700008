"""Register files: carriers, wharves and hulls, every fault by line and column, and back again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.register_csv import (
    CARRIERS,
    HULLS,
    WHARVES,
    RegisterTable,
    read_entries,
    write_entries,
)
from domain.registers import WHARF_KINDS, Carrier, Hull, Wharf
from domain.tables import WrongTable

HULL_HEADER = "mmsi,name,length_m,beam_m,capacity_t,light_draught_m,laden_draught_m,carrier_id"
HULL = "413900001,云帆001,48,10.2,1000,0.8,2.6,c-yun"
WHARF_HEADER, WHARF = (
    "wharf_id,name,adcode,lon,lat,kind",
    "w-1,试验码头,310118,120.95,31.05,spoil_licensed",
)


def faults(kind: RegisterTable[Any], *lines: str) -> list[tuple[int, str]]:
    with pytest.raises(WrongTable) as refused:
        read_entries(kind, "\n".join(lines).encode())
    return [(one.line, one.column) for one in refused.value.faults]


def test_what_excel_writes_in_chinese() -> None:
    hull = (
        "船舶MMSI,船名,船长（米）,船宽（米）,载重吨,运输渣土,备注\r\n"
        '413900001,云帆001,48,10.2,"1,000",是,去年检\r\n'
    )
    expected = Hull(413900001, "云帆001", 48.0, 10.2, 1000.0, carries_spoil=True)
    for encoding in ("utf-8-sig", "gb18030"):
        assert read_entries(HULLS, hull.encode(encoding)) == [expected]
    wharf = "码头编号,码头名称,所在区县,经度,纬度,类型\nw-1,试验码头,310118,120.95,31.05,渣土码头\n"
    assert read_entries(WHARVES, wharf.encode()) == [
        Wharf("w-1", "试验码头", "", "310118", 120.95, 31.05, "spoil_licensed")
    ]
    carrier = "承运单位编号,承运单位名称,英文名称,注册地\nc-yun,云帆水运,Yunfan,江苏省\n"
    assert read_entries(CARRIERS, carrier.encode()) == [
        Carrier("c-yun", "云帆水运", "Yunfan", "32")
    ]


# what is written in place of what, and the column that is named
WRONG_HULLS = [
    ("413900001", "4.14E+08", "mmsi"),
    ("云帆001", "", "name"),
    ("48", "819", "length_m"),
    ("48", "", "length_m"),
    ("10.2", "wide", "beam_m"),
    ("1000", "0", "capacity_t"),
    ("2.6", "0.7", "laden_draught_m"),
    ("0.8", "25", "light_draught_m"),
]


@pytest.mark.parametrize(("right", "written", "column"), WRONG_HULLS)
def test_a_wrong_hull_is_named(right: str, written: str, column: str) -> None:
    found = faults(HULLS, HULL_HEADER, "", HULL.replace(right, written, 1))
    assert (3, column) in found
    assert {line for line, _ in found} == {3}


def test_all_faults_at_once() -> None:
    wrong = [
        "w-1,试验码头,3101,220,31.05,dump",
        WHARF,
        WHARF.replace("120.95", "-120.95"),
    ]
    assert faults(WHARVES, WHARF_HEADER, *wrong) == [
        (2, "adcode"),
        (2, "kind"),
        (2, "lon"),
        (3, "wharf_id"),
        (4, "lon"),
        (4, "wharf_id"),
    ]
    assert faults(CARRIERS, "carrier_id,name,home", "c,甲,31") == [(1, "home"), (1, "home_adcode")]


texts = st.text(
    st.characters(categories=("L", "N", "P", "S"), include_characters=" =+-@',\""),
    min_size=1,
    max_size=20,
).filter(lambda text: text == text.strip() and text.isprintable())
carriers = st.builds(Carrier, texts, texts, st.just("") | texts, st.sampled_from(["31", "320509"]))
wharves = st.builds(
    Wharf,
    texts,
    texts,
    st.just("") | texts,
    st.just("310118"),
    st.floats(0, 180),
    st.floats(0, 90),
    st.sampled_from(WHARF_KINDS),
)
hulls = st.builds(
    Hull,
    st.integers(100_000_000, 999_999_999),
    texts,
    st.floats(1, 399),
    st.floats(1, 79),
    st.floats(1, 99_999),
    st.none() | st.floats(0.1, 1),
    st.none() | st.floats(1.1, 19),
    st.none() | texts,
    st.booleans(),
)


@settings(deadline=None)
@given(
    st.one_of(
        st.tuples(st.just(CARRIERS), st.lists(carriers, max_size=3)),
        st.tuples(st.just(WHARVES), st.lists(wharves, max_size=3)),
        st.tuples(st.just(HULLS), st.lists(hulls, max_size=3)),
    ),
    st.booleans(),
)
def test_what_is_written_is_read_back(case: Any, chinese: bool) -> None:
    kind, entries = case
    entries = list({getattr(one, kind.key): one for one in entries}.values())
    assert read_entries(kind, write_entries(kind, entries, chinese)) == entries


@pytest.mark.parametrize("kind", [CARRIERS, WHARVES, HULLS])
def test_every_header_means_one_column(kind: RegisterTable[Any]) -> None:
    headers = [name for column in kind.columns for name in (column.field, *column.headers)]
    assert len({name.lower() for name in headers}) == len(headers)
