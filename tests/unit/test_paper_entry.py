"""A paper typed into a form: read like a line of the file, all faults at once, in words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from papers import paper

from commands.change_permit import ChangePermit, WithdrawPermit
from commands.grant_permit import GrantPermit
from dashboard.fault_words import expected_word
from dashboard.i18n import Language
from dashboard.paper_command import to_command
from dashboard.paper_entry import WrongEntry, changes, read_entry, read_since, written
from dashboard.paper_search import Paper
from domain.clock import SHANGHAI
from domain.errors import InvalidInput
from domain.permit_csv import COLUMNS, read_permits
from domain.permit_standing import standing
from domain.permits import Permit
from domain.tables import WrongTable

ONE = paper(carrier_id="c-yun", via=("320509", "3204"), used_t=1200.5)
SEEN = datetime(2026, 7, 1, 12, tzinfo=UTC)
LISTED = [Paper(ONE, None, None, SEEN, standing(ONE, SEEN))]
FORM = {
    "command": str(UUID(int=1)),
    "who": "王一",
    "permit": str(ONE.permit_id),
    "seen": SEEN.isoformat(),
    "fields": {**written(ONE), "reason": "过磅单"},
}


def with_fields(**texts: Any) -> dict[str, Any]:
    return FORM | {"fields": FORM["fields"] | texts}  # type: ignore[operator]


@given(
    st.one_of(st.none(), st.floats(0.1, 1e7).map(lambda t: round(t, 3))),
    st.floats(0, 1e6).map(lambda t: round(t, 3)),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(0, 900),
    st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=30),
)
def test_what_a_form_shows_it_takes_back(
    quantity: float | None,
    used: float,
    first: date,
    days: int,
    holder: str,
) -> None:
    one = paper(
        purpose="storage" if days % 2 else "disposal",
        quantity_t=quantity,
        used_t=used,
        first_day=first,
        last_day=first + timedelta(days=days),
        holder=holder,
    )
    assert read_entry(written(one)) == one
    assert changes(one, read_entry(written(one))) == {}


def test_all_faults_come_at_once_by_field() -> None:
    with pytest.raises(WrongEntry) as wrong:
        read_entry({"kind": "filing", "purpose": "disposal", "first_day": "2026-02-30"})
    faults = wrong.value.faults
    assert faults["number"] == faults["holder"] == faults["to_adcode"] == "a value"
    assert faults["first_day"].startswith("a day of the calendar")
    assert faults["purpose"] == "utilisation with kind filing"
    assert faults["mmsi"].startswith("a vessel or a carrier")


def test_only_what_differs_is_changed() -> None:
    after = replace(ONE, used_t=1300.0, via=())
    assert changes(ONE, after) == {"used_t": 1300.0, "via": ()}


def test_forms_become_commands() -> None:
    who, change = to_command("change", with_fields(used_t="1,300吨"), LISTED)
    assert who == "王一"
    assert change == ChangePermit(
        ONE.permit_id, {"used_t": 1300.0}, None, "过磅单", SEEN, UUID(int=1)
    )
    _, withdraw = to_command("withdraw", with_fields(since="2026年7月2日"), LISTED)
    at = datetime(2026, 7, 2, tzinfo=SHANGHAI)
    assert withdraw == WithdrawPermit(ONE.permit_id, "过磅单", at, SEEN, UUID(int=1))
    _, grant = to_command("new", with_fields(number="新-1"), [])
    assert isinstance(grant, GrantPermit)
    assert grant.permit.number == "新-1"
    # number and kind of a paper that stands there are not the form's to say
    _, same = to_command("change", with_fields(number="other", kind="filing"), LISTED)
    assert isinstance(same, ChangePermit)
    assert same.changes == {}


@pytest.mark.parametrize(
    ("edit", "form", "field"),
    [
        ("change", FORM | {"who": " "}, "who"),
        ("change", with_fields(reason=""), "reason"),
        ("withdraw", with_fields(reason=""), "reason"),
        ("withdraw", with_fields(since="soon"), "since"),
        ("change", FORM | {"seen": "yesterday"}, "seen"),
        ("change", FORM | {"seen": "2026-07-01T12:00:00"}, "seen"),
        ("change", FORM | {"permit": str(UUID(int=3))}, "permit"),
        ("change", FORM | {"permit": None}, "permit"),
        ("change", FORM | {"command": "1"}, "command"),
        ("drop", FORM, "edit"),
        ("change", ["x"], "form"),
        ("new", FORM | {"fields": None}, "number"),
    ],
)
def test_what_is_missing_is_named(edit: str, form: object, field: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        to_command(edit, form, LISTED)
    assert wrong.value.field == field


def test_since_when() -> None:
    assert read_since("  ") is None
    assert read_since("2026/7/2") == datetime(2026, 7, 2, tzinfo=SHANGHAI)
    with pytest.raises(WrongEntry):
        read_since("Friday")


def _all_expected() -> list[str]:
    """What the register's rules say to wrong cells, as many as a few files bring out."""
    said: set[str] = set()
    head = ",".join(column.field for column in COLUMNS)
    files = [
        b"",
        b"\xff\xfe\xfa",
        head.encode() + b"\n" + b",".join([b"?" * 300] * len(COLUMNS)) + b"\n",
        head.encode() + b"\n" + b",".join([b" "] * len(COLUMNS)) + b"x\n1,2\n",
        head.encode() + b",\n" + b",".join([b"1"] * (len(COLUMNS) + 1)) + b"\n",
        b"number,number,quantiti\n1,2,3\n",
        head.encode() + b'\n"a"b\n',
    ]
    for data in files:
        try:
            read_permits(data)
        except WrongTable as wrong:
            said |= {fault.expected for fault in wrong.faults}
    for changed in _wrong_papers():
        try:
            read_entry(written(changed))
        except WrongEntry as entry:
            said |= set(entry.faults.values())
    return sorted(said)


def _wrong_papers() -> list[Permit]:
    day = date(2500, 1, 1)
    return [
        paper(quantity_t=0.0, used_t=1e12),
        paper(first_day=day, last_day=day),
        paper(last_day=date(2026, 1, 1)),
        paper(mmsi=None),
        paper("x", "filing"),
        paper(purpose="utilisation"),
        paper(holder="x" * 300),
    ]


EXPECTED = [
    *_all_expected(),
    "a paper that is not on the register yet",
    "a carrier on the register",
    "each paper once: it stands on line 7, too",
    "a file of at most 20 MB",
]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_fault_has_words(lang: Language) -> None:
    assert len(EXPECTED) > 20
    for expected in EXPECTED:
        said = expected_word(expected, lang)
        assert "{" not in said
        if lang == "zh":
            assert any("\u4e00" <= sign <= "\u9fff" for sign in said), expected
    assert expected_word("something newer", lang) == "something newer"
