"""When a report was: the receiver's clock, arrival, the vessel's own second."""

from datetime import UTC, datetime, timedelta

import pytest
from nmea import (
    NOW,
    ais,
    barge,
    decoder,
    fix_of,
    refusal_of,
    sentence,
    tagged,
)

from domain.positions import Rejection
from streams.contracts.messages import PositionMessage


def at(clock: datetime | None, second: int, arrived: datetime = NOW) -> datetime:
    line = barge(second=second)
    if clock is not None:
        line = tagged(line, b"s:r1,c:%d" % clock.timestamp())
    (message,) = decoder().decode(sentence(line, at=arrived))
    assert isinstance(message, PositionMessage), message
    return message.fix.t


def test_the_receivers_clock_counts_before_arrival():
    clock = NOW - timedelta(hours=3)
    assert at(clock, 28) == clock.replace(second=28, microsecond=0)


def test_without_a_clock_arrival_counts():
    assert at(None, 28) == NOW.replace(second=28, microsecond=0)
    switched_on = tagged(barge(), b"s:r1,c:4711")
    assert fix_of(switched_on).t == NOW.replace(second=28, microsecond=0)


@pytest.mark.parametrize(
    ("clock", "second", "expected"),
    [
        ("12:00:30", 28, "12:00:28"),
        ("12:00:30", 30, "12:00:30"),
        ("12:00:30", 31, "12:00:31"),
        ("12:00:02", 58, "11:59:58"),
        ("11:59:58", 2, "12:00:02"),
        ("12:00:00", 30, "11:59:30"),
        ("12:00:00", 29, "12:00:29"),
        ("12:00:17", 60, "12:00:17"),
        ("12:00:17", 63, "12:00:17"),
    ],
)
def test_a_fix_is_aligned_to_its_own_second(clock: str, second: int, expected: str):
    day = "2026-03-01T"
    when = datetime.fromisoformat(day + clock + "+00:00")
    assert at(when, second, arrived=NOW) == datetime.fromisoformat(day + expected + "+00:00")


def test_receivers_a_few_seconds_apart_agree():
    clocks = [NOW + timedelta(seconds=apart) for apart in range(-20, 21)]
    assert len({at(clock, 30) for clock in clocks}) == 1


def test_a_fix_from_the_future_is_refused_by_name():
    year_2031 = datetime(2031, 1, 1, tzinfo=UTC)
    refused = refusal_of(tagged(barge(), b"c:%d" % year_2031.timestamp()))
    assert refused.reason is Rejection.TIME_FUTURE
    assert "2031-01-01" in refused.detail
    assert refused.mmsi == 413000123


def test_a_time_beyond_every_calendar_is_the_future_too():
    refused = refusal_of(tagged(barge(second=60), b"c:99999999999"))
    assert refused.reason is Rejection.TIME_FUTURE
    refused = refusal_of(tagged(barge(), b"c:999999999999999999"))
    assert refused.reason is Rejection.TIME_FUTURE


def test_clocks_may_differ_a_little():
    ahead = NOW + timedelta(seconds=55)
    assert at(ahead, 25) == ahead.replace(microsecond=0)


def test_a_fix_from_before_retention_is_refused_by_name():
    old = NOW - timedelta(days=31)
    refused = refusal_of(tagged(barge(), b"c:%d" % old.timestamp()))
    assert refused.reason is Rejection.TIME_EXPIRED


def test_static_data_is_refused_for_its_time_too():
    lines = ais(type=24, mmsi=413000123, partno=0, shipname="HE 1")
    refused = refusal_of(tagged(lines[0], b"c:%d" % (NOW.timestamp() + 3600)))
    assert refused.reason is Rejection.TIME_FUTURE
