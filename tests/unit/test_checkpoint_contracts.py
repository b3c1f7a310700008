"""What a checkpoint's reading may say, who is late, and how each system's words become ours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.checkpoints import (
    Checkpoint,
    DeviceHealth,
    Direction,
    Entering,
    Health,
    Reading,
    System,
    check_reading,
    course_deg,
)

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
GATE = Checkpoint(
    "wj-1", System.WUJIANG, "一号", "One", 120.85, 31.1, 250.0, 80.0, "jishuigang", "320509", 60
)
READ = Reading("wj-1", System.WUJIANG, "0001", NOW, Direction.FORTH, draught_m=2.4)


def test_a_plain_reading_is_plausible() -> None:
    assert check_reading(READ, NOW) is None


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"t": NOW + timedelta(days=1)}, "reading.time_future", "t"),
        ({"t": NOW - timedelta(days=31)}, "reading.time_expired", "t"),
        ({"draught_m": -3.0}, "reading.range", "draught_m"),
        ({"draught_m": 0.0}, "reading.range", "draught_m"),
        ({"draught_m": float("nan")}, "reading.range", "draught_m"),
        ({"draught_m": float("inf")}, "reading.range", "draught_m"),
        ({"draught_error_m": -0.1}, "reading.range", "draught_error_m"),
        ({"draught_m": None, "draught_error_m": 0.1}, "reading.range", "draught_error_m"),
        ({"length_m": 1200.0}, "reading.range", "length_m"),
        ({"beam_m": 0.1}, "reading.range", "beam_m"),
        ({"confidence": 1.2}, "reading.range", "confidence"),
        ({"claimed_mmsi": 10**9}, "reading.range", "claimed_mmsi"),
        ({"source_key": " "}, "reading.text", "source_key"),
        ({"source_key": "x" * 121}, "reading.text", "source_key"),
        ({"plate": "苏\x00"}, "reading.text", "plate"),
    ],
)
def test_what_cannot_be_is_named(change: dict[str, object], code: str, field: str) -> None:
    fault = check_reading(replace(READ, **change), NOW)
    assert fault is not None
    assert (fault.code, fault.field) == (code, field)
    assert fault.expected.startswith("expected ")


def test_the_edges_of_time_are_believed() -> None:
    assert check_reading(replace(READ, t=NOW + timedelta(seconds=60)), NOW) is None
    assert check_reading(replace(READ, t=NOW - timedelta(days=30)), NOW) is None


@given(st.floats(0.1, 8.0), st.floats(0.0, 2.0))
def test_what_is_plausible_keeps_its_identity_and_its_content(draught: float, error: float) -> None:
    one = replace(READ, draught_m=draught, draught_error_m=error)
    assert check_reading(one, NOW) is None
    assert one.reading_id == READ.reading_id
    assert one.content_hash == replace(one).content_hash
    assert one.content_hash != replace(one, direction=Direction.BACK).content_hash


def test_another_point_or_key_is_another_reading() -> None:
    ids = {
        READ.reading_id,
        replace(READ, source_key="0002").reading_id,
        replace(READ, checkpoint_id="wj-2").reading_id,
    }
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("said", "course"),
    [
        ({"direction": Direction.FORTH}, 250.0),
        ({"direction": Direction.BACK}, 70.0),
        ({"direction": None, "entering": Entering.IN}, 250.0),
        ({"direction": None, "entering": Entering.OUT}, 70.0),
        ({"direction": None}, None),
    ],
)
def test_a_direction_is_a_course(said: dict[str, object], course: float | None) -> None:
    assert course_deg(GATE, replace(READ, **said)) == course


@pytest.mark.parametrize(
    ("age_s", "health"),
    [
        (0, "online"),
        (120, "online"),
        (121, "late"),
        (300, "late"),
        (301, "silent"),
        (None, "silent"),
    ],
)
def test_health_goes_by_the_promised_interval(age_s: int | None, health: str) -> None:
    heard = None if age_s is None else NOW - timedelta(seconds=age_s)
    assert DeviceHealth(GATE, heard, None, 0, None).at(NOW) is Health(health)
