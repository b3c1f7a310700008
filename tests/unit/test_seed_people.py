"""The invented people: all of it is what the registers take, and nobody can be rung."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from domain import authorities as offices
from domain import contacts as ways
from domain import officers as people
from domain import rota
from domain.authorities import Department, circles
from domain.place_names import DISTRICTS
from domain.rota import Place, gaps
from seed.people import authorities, contacts, officers, shifts

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_the_registers_take_all_of_it() -> None:
    assert [fault for one in authorities() for fault in offices.wrong_fields(one)] == []
    assert [fault for one in officers() for fault in people.wrong_fields(one)] == []
    assert [fault for one in contacts() for fault in ways.wrong_fields(one)] == []
    assert [fault for one in shifts(NOW) for fault in rota.wrong_fields(one)] == []


def test_everybody_is_one_and_nobody_has_a_number_that_rings() -> None:
    assert len({one.name for one in officers()}) == len(officers())
    assert len({one.officer_id for one in officers()}) == len(officers())
    numbers = [one.phone or "" for one in officers()]
    assert len(set(numbers)) == len(numbers)
    assert all(len(one) == 11 and one.startswith("10") for one in numbers)


def test_each_member_has_four_departments_and_each_neighbour_its_environment() -> None:
    held = Counter((one.adcode, one.department) for one in authorities())
    assert all(count == 1 for key, count in held.items())
    departments = set(Department) - {Department.COORDINATION}
    for adcode in ("310118", "320509", "330421"):
        assert {one for one in departments if held[adcode, one]} == departments
    assert all(held[adcode, Department.ENVIRONMENT] for adcode in DISTRICTS.values())
    assert circles({one.authority_id: one for one in authorities()}) == []
    known = {one.authority_id for one in authorities()}
    assert all(known.issuperset(one.substitutes) for one in authorities())


@pytest.mark.parametrize("hours", [0, 13, 24 * 6, 24 * 30])
def test_the_rota_covers_the_clock_in_every_place(hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    rows = shifts(now)
    serves = {one.officer_id: one for one in officers()}
    assert all(serves[one.officer_id].serves(one.authority_id) for one in rows)
    for authority in authorities():
        for place in Place:
            own = [
                one
                for one in rows
                if (one.authority_id, one.place) == (authority.authority_id, place)
            ]
            assert gaps(own, now - timedelta(days=1), now + timedelta(days=10)) == []


def test_a_shift_is_the_same_whenever_it_is_asked_for() -> None:
    today = {one.shift_id: one for one in shifts(NOW)}
    assert len(today) == len(shifts(NOW))
    tomorrow = {one.shift_id: one for one in shifts(NOW + timedelta(days=1))}
    assert all(today[key] == tomorrow[key] for key in today.keys() & tomorrow.keys())
    assert today.keys() & tomorrow.keys()
