"""What detection makes of single situations: zig-zags, gaps, jumps, clones, gates, long stays."""

import numpy as np
import pytest
import shapely
from sailing import NOISE_M, START_S, Voyage, centreline, fixes, fixes_at, metres, sail

from domain.positions import FixFlag
from domain.rules import Rules
from layers.borders import metric
from layers.datum import to_degrees
from layers.detection import Detection, Detector, FixArrays
from layers.geography import Geography


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(Geography.builtin())


@pytest.fixture(scope="module")
def across() -> tuple[np.ndarray, np.ndarray]:
    """A point of the Qingpu–Wujiang border and the unit vector into Qingpu, metres."""
    geography = Geography.builtin()
    line = metric(geography.borders["310118", "320509"])
    # the spot from which both sides soon get deep: try normals along the border
    best = None
    for share in np.linspace(0.05, 0.95, 60):
        parts = shapely.get_parts(shapely.line_merge(line))
        longest = max(parts, key=lambda part: part.length)
        a = longest.interpolate(share * longest.length)
        b = longest.interpolate(share * longest.length + 5)
        normal = np.array([-(b.y - a.y), b.x - a.x])
        normal /= np.hypot(*normal)
        for inward in (normal, -normal):
            ends = np.array([[a.x, a.y] + inward * d for d in (2500, 700, -700, -2500)])
            found = geography.locate(*to_degrees(ends[:, 0], ends[:, 1]))
            names = [geography.labels[i] for i in found.district]
            if names == ["310118", "310118", "320509", "320509"]:
                depth = float(found.depth_m.min())
                if best is None or depth > best[0]:
                    best = depth, np.array([a.x, a.y]), inward
    assert best is not None
    assert best[0] > 500
    return best[1], best[2]


def walk(across: tuple[np.ndarray, np.ndarray], offsets_m: list[float]) -> np.ndarray:
    """Metric points at signed distances from the border, positive in Qingpu."""
    origin, inward = across
    return np.array([origin + inward * d for d in offsets_m])


def run(detector: Detector, batch: FixArrays) -> Detection:
    return detector.run(batch, {})


@pytest.mark.parametrize("noise_m", [0.0, NOISE_M])
@pytest.mark.parametrize("start_m", [2000.0, -2000.0])
@pytest.mark.parametrize("step_s", [10, 60])
def test_zigzag_about_a_border_for_an_hour_is_no_crossing(
    detector: Detector,
    across: tuple[np.ndarray, np.ndarray],
    start_m: float,
    step_s: int,
    noise_m: float,
) -> None:
    way_in = np.linspace(start_m, 0.0, round(2000 / (2.5 * step_s))).tolist()
    hour = [30.0 if i % 2 else -30.0 for i in range(3600 // step_s)]
    points = walk(across, way_in + hour)
    points += np.random.default_rng(1).normal(0, 1, points.shape) * noise_m
    assert run(detector, fixes_at(points, step_s)).crossings == []


def test_zigzag_along_the_taipu_is_no_crossing(detector: Detector) -> None:
    """The same from a vessel under way where river and border run together."""
    line = centreline("太浦河").segmentize(50)
    # 120.96 to 120.98: the border is within 160 m of the centreline all the way
    south = metres(120.962, 31.0185)
    along = float(line.project(shapely.Point(south)))
    way = [line.interpolate(along + 2.5 * 10 * i) for i in range(30)]
    side = [np.array([p.x, p.y]) + np.array([0, 30 if i % 2 else -30]) for i, p in enumerate(way)]
    assert run(detector, fixes_at(np.array(side), 10)).crossings == []


def test_two_fixes_on_both_sides_are_one_crossing_that_cites_both(
    detector: Detector, across: tuple[np.ndarray, np.ndarray]
) -> None:
    batch = fixes_at(walk(across, [-2500, 2500]), 20 * 60)
    found = run(detector, batch)
    (crossing,) = found.crossings
    assert (crossing.from_adcode, crossing.to_adcode) == ("320509", "310118")
    assert crossing.by == "segment"
    assert not crossing.grazing
    assert crossing.fix_before_at.timestamp() == START_S
    assert crossing.fix_after_at.timestamp() == START_S + 1200
    assert crossing.crossed_at.timestamp() == pytest.approx(START_S + 600, abs=2)
    lon, lat = to_degrees(*across[0].reshape(2, 1))
    assert (crossing.lon, crossing.lat) == pytest.approx((lon[0], lat[0]), abs=2e-5)
    assert not found.flags.any()


def test_two_fixes_five_kilometres_and_one_minute_apart_are_a_jump(
    detector: Detector, across: tuple[np.ndarray, np.ndarray]
) -> None:
    found = run(detector, fixes_at(walk(across, [-2500, 2500]), 60))
    assert found.crossings == []
    assert found.flags.tolist() == [0, FixFlag.JUMP]


def test_a_jump_that_stays_is_followed_but_is_never_a_crossing(
    detector: Detector, across: tuple[np.ndarray, np.ndarray]
) -> None:
    there = [-2500.0] * 5 + [2500.0 + 10 * i for i in range(120)]
    found = run(detector, fixes_at(walk(across, there), 10))
    assert found.crossings == []
    assert found.flags.tolist() == [0] * 5 + [FixFlag.JUMP] * 2 + [0] * 118
    state = found.states[412_000_001]
    assert state.district == "310118"
    assert state.rival is None


def test_after_a_jump_a_real_crossing_is_found_again(
    detector: Detector, across: tuple[np.ndarray, np.ndarray]
) -> None:
    offsets = [-2500.0] * 5 + [2500.0 - 28 * i for i in range(180)]
    found = run(detector, fixes_at(walk(across, offsets), 10))
    assert [(c.from_adcode, c.to_adcode) for c in found.crossings] == [("310118", "320509")]


def test_one_wild_fix_changes_nothing(
    detector: Detector, across: tuple[np.ndarray, np.ndarray]
) -> None:
    offsets = [-2500.0] * 20
    offsets[10] = 4000.0
    found = run(detector, fixes_at(walk(across, offsets), 10))
    assert found.crossings == []
    assert np.flatnonzero(found.flags).tolist() == [10]


@pytest.mark.parametrize("step_s", [1, 10, 60, 180])
def test_alternating_clones_never_cross_and_are_flagged(
    detector: Detector, across: tuple[np.ndarray, np.ndarray], step_s: int
) -> None:
    offsets = [8000.0 if i % 2 else -8000.0 for i in range(400)]
    found = run(detector, fixes_at(walk(across, offsets), step_s))
    assert found.crossings == []
    assert (found.flags[3::2] == FixFlag.CLONE).all()
    assert not found.flags[0::2].any(), "the hull that was first is followed on"


@pytest.mark.parametrize("bursts", [(3, 1), (1, 5), (7, 7), (2, 30)])
def test_clones_in_bursts_never_cross(
    detector: Detector, across: tuple[np.ndarray, np.ndarray], bursts: tuple[int, int]
) -> None:
    cycle = [-8000.0] * bursts[0] + [8000.0] * bursts[1]
    found = run(detector, fixes_at(walk(across, cycle * 20), 10))
    assert found.crossings == []
    assert np.count_nonzero(found.flags & FixFlag.CLONE) > 0


def test_a_clone_in_the_same_second_is_late_and_a_clone(
    detector: Detector, across: tuple[np.ndarray, np.ndarray]
) -> None:
    a, b = (fixes_at(walk(across, [d] * 10), 10) for d in (-8000.0, 8000.0))
    both = FixArrays.joined([a, b]).take(np.arange(20).reshape(2, 10).T.ravel())
    found = run(detector, both)
    assert (found.flags[1::2] == FixFlag.LATE | FixFlag.CLONE).all()
    assert not found.flags[0::2].any()


def test_a_late_or_repeated_fix_is_flagged_and_moves_nothing(detector: Detector) -> None:
    clean = sail("急水港", Voyage(step_s=30))
    order = list(range(len(clean)))
    moved = [*order[:40], *order[41:60], 40, 59, *order[60:]]
    found = run(detector, clean.take(np.array(moved)))
    assert np.flatnonzero(found.flags).tolist() == [59, 60]
    assert set(found.flags[59:61].tolist()) == {int(FixFlag.LATE)}
    assert [c.to_adcode for c in found.crossings] == ["310118"]


@pytest.mark.parametrize("step_s", [2, 5, 10])
def test_noise_is_no_jump(detector: Detector, step_s: int) -> None:
    for seed in range(10):
        voyage = Voyage(step_s=step_s, noise_m=NOISE_M)
        assert not run(detector, sail("俞汇塘", voyage, seed)).flags.any()


def test_fast_is_a_remark_and_does_not_stop_detection(detector: Detector) -> None:
    clean = sail("急水港", Voyage(step_s=30))
    quick = FixArrays(
        clean.mmsi, clean.t, clean.lon, clean.lat, np.full(len(clean), 11, np.float32)
    )
    found = run(detector, quick)
    assert (found.flags == FixFlag.FAST).all()
    assert len(found.crossings) == 1


def test_a_gate_cut_in_order_is_certain_at_once(detector: Detector) -> None:
    gate = next(g for g in Geography.builtin().gates if g.gate_id == "yuhui-tang-1")
    line = centreline("俞汇塘")
    cuts = [line.project(line.intersection(metric(g))) for g in (gate.first, gate.second)]
    along = np.arange(cuts[0] - 1500, cuts[1] + 300, 28.0)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    found = run(detector, fixes_at(points, 10))
    (crossing,) = found.crossings
    assert crossing.by == "gate"
    assert (crossing.from_adcode, crossing.to_adcode) == (gate.first_adcode, gate.second_adcode)
    first_behind = int(np.argmax(along > cuts[1]))
    assert crossing.confirmed_at.timestamp() == START_S + 10 * first_behind
    where = Geography.builtin().where(crossing.lon, crossing.lat)
    assert where.nearest_border_m < 5


def test_a_gate_line_cut_to_and_fro_is_no_passage(detector: Detector) -> None:
    gate = next(g for g in Geography.builtin().gates if g.gate_id == "yuhui-tang-1")
    line = centreline("俞汇塘")
    cut = line.project(line.intersection(metric(gate.first)))
    along = cut + 40 * np.sin(np.arange(400) / 3)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    points += np.random.default_rng(3).normal(0, NOISE_M, points.shape)
    assert run(detector, fixes_at(points, 10)).crossings == []


def test_both_gate_lines_between_two_fixes(detector: Detector) -> None:
    gate = next(g for g in Geography.builtin().gates if g.gate_id == "yuhui-tang-1")
    line = centreline("俞汇塘")
    cuts = [line.project(line.intersection(metric(g))) for g in (gate.first, gate.second)]
    along = np.array([cuts[0] - 1500, cuts[0] - 20, cuts[1] + 20])
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    (crossing,) = run(detector, fixes_at(points, 540)).crossings
    assert crossing.by == "gate"


def test_a_long_stay_just_inside_is_settled_by_dwell_and_called_grazing(
    detector: Detector, across: tuple[np.ndarray, np.ndarray]
) -> None:
    """Moored 200 m inside: an hour settles it, but the vessel never left border water."""
    offsets = np.linspace(-2000, 200, 80).tolist() + [200.0] * 420
    points = walk(across, offsets) + np.random.default_rng(2).normal(0, 20, (500, 2))
    (crossing,) = run(detector, fixes_at(points, 10)).crossings
    assert crossing.by == "dwell"
    assert crossing.grazing
    settled_after_s = (crossing.confirmed_at - crossing.crossed_at).total_seconds()
    assert settled_after_s == pytest.approx(Rules().dwell_s, abs=60)


def test_a_short_visit_is_forgotten(
    detector: Detector, across: tuple[np.ndarray, np.ndarray]
) -> None:
    tooth = [*np.linspace(-1000, 150, 42), *np.linspace(150, -1000, 42)]
    found = run(detector, fixes_at(walk(across, tooth * 3), 10))
    assert found.crossings == []
    assert found.states[412_000_001].stays == []


def test_the_first_district_is_no_crossing(
    detector: Detector, across: tuple[np.ndarray, np.ndarray]
) -> None:
    found = run(detector, fixes_at(walk(across, [40.0 + 25 * i for i in range(60)]), 10))
    assert found.crossings == []
    assert found.states[412_000_001].district == "310118"


def test_far_away_vessels_are_outside_and_never_cross(detector: Detector) -> None:
    rows = [(244_000_001, START_S + 10 * i, 4.0 + 0.0002 * i, 52.0) for i in range(100)]
    found = run(detector, fixes(rows))
    assert (found.adcode == -1).all()
    assert found.crossings == []
    assert not found.flags.any()


def test_the_date_line_is_no_jump(detector: Detector) -> None:
    rows = [(244_000_001, START_S + 10 * i, 179.9999 + 0.0001 * i, -17.0) for i in range(3)]
    wrapped = [(m, t, (lon + 180) % 360 - 180, lat) for m, t, lon, lat in rows]
    assert not run(detector, fixes(wrapped)).flags.any()


def test_nothing_in_nothing_out(detector: Detector) -> None:
    found = run(detector, fixes([]))
    assert found.crossings == []
    assert dict(found.states) == {}


def test_the_given_states_are_not_changed(detector: Detector) -> None:
    whole = sail("急水港", Voyage(step_s=10, noise_m=NOISE_M))
    half = len(whole) // 2 + 20
    before = detector.run(whole.take(slice(0, half)), {}).states
    kept = {mmsi: state.to_json() for mmsi, state in before.items()}
    detector.run(whole.take(slice(half, None)), before)
    assert {mmsi: state.to_json() for mmsi, state in before.items()} == kept
