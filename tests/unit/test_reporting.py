"""When a silent vessel counts as lost: min(6 min, 5 reporting intervals)."""

import pytest

from domain.reporting import lost_after_s, reporting_interval_s


@pytest.mark.parametrize(
    ("message_type", "sog_kn", "nav_status", "interval_s", "lost_s"),
    [
        (1, 5.0, 0, 10, 50),
        (3, None, None, 10, 50),
        (1, 0.1, 1, 180, 360),  # class A at anchor
        (1, 0.0, 5, 180, 360),  # moored
        (1, 4.0, 5, 10, 50),  # says moored, moves
        (18, 5.0, None, 30, 150),
        (18, 2.0, None, 180, 360),
        (18, 2.1, None, 30, 150),
        (18, None, None, 30, 150),
        (19, 0.0, None, 180, 360),
        (27, 8.0, 0, 180, 360),
    ],
)
def test_lost_after(
    message_type: int,
    sog_kn: float | None,
    nav_status: int | None,
    interval_s: float,
    lost_s: float,
) -> None:
    assert reporting_interval_s(message_type, sog_kn, nav_status) == interval_s
    assert lost_after_s(message_type, sog_kn, nav_status) == lost_s
