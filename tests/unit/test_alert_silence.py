"""Until when: an hour, four, the change of shift, or a time; always ahead, never beyond a day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert_silence import shift_end, silence_end
from domain.clock import SHANGHAI
from domain.errors import InvalidInput


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("asked", "now", "until"),
    [
        ("1h", "2026-11-23 19:30", "2026-11-23 20:30"),
        ("4h", "2026-11-23 22:30", "2026-11-24 02:30"),
        ("shift", "2026-11-23 07:59", "2026-11-23 08:00"),
        ("shift", "2026-11-23 08:00", "2026-11-23 20:00"),
        ("shift", "2026-11-23 20:00", "2026-11-24 08:00"),
        ("shift", "2026-11-23 23:59", "2026-11-24 08:00"),
        ("20:30", "2026-11-23 19:30", "2026-11-23 20:30"),
        ("6:05", "2026-11-23 19:30", "2026-11-24 06:05"),
        ("19：30", "2026-11-23 19:30", "2026-11-24 19:30"),
    ],
)
def test_the_end_of_a_silence(asked: str, now: str, until: str) -> None:
    assert silence_end(asked, at(now)) == at(until)
    assert silence_end(asked, at(now).astimezone(UTC)) == at(until)


@pytest.mark.parametrize("asked", ["", "24:00", "8", "8:60", "2h", "<b>", "٢٠:٣٠"])
def test_what_names_no_end(asked: str) -> None:
    with pytest.raises(InvalidInput, match="silence_until"):
        silence_end(asked, at("2026-11-23 19:30"))


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)),  # noqa: DTZ001
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_it_lies_ahead_within_a_day(now: datetime, hour: int, minute: int) -> None:
    moment = now.replace(tzinfo=UTC)
    for until in (silence_end(f"{hour:02}:{minute:02}", moment), shift_end(moment)):
        assert timedelta() < until - moment <= timedelta(days=1)
