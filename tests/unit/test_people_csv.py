"""Files of authorities, officers, contacts and shifts: faults by line, masks, and back again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import cells
from domain.authorities import Authority, Department, Level
from domain.contacts import Contact, ContactKind
from domain.csv_table import WrongCell
from domain.officers import Officer
from domain.people_csv import (
    AUTHORITIES,
    CONTACTS,
    DEPARTMENT_WORDS,
    KIND_WORDS,
    LEVEL_WORDS,
    MASKS,
    OFFICERS,
    PLACE_WORDS,
    SHIFTS,
)
from domain.register_csv import RegisterTable, read_entries, read_sheet, write_entries
from domain.rota import LONGEST_SHIFT, Place, Shift
from domain.tables import WrongTable

ROBOT = "https://robot.example/send?key=1"


def faults(kind: RegisterTable[Any], *lines: str) -> list[tuple[int, str]]:
    with pytest.raises(WrongTable) as refused:
        read_entries(kind, "\n".join(lines).encode())
    return [(one.line, one.column) for one in refused.value.faults]


def test_what_offices_write() -> None:
    offices = (
        "部门编号,名称,层级,辖区,条线,替补部门,备注\r\n"
        "ks-env,昆山试验局,区县,昆山市,生态环境,ks-urban、zone,新\r\n"
        "zone,协调联络组,协调联络组,青浦区,协调联络组,,\r\n"
    )
    people = "人员编号,姓名,所属单位,借调单位,手机\r\no-1,申一,ks-env,zone,１００-0000 0001\r\n"
    ways = f"渠道编号,部门编号,渠道,地址,核实时间\r\nc-1,ks-env,企业微信,{ROBOT},昨天\r\n"
    rota = (
        "班次编号,部门编号,人员编号,开始时间,结束时间,班位\r\n"
        "s-1,ks-env,o-1,2026/3/1 8:30,2026年3月1日24:00,带班\r\n"
        "s-2,ks-env,o-1,2026-03-01T08:30:00+09:00,2026-03-01 20:30,\r\n"
    )
    for encoding in ("utf-8-sig", "gb18030"):
        assert read_entries(AUTHORITIES, offices.encode(encoding)) == [
            Authority(
                "ks-env", "昆山试验局", "", Level.DISTRICT, "320583", Department.ENVIRONMENT,
                ("ks-urban", "zone"),
            ),
            Authority("zone", "协调联络组", "", Level.GROUP, "310118", Department.COORDINATION),
        ]  # fmt: skip
        assert read_entries(OFFICERS, people.encode(encoding)) == [
            Officer("o-1", "申一", "ks-env", "zone", "10000000001")
        ]
        assert read_entries(CONTACTS, ways.encode(encoding)) == [
            Contact("c-1", "ks-env", None, ContactKind.WECOM, ROBOT)
        ]
        head, duty = read_entries(SHIFTS, rota.encode(encoding))
        day = datetime(2026, 3, 1, tzinfo=UTC)
        assert (head.starts_at, head.ends_at) == (
            day + timedelta(minutes=30),
            day + timedelta(hours=16),
        )
        assert (duty.starts_at, duty.place) == (day - timedelta(minutes=30), Place.DUTY)
        assert head.place is Place.HEAD


AUTHORITY_HEADER = "authority_id,name,level,adcode,department,substitutes"
OFFICER_HEADER = "officer_id,name,home_authority,seconded_to,phone"
CONTACT_HEADER = "contact_id,authority_id,kind,address,secret"
SHIFT_HEADER = "shift_id,authority_id,officer_id,starts_at,ends_at,place"
WRONG = [
    (AUTHORITIES, AUTHORITY_HEADER, "a,甲,town,310118,environment,", "level"),
    (AUTHORITIES, AUTHORITY_HEADER, "a,甲,district,3101,environment,", "adcode"),
    (AUTHORITIES, AUTHORITY_HEADER, "a,甲,district,310118,tax,", "department"),
    (AUTHORITIES, AUTHORITY_HEADER, "a,甲,district,310118,environment,b a", "substitutes"),
    (AUTHORITIES, AUTHORITY_HEADER, "a b,甲,district,310118,environment,", "authority_id"),
    (OFFICERS, OFFICER_HEADER, "o,申,a,a,", "seconded_to"),
    (OFFICERS, OFFICER_HEADER, "o,申,a,,138****1234", "phone"),
    (OFFICERS, OFFICER_HEADER, "o,申,a,,1.38E+10", "phone"),
    (OFFICERS, OFFICER_HEADER, "o,,a,,", "name"),
    (CONTACTS, CONTACT_HEADER, "c,a,pigeon,home,", "kind"),
    (CONTACTS, CONTACT_HEADER, "c,a,smtp,d***@office.example,", "address"),
    (CONTACTS, CONTACT_HEADER, "c,a,wecom,robot.example,", "address"),
    (CONTACTS, CONTACT_HEADER, f"c,a,wecom,{ROBOT},SEC", "secret"),
    (CONTACTS, CONTACT_HEADER, f"c,a,dingtalk,{ROBOT},****", "secret"),
    (SHIFTS, SHIFT_HEADER, "s,a,o,2026-03-01,2026-03-02 08:00,duty", "starts_at"),
    (SHIFTS, SHIFT_HEADER, "s,a,o,2026-03-01 08:00,2026-03-01 25:00,duty", "ends_at"),
    (SHIFTS, SHIFT_HEADER, "s,a,o,2026-03-01 08:00,2026-03-01 08:00,duty", "ends_at"),
    (SHIFTS, SHIFT_HEADER, "s,a,o,2026-03-01 08:00,2026-03-02 08:00,4", "place"),
]


@pytest.mark.parametrize(("kind", "header", "row", "column"), WRONG)
def test_a_wrong_cell_is_named(
    kind: RegisterTable[Any], header: str, row: str, column: str
) -> None:
    assert faults(kind, header, "", row) == [(3, column)]


def test_a_fault_of_the_store_has_its_line_too() -> None:
    text = "人员编号,姓名,所属单位\n\no-1,申一,a\n\no-2,申二,b\n"
    sheet = read_sheet(OFFICERS, text.encode())
    fault = sheet.fault("o-2", "home_authority", "an authority on the register", "b")
    assert (fault.line, fault.column, fault.got) == (5, "所属单位", "b")


@pytest.mark.parametrize(
    "cell", ["8:30", "2026-03-01", "2026-02-30 08:30", "2026-03-01 24:01", "9999-12-31 24:00", ""]
)
def test_what_is_no_moment(cell: str) -> None:
    with pytest.raises(WrongCell):
        cells.moment(cell)


epoch = datetime(2000, 1, 2, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=72_000)).map(lambda after: epoch + after)


@given(moments)
def test_a_moment_is_written_exactly(at: datetime) -> None:
    assert cells.moment(cells.written_moment(at)) == at


ids = st.text(
    st.characters(categories=("L", "Nd"), include_characters="-._"), min_size=1, max_size=9
)
texts = st.text(
    st.characters(categories=("L", "N", "P", "S"), include_characters=" =+-@',\""),
    min_size=1,
    max_size=20,
).filter(lambda text: text == text.strip() and text.isprintable())
phones = st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True)
authorities = st.builds(
    Authority,
    ids,
    texts,
    st.just("") | texts,
    st.just(Level.DISTRICT),
    st.just("310118"),
    st.sampled_from([one for one in Department if one is not Department.COORDINATION]),
    st.lists(ids, max_size=3, unique=True).map(tuple),
).filter(lambda one: one.authority_id not in one.substitutes)
officers = st.builds(
    Officer,
    ids,
    texts,
    ids,
    st.none() | ids,
    st.none() | phones,
    st.just("") | texts,
    st.none() | texts,
).filter(lambda one: one.seconded_to != one.home_authority)
contacts = st.builds(
    Contact,
    ids,
    ids,
    st.none() | ids,
    st.just(ContactKind.DINGTALK),
    st.just(ROBOT),
    st.none() | texts.filter(lambda text: "***" not in text),
)
shifts = st.builds(
    lambda key, office, who, begin, lasts, place: Shift(
        key, office, who, begin, begin + lasts, place
    ),
    ids,
    ids,
    ids,
    moments,
    st.timedeltas(timedelta(microseconds=1), LONGEST_SHIFT),
    st.sampled_from(Place),
)


@given(
    st.one_of(
        st.tuples(st.just(AUTHORITIES), st.lists(authorities, max_size=3)),
        st.tuples(st.just(OFFICERS), st.lists(officers, max_size=3)),
        st.tuples(st.just(CONTACTS), st.lists(contacts, max_size=3)),
        st.tuples(st.just(SHIFTS), st.lists(shifts, max_size=3)),
    ),
    st.booleans(),
)
def test_what_is_written_is_read_back(case: Any, chinese: bool) -> None:
    kind, entries = case
    entries = list({getattr(one, kind.key): one for one in entries}.values())
    assert read_entries(kind, write_entries(kind, entries, chinese)) == entries


@given(officers.filter(lambda one: one.phone is not None), st.booleans())
def test_a_masked_list_hides_and_is_not_taken_back(officer: Officer, chinese: bool) -> None:
    written = write_entries(OFFICERS, [MASKS["officer_id"](officer)], chinese)
    assert replace(officer, phone=None) == replace(MASKS["officer_id"](officer), phone=None)
    assert officer.phone is not None
    with pytest.raises(WrongTable) as refused:
        read_entries(OFFICERS, written)
    assert [one.field for one in refused.value.faults] == ["phone"]


@pytest.mark.parametrize(
    ("kind", "address"),
    [(ContactKind.SMS, "10000000001"), (ContactKind.SMTP, "duty@office.example"),
     (ContactKind.FEISHU, ROBOT)],
)  # fmt: skip
def test_a_masked_contact_is_not_taken_back(kind: ContactKind, address: str) -> None:
    secret = "SEC" if kind is ContactKind.FEISHU else None
    shown = MASKS["contact_id"](Contact("c", "a", None, kind, address, secret))
    written = write_entries(CONTACTS, [shown])
    assert address.encode() not in written
    assert b"SEC" not in written
    with pytest.raises(WrongTable):
        read_entries(CONTACTS, written)


def test_every_code_has_its_words() -> None:
    for words, codes in (
        (LEVEL_WORDS, Level),
        (DEPARTMENT_WORDS, Department),
        (KIND_WORDS, ContactKind),
        (PLACE_WORDS, Place),
    ):
        assert set(words) == set(codes)
        said = [one for all_said in words.values() for one in all_said]
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("kind", [AUTHORITIES, OFFICERS, CONTACTS, SHIFTS])
def test_every_header_means_one_column(kind: RegisterTable[Any]) -> None:
    headers = [name for column in kind.columns for name in (column.field, *column.headers)]
    assert len({name.lower() for name in headers}) == len(headers)
