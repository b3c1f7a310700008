from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts import Act, Assessment, Level
from domain.behaviours import Known, behaviour_key, continued

T = datetime(2026, 11, 23, 2, 59, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def seen(minutes: int, who: str = "mmsi:413000917", act: Act = Act.LEAVE, place: str = "310118"):
    at = T + minutes * MINUTE
    return Assessment(75, Level.HIGH, (), behaviour_key(who, act, place, at), "2026-1", act, at, at)


def known(assessment: Assessment) -> Known:
    return Known(assessment.behaviour, assessment.began_at, assessment.last_at)


def test_a_key_reads_who_what_where_when():
    assert behaviour_key("mmsi:413000917", Act.LEAVE, "310118", T) == (
        "mmsi:413000917/leave:310118/2026-11-23T02"
    )
    shanghai = T.astimezone(tz=None)
    assert behaviour_key("plate:a/b", Act.STOP, "x/y", shanghai) == (
        "plate:a-b/stop:x-y/2026-11-23T02"
    )


def test_an_hour_that_ends_splits_nothing():
    first, later = seen(0), seen(5)
    assert first.behaviour != later.behaviour
    again = continued(later, [known(first)])
    assert again.behaviour == first.behaviour
    assert (again.began_at, again.last_at) == (T, T + 5 * MINUTE)


@pytest.mark.parametrize(
    "other",
    [
        seen(5, who="mmsi:413000920"),
        seen(5, act=Act.STOP),
        seen(121),
        seen(-121),
    ],
)
def test_another_behaviour(other):
    assert continued(other, [known(seen(0))]) == other


def test_a_voyage_over_two_borders_is_one():
    out, on = seen(0), seen(70, place="320509")
    assert continued(on, [known(out)]).behaviour == out.behaviour


def test_data_that_come_late_belong_to_it():
    first = seen(0)
    late = continued(seen(-20), [known(first)])
    assert late.behaviour == first.behaviour
    assert (late.began_at, late.last_at) == (T - 20 * MINUTE, T)


def test_the_order_of_what_is_known_does_not_matter():
    one, two = known(seen(-100)), known(seen(10))
    now = seen(15)
    assert continued(now, [one, two]) == continued(now, [two, one])
    assert continued(now, [one, two]).behaviour == two.behaviour


def test_seen_again_it_is_the_same():
    first = seen(0)
    assert continued(first, [known(first)]) == first
