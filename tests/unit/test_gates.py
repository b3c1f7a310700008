"""Gate lines: where they lie, and which ones a step cuts, in which order."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from domain.tracks import Spot
from layers.borders import metric
from layers.features import Gate
from layers.gates import GateIndex
from layers.geography import Geography

GATES = Geography.builtin().gates


def test_every_gate_stands_astride_a_border_that_its_waterway_crosses() -> None:
    rivers = {w.name_en: w.geometry for w in Geography.builtin().waterways}
    for gate in GATES:
        river = rivers[gate.waterway]
        first, second = (river.project(river.intersection(g)) for g in (gate.first, gate.second))
        assert first < second, "drawn downstream"
        assert metric(gate.first).distance(metric(gate.second)) >= 100
        assert gate.schematic


def test_lines_are_cut_in_the_order_of_the_way() -> None:
    index = GateIndex(GATES)
    for gate in GATES:
        (a, b) = (g.interpolate(0.5, normalized=True) for g in (gate.first, gate.second))
        before, after = Spot(0, 1.1 * a.x - 0.1 * b.x, 1.1 * a.y - 0.1 * b.y), Spot(
            60, 1.1 * b.x - 0.1 * a.x, 1.1 * b.y - 0.1 * a.y
        )  # fmt: skip
        lines = [(c.gate_id, c.line) for c in index.between(before, after)]
        own = [line for gate_id, line in lines if gate_id == gate.gate_id]
        assert own == [0, 1]
        back = [c.line for c in index.between(after, before) if c.gate_id == gate.gate_id]
        assert back == [1, 0]


@given(
    gate=st.sampled_from(GATES),
    side=st.integers(0, 1),
    bearing=st.floats(0, 6.28),
    length_deg=st.floats(1e-5, 0.2),
    where=st.tuples(st.floats(0.01, 0.99), st.floats(-0.2, 1.2)),
)
def test_no_cut_is_missed_by_the_quick_test(
    gate: Gate, side: int, bearing: float, length_deg: float, where: tuple[float, float]
) -> None:
    """A step of any length and bearing through (or past the end of) a gate line."""
    index, (share, along) = GateIndex(GATES), where
    line = (gate.first, gate.second)[side]
    (ax, ay), (bx, by) = shapely.get_coordinates(line)[[0, -1]]
    x, y = ax + along * (bx - ax), ay + along * (by - ay)
    step = np.array([np.cos(bearing), np.sin(bearing)]) * length_deg
    a = Spot(0, x - share * step[0], y - share * step[1])
    b = Spot(60, x + (1 - share) * step[0], y + (1 - share) * step[1])
    cut = index.between(a, b)
    near = index.near(*(np.array([v]) for v in (a.lon, a.lat, b.lon, b.lat)))
    assert near[0] or not cut
    crosswise = abs(step[0] * (by - ay) - step[1] * (bx - ax))
    if 0.001 < along < 0.999 and crosswise > 1e-9:
        assert any(c.gate_id == gate.gate_id for c in cut)


def test_a_first_fix_cuts_nothing() -> None:
    nan = np.array([np.nan])
    assert not GateIndex(GATES).near(nan, nan, np.array([120.9]), np.array([31.0]))[0]


@pytest.mark.parametrize("gates", [()])
def test_without_gates_nothing_is_cut(gates: tuple[()]) -> None:
    one = np.array([120.9])
    assert not GateIndex(gates).near(one, one, one, one)[0]
    assert GateIndex(gates).between(Spot(0, 120, 31), Spot(1, 121, 31)) == []
