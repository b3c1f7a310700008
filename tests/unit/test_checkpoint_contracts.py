"""What a checkpoint's reading may say, who is late, and how each system's words become ours."""

import json
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
from streams.sources.http.app import PASSAGES, SIGHTINGS
from streams.sources.http.door import Adapter
from streams.sources.http.rate import RateLimit
from streams.sources.http.refusal import Refused

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


def passage(**more: object) -> bytes:
    plain = {
        "passage_no": "1",
        "gate": "wj-1",
        "passed_at": "2026-11-23T18:00:00+08:00",
        "direction": "back",
        "draught": {"value_m": 2.4, "error_m": 0.1},
        "hull": {"length_m": 52, "beam_m": 9.8, "plate": "苏货 0417", "mmsi": 413000001},
        "load_state": "重载",
        "image": "ab" * 32,
    }
    return json.dumps({**plain, **more}).encode()


def sighting(**more: object) -> bytes:
    plain = {
        "id": "1",
        "point": "js-01",
        "seen_at": "2026-11-23T10:00:00Z",
        "movement": "入浙",
        "confidence": 1,
        "ship": {"class": "货船", "name": "x", "length_m": 9, "width_m": 3, "mmsi": 413000001},
        "picture": "cd" * 32,
    }
    return json.dumps({**plain, **more}).encode()


def test_each_system_s_words_become_ours() -> None:
    passed = PASSAGES.read(passage())
    assert (passed.t, passed.t.utcoffset()) == (NOW, timedelta(hours=8))
    assert (passed.direction, passed.claimed_mmsi) == (Direction.BACK, 413000001)
    assert passed.image_hash == bytes.fromhex("ab" * 32)
    seen = SIGHTINGS.read(sighting())
    assert (seen.entering, seen.beam_m, seen.confidence) == (Entering.IN, 3.0, 1.0)
    assert (seen.draught_m, seen.direction) == (None, None)


@pytest.mark.parametrize(
    ("adapter", "body"),
    [(PASSAGES, passage()), (SIGHTINGS, sighting())],
    ids=["wujiang", "jiashan"],
)
def test_every_field_that_an_adapter_fills_has_the_device_s_word(
    adapter: Adapter, body: bytes
) -> None:
    told = adapter.read(body).to_json().keys() - {"system", "direction", "entering"}
    assert told == adapter.fields.keys()


@pytest.mark.parametrize(
    ("adapter", "body", "code", "field"),
    [
        (PASSAGES, passage(passed_at="2026-11-23T18:00:00"), "field.wrong", "passed_at"),
        (PASSAGES, passage(passed_at=1795428000), "field.wrong", "passed_at"),
        (PASSAGES, passage(hull={"mmsi": 0}), "field.wrong", "hull.mmsi"),
        (PASSAGES, passage(hull={"mmsi": "413000001"}), "field.wrong", "hull.mmsi"),
        (PASSAGES, passage(hull={"crew": 2}), "field.unknown", "hull.crew"),
        (PASSAGES, passage(draught={}), "field.missing", "draught.value_m"),
        (PASSAGES, passage(image="../../etc/passwd"), "field.wrong", "image"),
        (SIGHTINGS, sighting(movement="in"), "field.wrong", "movement"),
        (SIGHTINGS, sighting(confidence="high"), "field.wrong", "confidence"),
        (SIGHTINGS, sighting(draught={"value_m": 2}), "field.unknown", "draught"),
        (SIGHTINGS, passage(), "field.unknown", "passage_no"),
        (SIGHTINGS, b"[]", "field.wrong", "body"),
        (SIGHTINGS, b"\xff", "body.json", "body"),
        (SIGHTINGS, b"[" * 100_000, "field.wrong", "body"),
    ],
)
def test_another_shape_is_refused_by_the_device_s_own_word(
    adapter: Adapter, body: bytes, code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        adapter.read(body)
    assert (refused.value.reason, refused.value.field) == (code, field)
    assert refused.value.expected.startswith("expected ")


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_break_the_contract(body: bytes) -> None:
    for adapter in (PASSAGES, SIGHTINGS):
        with pytest.raises(Refused):
            adapter.read(body)


def test_a_device_gets_its_burst_and_then_its_rate() -> None:
    clock = [0.0]
    limit = RateLimit(5.0, 20, lambda: clock[0])
    assert [limit.wait_s("a") for _ in range(21)] == [0] * 20 + [1]
    assert limit.wait_s("b") == 0
    clock[0] = 0.2
    assert [limit.wait_s("a"), limit.wait_s("a")] == [0, 1]
    clock[0] = 1000.0
    assert [limit.wait_s("a") for _ in range(21)] == [0] * 20 + [1]


def test_a_slow_rate_says_how_long_to_wait() -> None:
    limit = RateLimit(0.1, 1, lambda: 0.0)
    assert [limit.wait_s("a"), limit.wait_s("a")] == [0, 10]
