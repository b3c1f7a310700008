"""What a snapshot knows of its vessels, and what the map is told of them."""

import pytest
from console_samples import NOW, feed, snapshot, vessel

from dashboard.reading import unheard
from dashboard.snapshot import DeadReceiver, silent_after_s
from layers.symbols import NAMES
from layers.vessels import AGED_OPACITY, LOST_OPACITY, vessel_rows


@pytest.mark.parametrize(
    ("changes", "symbol", "angle"),
    [
        ({}, "heading", -90),
        ({"heading_deg": None}, "course", -91),
        ({"heading_deg": None, "sog_kn": 0.1}, "still", 0),
        ({"heading_deg": 10, "sog_kn": 0.0}, "heading", -10),
        ({"heading_deg": None, "cog_deg": None}, "still", 0),
        ({"heading_deg": None, "sog_kn": None, "cog_deg": 5.0}, "course", -5),
        ({"t": NOW - 51}, "lost", -90),
        ({"t": NOW - 51, "heading_deg": None, "sog_kn": 0.0}, "lost-still", 0),
    ],
)
def test_a_symbol_says_only_what_is_known(
    changes: dict[str, object], symbol: str, angle: float
) -> None:
    (row,) = vessel_rows([vessel(**changes)], NOW)
    assert (row["icon"], row["angle"]) == (symbol, angle)
    assert symbol in NAMES


def test_a_symbol_fades_and_is_lost_after_five_intervals() -> None:
    ages = (0, 25, 50, 51)
    rows = vessel_rows([vessel(413000001 + age, t=NOW - age) for age in ages], NOW)
    assert [row["lost"] for row in rows] == [False, False, False, True]
    opacities = [row["color"][3] / 255 for row in rows]
    assert opacities == pytest.approx(
        [1, (1 + AGED_OPACITY) / 2, AGED_OPACITY, LOST_OPACITY], abs=0.01
    )


def test_a_moored_class_b_is_given_six_minutes() -> None:
    slow = {"message_type": 18, "sog_kn": 0.0}
    assert not vessel(t=NOW - 360, **slow).lost(NOW)
    assert vessel(t=NOW - 361, **slow).lost(NOW)


def test_unknown_is_said_never_nought() -> None:
    (row,) = vessel_rows([vessel(sog_kn=None, heading_deg=None, cog_deg=None, name=None)], NOW)
    assert (row["kmh"], row["speed"], row["course"]) == (None, "—", "—")
    assert (row["name"], row["label"]) == (None, "413000001")


def test_the_row_of_a_fast_vessel() -> None:
    (row,) = vessel_rows([vessel(sog_kn=6.0, heading_deg=7)], NOW)
    assert (row["kmh"], row["speed"], row["course"]) == (11.1, "11.1", "007°")


def test_a_snapshot_counts_what_it_lost() -> None:
    one = snapshot(vessels=(vessel(), vessel(413000002, t=NOW - 100)))
    assert one.lost == 1
    assert one.vessel(413000002) is one.vessels[1]
    assert one.vessel(1) is None


@pytest.mark.parametrize(
    ("rate", "limit"), [(None, 600), (0, 600), (40, 2.5), (2, 4), (0.1, 80), (0.001, 600)]
)
def test_a_slow_feed_is_given_its_time(rate: float | None, limit: float) -> None:
    assert silent_after_s(rate, 2.5) == pytest.approx(limit)


def test_a_silence_of_the_feed_is_not_the_vessels() -> None:
    assert vessel(t=NOW - 100).lost(NOW)
    assert not vessel(t=NOW - 100, unheard_s=60.0).lost(NOW)
    assert vessel(t=NOW - 120, unheard_s=60.0).lost(NOW)
    dead = (DeadReceiver("JINZE", NOW - 400),)
    quiet = feed(feed_id="b", last_sentence_at=NOW - 90, silent_after_s=30.0)
    ended = feed(feed_id="c", last_sentence_at=NOW - 90, silent_after_s=30.0, ended_at=NOW - 80)
    assert unheard([feed(feed_id="a", dead_receivers=dead), quiet, ended], NOW) == {
        ("a", "JINZE"): 400,
        ("b", ""): 90,
    }
