"""Preflight: each thing that may be missing is found, and what is whole is left alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authorities import Authority, Department, Level
from domain.contacts import Contact, ContactKind
from domain.matters import Matter
from domain.officers import Officer
from domain.preflight import Check, Finding, Registers, preflight
from domain.rota import Place, Shift
from ops.cli import preflight as words

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
UNTIL = NOW + 48 * HOUR
ENV = Authority("qp-env", "甲", "", Level.DISTRICT, "310118", Department.ENVIRONMENT, ("sh-sea",))
SEA = Authority("sh-sea", "乙", "", Level.PROVINCE, "31", Department.MARITIME)
ROBOT = Contact(
    "robot", "sh-sea", None, ContactKind.WECOM, "https://robot.example/s?key=1", verified_at=NOW
)


def officer(authority: Authority) -> Officer:
    return Officer(f"o-{authority.authority_id}", "申一", authority.authority_id)


def rota(authority: Authority) -> list[Shift]:
    key = authority.authority_id
    return [Shift(f"{key}-{place}", key, f"o-{key}", NOW - HOUR, UNTIL, place) for place in Place]


BOARD = Contact("b-1", "qp-env", "o-qp-env", ContactKind.BOARD, "qp-env", verified_at=NOW)
WHOLE = Registers(
    authorities={one.authority_id: one for one in (ENV, SEA)},
    officers={one.officer_id: one for one in map(officer, (ENV, SEA))},
    shifts=[*rota(ENV), *rota(SEA)],
    contacts=[BOARD, ROBOT],
    districts={"310118": "青浦"},
)


def test_the_command_has_a_word_for_everything() -> None:
    assert set(words._CHECKS) == set(Check)
    assert set(words._MATTERS) == set(Matter)


def test_nothing_is_missing() -> None:
    assert preflight(WHOLE, NOW, UNTIL) == []


def test_a_shift_with_nobody() -> None:
    shifts = [one for one in WHOLE.shifts if one.shift_id != "qp-env-1"]
    shifts.append(replace(rota(ENV)[0], ends_at=NOW + 5 * HOUR))
    shifts.append(replace(rota(ENV)[0], shift_id="night", starts_at=NOW + 7 * HOUR))
    assert preflight(replace(WHOLE, shifts=shifts), NOW, UNTIL) == [
        Finding(
            Check.NOBODY_ON_DUTY,
            authority_id="qp-env",
            place=Place.DUTY,
            starts_at=NOW + 5 * HOUR,
            ends_at=NOW + 7 * HOUR,
        )
    ]


def test_a_shift_of_somebody_who_left_is_nobodys() -> None:
    left = {key: one for key, one in WHOLE.officers.items() if key != "o-sh-sea"}
    found = preflight(replace(WHOLE, officers=left), NOW, UNTIL)
    assert [(one.check, one.authority_id, one.place) for one in found] == [
        (Check.NOBODY_ON_DUTY, "sh-sea", place) for place in Place
    ]


@pytest.mark.parametrize(
    "contacts",
    [
        [ROBOT],
        [ROBOT, replace(BOARD, verified_at=None)],
        [ROBOT, replace(BOARD, officer_id=None)],
        [ROBOT, replace(BOARD, officer_id="o-other")],
    ],
)
def test_somebody_whom_nothing_reaches(contacts: list[Contact]) -> None:
    assert preflight(replace(WHOLE, contacts=contacts), NOW, UNTIL) == [
        Finding(Check.NO_VERIFIED_CHANNEL, authority_id="qp-env", officer_id="o-qp-env")
    ]


def test_a_matter_that_nobody_has() -> None:
    found = preflight(replace(WHOLE, districts={"310118": "青浦", "320583": "昆山"}), NOW, UNTIL)
    assert {one.matter for one in found if one.adcode == "320583"} == set(Matter)
    assert {one.adcode for one in found} == {"320583"}
    land = {"qp-env": replace(ENV, substitutes=())}
    found = preflight(replace(WHOLE, authorities=land, shifts=rota(ENV)), NOW, UNTIL)
    assert [one.to_json() for one in found] == [
        {"check": "no_authority", "adcode": "310118", "matter": "vessel_violation"}
    ]


def test_a_circle_and_somebody_gone() -> None:
    ring = {**WHOLE.authorities, "sh-sea": replace(SEA, substitutes=("qp-env", "nobody"))}
    assert preflight(replace(WHOLE, authorities=ring), NOW, UNTIL) == [
        Finding(Check.CIRCLE, chain=("qp-env", "sh-sea")),
        Finding(Check.GONE, authority_id="sh-sea", chain=("sh-sea", "nobody")),
    ]


@given(st.sets(st.integers(0, 5)), st.integers(1, 700))
def test_what_is_taken_away_is_missed(taken: set[int], hours: int) -> None:
    until = NOW + hours * HOUR
    shifts = [replace(one, ends_at=until) for n, one in enumerate(WHOLE.shifts) if n not in taken]
    found = preflight(replace(WHOLE, shifts=shifts), NOW, until)
    assert {(one.authority_id, one.place) for one in found} == {
        (WHOLE.shifts[n].authority_id, WHOLE.shifts[n].place) for n in taken
    }
