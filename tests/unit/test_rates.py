"""Sentences per second from counters that are kept per minute."""

import pytest

from dashboard.rates import Rates

MINUTE = 60_000.0


def rows(**counts: int) -> list[dict[str, object]]:
    """Counters of one feed: `m0=5` is five in the first minute."""
    return [
        {"feed_id": "ais", "minute": MINUTE + 60 * int(key[1:]), "n": n}
        for key, n in counts.items()
    ]


def test_the_rate_is_unknown_until_there_is_something_to_compare() -> None:
    rates = Rates()
    assert rates.update(MINUTE + 1, rows(m0=40))["ais"][0] is None
    assert rates.update(MINUTE + 2, rows(m0=80))["ais"][0] is None
    assert rates.update(MINUTE + 3, rows(m0=120))["ais"][0] == pytest.approx(40)


def test_it_follows_within_ten_seconds_and_over_a_minute_s_end() -> None:
    rates = Rates()
    for second in range(30):
        rates.update(MINUTE + second, rows(m0=40 * second))
    for second in range(30, 60):
        found = rates.update(MINUTE + second, rows(m0=1200 + 10 * (second - 29)))
    assert found["ais"][0] == pytest.approx(10)
    for second in range(60, 70):
        found = rates.update(MINUTE + second, rows(m0=1500, m1=10 * (second - 59)))
    assert found["ais"][0] == pytest.approx(10)


def test_silence_is_nought_and_the_mean_remembers() -> None:
    rates = Rates()
    for second in range(100, 120):
        found = rates.update(MINUTE + second, rows(m0=1200))
    recent, mean = found["ais"]
    assert recent == 0
    assert mean == pytest.approx(1200 / 119)


def test_a_counter_that_leaves_the_window_does_not_count_back() -> None:
    rates = Rates()
    rates.update(MINUTE + 900, rows(m0=1000, m15=5))
    assert rates.update(MINUTE + 903, rows(m15=5))["ais"][0] == 0
