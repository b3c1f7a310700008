"""Permit files: every way to write one, every fault by line and column, and back again."""

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.csv_table import LARGEST_FILE_BYTES, guarded, text_of
from domain.permit_csv import COLUMNS, KIND_WORDS, PURPOSE_WORDS, read_permits, write_permits
from domain.permits import PERMIT_KINDS, PURPOSES, TRANSFER, Permit, permit_id_of
from domain.place_names import DISTRICTS
from domain.tables import WrongTable
from domain.wastes import WORDS
from layers.sources import DISTRICT_NAMES

HEADER = (
    "number,kind,purpose,holder,carrier_id,mmsi,waste,quantity_t,used_t,"
    "from_adcode,to_adcode,via,first_day,last_day"
)
GOOD = (
    "A-1,approval,disposal,青溪建设,,413900001,渣土,5000,120.5,310118,3212,,2026-03-01,2026-08-31"
)
CHINESE = (
    "编号,类型,用途,持有单位,承运单位编号,船舶MMSI,固废种类,数量（吨）,已用数量（吨）,"
    "转出地,转入地,途经,有效期起,有效期止,备注"
)
CHINESE_GOOD = (
    'A-1,转移审批,处置,青溪建设,,413900001,渣土,"5,000",120.5,310118,3212,,'
    "2026/3/1,2026年8月31日,见附件"
)
PAPER = Permit(
    permit_id=permit_id_of("approval", "A-1"),
    number="A-1",
    kind="approval",
    purpose="disposal",
    holder="青溪建设",
    carrier_id=None,
    mmsi=413900001,
    waste="渣土",
    quantity_t=5000.0,
    used_t=120.5,
    from_adcode="310118",
    to_adcode="3212",
    first_day=date(2026, 3, 1),
    last_day=date(2026, 8, 31),
)


def read(*lines: str, encoding: str = "utf-8", end: str = "\r\n") -> Any:
    return read_permits(end.join([*lines, ""]).encode(encoding))


def faults(data: bytes) -> list[tuple[int, str]]:
    with pytest.raises(WrongTable) as refused:
        read_permits(data)
    assert list(refused.value.faults) == sorted(refused.value.faults)
    return [(one.line, one.column) for one in refused.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_excel_says_the_same(encoding: str, end: str, separator: str) -> None:
    for header, line in ((HEADER, GOOD), (CHINESE, CHINESE_GOOD.replace('"5,000"', "5000"))):
        said = [one.replace(",", separator) for one in (header, line)]
        file = read(*said, encoding=encoding, end=end)
        assert [(row.line, row.permit, row.used_said) for row in file.rows] == [(2, PAPER, True)]


def test_headers_of_both_languages_in_any_order() -> None:
    pairs = list(zip(HEADER.split(","), GOOD.split(","), strict=True))
    pairs[1] = ("类型", "转移审批")
    pairs[7] = (" Quantity_T ", "5,000")
    pairs.reverse()
    header = ",".join(name for name, _ in pairs)
    line = ",".join(f'"{cell}"' for _, cell in pairs)
    assert read(header, line).rows[0].permit == PAPER


@pytest.mark.parametrize(
    "written", ["2026-3-1", "2026/3/1", "2026/03/01", "2026.3.1", "2026年3月1日", "20260301",
                "２０２６－３－１", "'2026-03-01", "2026-03-01 00:00:00"]
)  # fmt: skip
def test_ways_to_write_a_day(written: str) -> None:
    assert read(HEADER, GOOD.replace("2026-03-01", written)).rows[0].permit == PAPER


@pytest.mark.parametrize(
    "written", ["5000", "5000.0", '"5,000"', "５０００", "5000吨", "5000 t", "'5000"]
)
def test_ways_to_write_a_quantity(written: str) -> None:
    assert read(HEADER, GOOD.replace("5000", written)).rows[0].permit == PAPER


def test_places_by_name_and_on_the_way() -> None:
    line = GOOD.replace("310118,3212,,", "上海市,江苏省,浙江、320509; 34,")
    permit = read(HEADER, line).rows[0].permit
    assert (permit.from_adcode, permit.to_adcode) == ("31", "32")
    assert permit.via == ("33", "320509", "34")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("青浦", "310118"),
        ("青浦区", "310118"),
        ("上海市青浦区", "310118"),
        ("吴江区", "320509"),
        ("吴江市", "320509"),
        ("江苏省苏州市吴江区", "320509"),
        ("苏州 吴江", "320509"),
        ("嘉善县", "330421"),
        ("浙江嘉善", "330421"),
        ("昆山市", "320583"),
        ("嘉兴市", "3304"),
        ("浙江省", "33"),
    ],
)
def test_places_as_officers_write_them(written: str, code: str) -> None:
    found = read(HEADER, GOOD.replace("310118,3212,,", f"{written},{written},,"))
    permit = found.rows[0].permit
    assert (permit.from_adcode, permit.to_adcode) == (code, code)
    for chinese in (False, True):  # written as the code, whatever it was read from
        assert f",{code},{code},".encode() in write_permits([permit], chinese)


def test_several_places_by_name() -> None:
    line = GOOD.replace("310118,3212,,", "青浦区,吴江区,嘉善县、秀洲 昆山市,")
    assert read(HEADER, line).rows[0].permit.via == ("330421", "330411", "320583")


@pytest.mark.parametrize(
    "written", ["上海市吴江区", "苏州市嘉善县", "青浦区区", "区", "青蒲", "杭州"]
)
def test_no_place_is_guessed(written: str) -> None:
    with pytest.raises(WrongTable) as refused:
        read(HEADER, GOOD.replace("310118,3212,,", f"{written},3212,,"))
    (fault,) = refused.value.faults
    assert (fault.field, fault.got) == ("from_adcode", written)


def test_every_district_of_the_map_has_its_name() -> None:
    assert {code: name for name, code in DISTRICTS.items()} == {
        code: zh for code, (zh, _) in DISTRICT_NAMES.items()
    }


def test_what_the_file_does_not_tell_of_use() -> None:
    blank = read(HEADER, GOOD.replace("120.5", "")).rows[0]
    header, line = HEADER.replace("used_t,", ""), GOOD.replace("120.5,", "")
    absent = read(header, line).rows[0]
    for row in (blank, absent):
        assert (row.used_said, row.permit.used_t) == (False, 0.0)


def test_empty_lines_and_empty_columns_of_excel() -> None:
    file = read("", HEADER + ",,", "," * 15, GOOD + ",,", "", GOOD.replace("A-1", "A-2"))
    assert [row.line for row in file.rows] == [4, 6]


def test_a_quoted_line_break_keeps_the_count() -> None:
    """The record that holds one is refused on the line where it begins; the next one counts on."""
    broken = GOOD.replace("青溪建设", '"青溪\n建设"')
    wrong = GOOD.replace("A-1", "A-2").replace("5000", "much")
    data = "\n".join([HEADER, broken, wrong]).encode()
    assert faults(data) == [(2, "holder"), (4, "quantity_t")]


# what is written in place of what, and the column that is named
WRONG = [
    ("A-1", "", "number"),
    ("A-1", "A\x0b1", "number"),
    ("A-1", "9" * 201, "number"),
    ("approval", "permission", "kind"),
    ("disposal", "dumping", "purpose"),
    ("disposal", "utilisation", "purpose"),
    ("青溪建设", "  ", "holder"),
    ("413900001", "4.14E+08", "mmsi"),
    ("413900001", "13900001", "mmsi"),
    ("413900001", "", "mmsi"),
    ("渣土", "", "waste"),
    ("5000", "-1", "quantity_t"),
    ("5000", "0", "quantity_t"),
    ("5000", "5E+03", "quantity_t"),
    ("5000", "nan", "quantity_t"),
    ("5000", '"5,00"', "quantity_t"),
    ("5000", "9" * 400, "quantity_t"),
    ("120.5", "some", "used_t"),
    ("310118", "青蒲", "from_adcode"),
    ("3212", "321", "to_adcode"),
    (",3212,,", ",3212,33 321,", "via"),
    ("2026-03-01", "2026-02-29", "first_day"),
    ("2026-03-01", "01/03/2026", "first_day"),
    ("2026-03-01", "0001-01-01", "first_day"),
    ("2026-08-31", "46265", "last_day"),
    ("2026-08-31", "2026-08-32", "last_day"),
    ("2026-08-31", "2026-02-28", "last_day"),
    ("2026-08-31", "9999-12-31", "last_day"),
    ("2026-08-31", "2026-08-31,x", ""),
    (",2026-08-31", "", ""),
]


@pytest.mark.parametrize(("right", "written", "column"), WRONG)
def test_what_is_wrong_is_named(right: str, written: str, column: str) -> None:
    line = GOOD.replace(right, written, 1).replace("A-1", "A-2")
    assert faults("\n".join([HEADER, GOOD, "", line, ""]).encode()) == [(4, column)]


def test_all_faults_at_once() -> None:
    """In every line, and every one of a line; also those that show only between two cells."""
    lines = [
        HEADER,
        "A-1,xx,disposal,h,,4.13E+08,spoil,1,,31,32,,2026-02-30,2026-13-01",
        GOOD,
        "B-1,filing,storage,h,,,spoil,-,,31,32,,2026-02-03,2026-01-01",
        GOOD,
    ]
    assert faults("\n".join(lines).encode()) == [
        (2, "first_day"),
        (2, "kind"),
        (2, "last_day"),
        (2, "mmsi"),
        (4, "last_day"),
        (4, "mmsi"),
        (4, "purpose"),
        (4, "quantity_t"),
        (5, "number"),
    ]


def test_the_column_is_named_as_the_file_names_it() -> None:
    line = CHINESE_GOOD.replace("渣土", "").replace("2026/3/1", "明天")
    with pytest.raises(WrongTable) as refused:
        read(CHINESE, line)
    told = [one.to_json() for one in refused.value.faults]
    assert [(one["line"], one["column"], one["field"]) for one in told] == [
        (2, "固废种类", "waste"),
        (2, "有效期起", "first_day"),
    ]
    assert told[1]["got"] == "明天"
    assert str(refused.value).startswith("line 2, 固废种类: expected a value")
    assert refused.value.field == "line 2, 固废种类"


def test_a_header_that_nobody_knows_is_a_fault() -> None:
    """A misspelt quantity would otherwise be a paper without a limit."""
    header = HEADER.replace("quantity_t", "quantiy_t")
    assert faults("\n".join([header, GOOD]).encode()) == [(1, "quantiy_t")]
    twice = HEADER + ",编号"
    assert faults("\n".join([twice, GOOD + ",1"]).encode()) == [(1, "编号")]
    assert faults("\n".join([HEADER + ",", GOOD + ",x"]).encode()) == [(2, "column 15")]
    short = "number,kind,mmsi"
    missing = ["first_day", "from_adcode", "holder", "last_day", "purpose", "to_adcode", "waste"]
    assert faults(f"{short}\nA,approval,x\n".encode()) == [
        *((1, name) for name in missing),
        (2, "mmsi"),
    ]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b"\n\n", 1),
        (b"\xff\xff\xff\n", 1),
        (("\n".join([HEADER, GOOD]) + "\n").encode() + b"\x81\x30", 3),
        (HEADER.encode() + b"\n" + GOOD.encode().replace("青".encode(), b"\xe9\x9d"), 2),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\nA,\xff\n", 2),
        (b"a," * (LARGEST_FILE_BYTES // 2 + 1), 1),
        (("\n".join([HEADER, 'A,"x"y,'])).encode(), 2),
        (("\n".join([HEADER, GOOD, 'A,"x'])).encode(), 3),
        (HEADER.encode() + b"\nA," + b"9" * 200_000, 2),
    ],
)
def test_what_cannot_be_read_names_its_line(data: bytes, line: int) -> None:
    assert faults(data)[0] == (line, "")


def test_a_wide_gb18030_file_is_no_damaged_utf8() -> None:
    many = [GOOD.replace("A-1", f"沪固转〔2026〕{n}号") for n in range(200)]
    file = read(HEADER, *many, encoding="gb18030")
    assert file.rows[-1].permit.number == "沪固转〔2026〕199号"


def test_a_fault_of_the_register_gets_the_files_own_header() -> None:
    file = read(CHINESE, CHINESE_GOOD)
    fault = file.table.fault(2, "number", "x")
    assert file.named([fault]).faults == (fault,)
    assert fault.column == "编号"


printable = st.text(
    st.characters(categories=("L", "N", "P", "S"), include_characters=" =+-@',\"\t"),
    min_size=1,
    max_size=30,
).filter(lambda text: text == text.strip() and text.isprintable())
whole = st.floats(0, 1e8, allow_subnormal=False)
codes = st.sampled_from(["31", "3212", "310118"])


@st.composite
def permits(draw: st.DrawFn) -> Permit:
    kind, number = draw(st.sampled_from(PERMIT_KINDS)), draw(printable)
    fitting = [p for p in PURPOSES if kind == "disposal" or TRANSFER[p] == kind]
    carrier = draw(st.none() | printable)
    first, last = sorted(draw(st.tuples(*[st.dates(date(1990, 1, 1), date(2199, 12, 31))] * 2)))
    mmsi = st.integers(100_000_000, 999_999_999)
    return Permit(
        permit_id=permit_id_of(kind, number),
        number=number,
        kind=kind,
        purpose=draw(st.sampled_from(fitting)),
        holder=draw(printable),
        carrier_id=carrier,
        mmsi=draw(mmsi if carrier is None else st.none() | mmsi),
        waste=draw(st.sampled_from([*WORDS, "河道淤泥", "=2+2"])),
        quantity_t=draw(st.none() | whole.filter(bool)),
        used_t=draw(whole),
        from_adcode=draw(codes),
        to_adcode=draw(codes),
        via=tuple(draw(st.lists(codes, max_size=3))),
        first_day=first,
        last_day=last,
    )


@settings(deadline=None)
@given(st.lists(permits(), max_size=4, unique_by=lambda one: one.permit_id), st.booleans())
def test_what_is_written_is_read_back(papers: list[Permit], chinese: bool) -> None:
    data = write_permits(papers, chinese)
    assert data.startswith(b"\xef\xbb\xbf")
    if papers:
        assert [row.permit for row in read_permits(data).rows] == papers


def test_no_cell_is_a_formula_for_excel() -> None:
    for text in ("=1+1", "+1", "-1", "@x", "'=1", "plain"):
        assert guarded(text)[0] not in "=+-@"
        assert text_of(guarded(text)) == text


def test_every_word_and_header_means_one_thing() -> None:
    headers = [name for column in COLUMNS for name in (column.field, *column.headers)]
    assert len({name.lower() for name in headers}) == len(headers)
    for words in (KIND_WORDS, PURPOSE_WORDS, WORDS):
        said = [word for code, all_said in words.items() for word in (code, *all_said)]
        assert len(set(said)) == len(said)


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for begin in (b"", HEADER.encode() + b"\n"):
        with suppress(WrongTable):
            read_permits(begin + data)
