"""Escalation: which ladder holds, when each rung is due, which policy fits best."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import SHANGHAI
from domain.escalation import (
    DEFAULT,
    Policy,
    Rung,
    Variant,
    Whom,
    due_rungs,
    policy_for,
    variant_at,
    wrong_fields,
)
from domain.events import canonical

MINUTE = timedelta(minutes=1)


def shanghai(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 5, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "holiday", "variant"),
    [
        (shanghai(7), False, Variant.DAY),
        (shanghai(19, 59), False, Variant.DAY),
        (shanghai(20), False, Variant.NIGHT),
        (shanghai(0), False, Variant.NIGHT),
        (shanghai(6, 59), True, Variant.NIGHT),
        (shanghai(12), True, Variant.HOLIDAY),
        (datetime(2026, 3, 5, 12, 30, tzinfo=UTC), False, Variant.NIGHT),
    ],
)
def test_which_ladder_holds(at: datetime, holiday: bool, variant: Variant) -> None:
    assert variant_at(DEFAULT, at, holiday=holiday) is variant


def test_a_night_within_one_day() -> None:
    noon = replace(DEFAULT, night_from=time(12), night_to=time(14))
    assert variant_at(noon, shanghai(13), holiday=False) is Variant.NIGHT
    assert variant_at(noon, shanghai(23), holiday=False) is Variant.DAY


def test_by_day_the_second_channel_the_deputy_and_the_head() -> None:
    told = shanghai(10)
    rungs = due_rungs(DEFAULT, told, holiday=False)
    assert [(one.step, one.whom, (one.due_at - told) // MINUTE) for one in rungs] == [
        (1, Whom.SECOND_CHANNEL, 5),
        (2, Whom.DEPUTY, 10),
        (3, Whom.HEAD, 15),
    ]


def test_a_ladder_that_is_not_given_is_the_days() -> None:
    plain = replace(DEFAULT, ladders={Variant.DAY: DEFAULT.ladders[Variant.DAY]})
    assert plain.ladder(Variant.NIGHT) == plain.ladders[Variant.DAY]


def policy(name: str, matter: str | None, adcode: str | None, version: int = 1) -> Policy:
    return replace(DEFAULT, policy_id=name, matter=matter, adcode=adcode, version=version)


ALL = policy("all", None, None)
MATTER = policy("matter", "spoil_dumping", None)
PLACE = policy("place", None, "310118")
BOTH = policy("both", "spoil_dumping", "310118")
NEWER = policy("both", "spoil_dumping", "310118", 2)


@pytest.mark.parametrize(
    ("policies", "best"),
    [
        ([], DEFAULT),
        ([ALL], ALL),
        ([ALL, MATTER], MATTER),
        ([MATTER, PLACE, ALL], PLACE),
        ([MATTER, PLACE, BOTH], BOTH),
        ([NEWER, BOTH], NEWER),
        ([policy("other", "water_pollution", "310118")], DEFAULT),
    ],
)
def test_the_best_fit(policies: list[Policy], best: Policy) -> None:
    assert policy_for(policies, "spoil_dumping", "310118") == best


@pytest.mark.parametrize(
    ("ladders", "field"),
    [
        ({}, "ladders.day"),
        ({Variant.DAY: ()}, "ladders.day"),
        ({Variant.DAY: (Rung(timedelta(0), Whom.HEAD),)}, "ladders.day"),
        ({Variant.DAY: (Rung(timedelta(hours=25), Whom.HEAD),)}, "ladders.day"),
        (
            {
                **DEFAULT.ladders,
                Variant.NIGHT: (Rung(9 * MINUTE, Whom.HEAD), Rung(3 * MINUTE, Whom.DEPUTY)),
            },
            "ladders.night",
        ),
    ],
)
def test_what_is_no_ladder(ladders: dict[Variant, tuple[Rung, ...]], field: str) -> None:
    assert field in [fault.field for fault in wrong_fields(replace(DEFAULT, ladders=ladders))]


def test_the_default_is_a_policy_and_an_event_can_keep_it() -> None:
    assert wrong_fields(DEFAULT) == []
    assert b'"day":[[5,"second_channel"],[10,"deputy"],[15,"head"]]' in canonical(DEFAULT.to_json())


@given(st.datetimes(timezones=st.just(UTC)), st.booleans())
def test_rungs_come_in_order_after_the_telling(told: datetime, holiday: bool) -> None:
    try:
        rungs = due_rungs(DEFAULT, told, holiday=holiday)
    except OverflowError:  # the last minutes of the year 9999
        return
    times = [told, *(one.due_at for one in rungs)]
    assert times == sorted(set(times))
    assert [one.step for one in rungs] == list(range(1, len(rungs) + 1))
