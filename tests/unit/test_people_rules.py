"""Authorities, officers, the rota and matters: what no register takes, and who is asked next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import authorities, officers, rota
from domain.authorities import Authority, Department, Level, circles, in_place_of
from domain.matters import MATTER_DEPARTMENTS, Matter
from domain.officers import Officer, masked_phone
from domain.rota import Gap, Place, Shift, gaps, on_duty

BUREAU = Authority(
    "ks-env", "昆山试验局", "Trial", Level.DISTRICT, "320583", Department.ENVIRONMENT, ("ks-urban",)
)
GROUP = Authority("zone", "协调联络组", "", Level.GROUP, "310118", Department.COORDINATION)
OFFICER = Officer("o-1", "申一", "ks-env", "zone", "10000000001", "科员", "执-0001")
NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHIFT = Shift("s-1", "ks-env", "o-1", NOON, NOON + 8 * HOUR)


@pytest.mark.parametrize("entry", [BUREAU, GROUP, replace(BUREAU, level=Level.CITY, adcode="3205")])
def test_a_right_authority(entry: Authority) -> None:
    assert authorities.wrong_fields(entry) == []


WRONG_AUTHORITIES = [
    ({"authority_id": ""}, "authority_id"),
    ({"authority_id": "ks env"}, "authority_id"),
    ({"name": " 昆山"}, "name"),
    ({"name_en": "a\nb"}, "name_en"),
    ({"adcode": "3205831"}, "adcode"),
    ({"adcode": "3205"}, "adcode"),
    ({"level": Level.PROVINCE}, "adcode"),
    ({"department": Department.COORDINATION}, "department"),
    ({"substitutes": ("ks-env",)}, "substitutes"),
    ({"substitutes": ("a", "a")}, "substitutes"),
    ({"substitutes": ("a b",)}, "substitutes"),
]


@pytest.mark.parametrize(("change", "field"), WRONG_AUTHORITIES)
def test_a_wrong_authority_is_named(change: dict[str, object], field: str) -> None:
    wrong = authorities.wrong_fields(replace(BUREAU, **change))
    assert [fault.field for fault in wrong] == [field]


def test_a_city_covers_its_districts_and_a_group_none() -> None:
    city = replace(BUREAU, level=Level.CITY, adcode="3205")
    assert BUREAU.covers("320583")
    assert city.covers("320583")
    assert not city.covers("330421")
    assert not BUREAU.covers("320509")
    assert not GROUP.covers("310118")


WRONG_OFFICERS = [
    ({"officer_id": "o/1"}, "officer_id"),
    ({"name": ""}, "name"),
    ({"home_authority": ""}, "home_authority"),
    ({"seconded_to": "ks-env"}, "seconded_to"),
    ({"phone": "138****1234"}, "phone"),
    ({"phone": "1.38E+10"}, "phone"),
    ({"title": " "}, "title"),
    ({"certificate": ""}, "certificate"),
]


@pytest.mark.parametrize(("change", "field"), WRONG_OFFICERS)
def test_a_wrong_officer_is_named(change: dict[str, object], field: str) -> None:
    assert officers.wrong_fields(OFFICER) == []
    wrong = officers.wrong_fields(replace(OFFICER, **change))
    assert [fault.field for fault in wrong] == [field]


def test_who_is_lent_serves_both_units() -> None:
    assert OFFICER.serves("ks-env")
    assert OFFICER.serves("zone")
    assert not OFFICER.serves("ks-urban")


@given(st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True))
def test_a_number_is_shown_by_its_ends_or_not_at_all(phone: str) -> None:
    shown = masked_phone(phone)
    assert shown is not None
    assert "****" in shown
    assert len(shown.replace("*", "")) <= 7
    assert masked_phone(None) is None


WRONG_SHIFTS = [
    ({"shift_id": ""}, "shift_id"),
    ({"authority_id": ""}, "authority_id"),
    ({"officer_id": "o 1"}, "officer_id"),
    ({"starts_at": NOON.replace(tzinfo=None)}, "starts_at"),
    ({"ends_at": NOON.replace(tzinfo=None)}, "ends_at"),
    ({"starts_at": datetime(1999, 1, 1, tzinfo=UTC)}, "starts_at"),
    ({"ends_at": NOON}, "ends_at"),
    ({"ends_at": NOON + timedelta(days=31, seconds=1)}, "ends_at"),
]


@pytest.mark.parametrize(("change", "field"), WRONG_SHIFTS)
def test_a_wrong_shift_is_named(change: dict[str, object], field: str) -> None:
    assert rota.wrong_fields(SHIFT) == []
    assert [fault.field for fault in rota.wrong_fields(replace(SHIFT, **change))] == [field]


def test_who_holds_which_place() -> None:
    deputy = replace(SHIFT, shift_id="s-2", officer_id="o-2", place=Place.DEPUTY)
    other = replace(SHIFT, shift_id="s-3", authority_id="zone", place=Place.HEAD)
    later = replace(SHIFT, shift_id="s-4", officer_id="o-4", starts_at=NOON + 7 * HOUR)
    rows = [SHIFT, deputy, other, later]
    held = on_duty(rows, "ks-env", NOON)
    assert (held.duty, held.deputy, held.head) == (SHIFT, deputy, None)
    assert held.in_order() == (SHIFT, deputy)
    assert on_duty(rows, "ks-env", NOON + 7 * HOUR).duty == later
    assert on_duty(reversed(rows), "ks-env", NOON + 7 * HOUR).duty == later
    assert on_duty(rows, "ks-env", SHIFT.ends_at).in_order() == ()
    assert on_duty(rows, "ks-env", NOON - timedelta(microseconds=1)).in_order() == ()


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=8))
def test_a_moment_is_in_a_gap_or_in_a_shift(stretches: list[tuple[int, int]]) -> None:
    rows = [
        replace(SHIFT, shift_id=f"s-{n}", starts_at=NOON + a * HOUR, ends_at=NOON + (a + b) * HOUR)
        for n, (a, b) in enumerate(stretches)
    ]
    free = gaps(rows, NOON, NOON + 40 * HOUR)
    assert all(one.starts_at < one.ends_at for one in free)
    assert all(one.ends_at < other.starts_at for one, other in pairwise(free))
    for hour in range(40):
        at = NOON + hour * HOUR
        alone = on_duty(rows, "ks-env", at).duty is None
        assert alone == any(one.starts_at <= at < one.ends_at for one in free)


def test_a_rota_of_nothing_is_one_gap() -> None:
    assert gaps([], NOON, NOON + HOUR) == [Gap(NOON, NOON + HOUR)]


def chain(**substitutes: str) -> dict[str, Authority]:
    return {
        name: replace(BUREAU, authority_id=name, substitutes=tuple(said))
        for name, said in substitutes.items()
    }


def test_circles_are_found_once() -> None:
    assert circles(chain(a="b", b="c", c="")) == []
    assert circles(chain(a="b", b="c", c="a")) == [("a", "b", "c")]
    assert circles(chain(c="b", b="c", a="bc")) == [("b", "c")]
    assert circles(chain(a="b", b="a", c="d", d="c")) == [("a", "b"), ("c", "d")]
    assert circles(chain(a="x")) == []


names = st.sampled_from("abcdef")
graphs = st.dictionaries(names, st.lists(names, max_size=3, unique=True)).map(
    lambda said: chain(**{a: "".join(b for b in bs if b != a) for a, bs in said.items()})
)


@given(graphs)
def test_a_circle_is_told_where_a_chain_comes_back(graph: dict[str, Authority]) -> None:
    def comes_back(begin: str) -> bool:
        seen, waiting = set(), list(graph[begin].substitutes)
        while waiting:
            one = waiting.pop()
            if one == begin:
                return True
            if one in graph and one not in seen:
                seen.add(one)
                waiting += graph[one].substitutes
        return False

    found = circles(graph)
    assert bool(found) == any(comes_back(one) for one in graph)
    for ring in found:
        for one, following in zip(ring, (*ring[1:], ring[0]), strict=True):
            assert following in graph[one].substitutes


@given(graphs)
def test_everybody_is_asked_once_and_nobody_for_itself(graph: dict[str, Authority]) -> None:
    for begin, entry in graph.items():
        asked = in_place_of(graph, begin)
        assert begin not in asked
        assert len(set(asked)) == len(asked)
        assert asked[: len(entry.substitutes)] == list(entry.substitutes)


def test_every_matter_concerns_somebody() -> None:
    assert set(MATTER_DEPARTMENTS) == set(Matter)
    assert all(concerned for concerned in MATTER_DEPARTMENTS.values())
    assert all(Department.COORDINATION not in said for said in MATTER_DEPARTMENTS.values())
