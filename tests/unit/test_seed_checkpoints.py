"""Where the simulated checkpoints stand, and who passes their lines."""

from functools import cache

import numpy as np
import pytest
import shapely

from domain.checkpoints import System
from layers import sources
from layers.geography import Geography
from seed.checkpoints import ZHOUZHUANG, checkpoints, gate_lines
from seed.passages import Passages
from seed.registers import wharves
from seed.truth import builtin_districts
from seed.waterway_graph import to_metres
from seed.world import M_PER_DEG_LAT, M_PER_DEG_LON, World

NOON = 1_717_387_200
POINTS = checkpoints()
WATERWAYS = {w.name_en: w.geometry for w in sources.builtin_waterways() if not w.lake}


@cache
def passages() -> Passages:
    return Passages(World(60, 11), POINTS)


def place(point) -> np.ndarray:
    return to_metres(np.array([[point.lon, point.lat]]))[0]


def test_eight_gates_and_exactly_nineteen_points():
    systems = [point.system for point in POINTS]
    assert systems.count(System.JIASHAN) == 19
    assert systems.count(System.WUJIANG) == 8
    assert len({point.checkpoint_id for point in POINTS}) == len(POINTS)
    assert len({point.name for point in POINTS}) == len(POINTS)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.checkpoint_id)
def test_a_point_stands_on_its_waterway_in_its_district(point):
    geography = Geography.builtin()
    assert geography.where(point.lon, point.lat).adcode == point.adcode
    centre = shapely.LineString(to_metres(np.asarray(WATERWAYS[point.waterway].coords)))
    spot = shapely.Point(place(point))
    assert centre.distance(spot) < 5
    # the gate line lies square across the channel
    at = centre.project(spot)
    ahead, behind = centre.interpolate(at + 40), centre.interpolate(at - 40)
    course = np.degrees(np.arctan2(ahead.x - behind.x, ahead.y - behind.y))
    off = (course - point.bearing_deg + 90) % 180 - 90
    assert abs(off) < 5


@pytest.mark.parametrize(
    "point", [p for p in POINTS if p.system is System.JIASHAN], ids=lambda p: p.checkpoint_id
)
def test_a_jiashan_point_stands_in_jiashan_or_within_border_water_of_it(point):
    here = Geography.builtin().where(point.lon, point.lat)
    assert "330421" in (here.adcode, *here.neighbours)


def test_no_point_stands_where_barges_berth():
    berths = to_metres(np.array([[w.lon, w.lat] for w in wharves()]))
    for point in POINTS:
        assert np.hypot(*(berths - place(point)).T).min() > 450, point.checkpoint_id


def test_the_gate_by_zhouzhuang_lies_close_beyond_the_border_of_qingpu():
    gate = next(p for p in POINTS if p.checkpoint_id == ZHOUZHUANG)
    here = Geography.builtin().where(gate.lon, gate.lat)
    assert here.border_water
    assert {here.adcode, *here.neighbours} == {"310118", "320583", "320509"}
    centre = shapely.LineString(to_metres(np.asarray(WATERWAYS[gate.waterway].coords)))
    qingpu = shapely.transform(builtin_districts()["310118"], to_metres)
    inside = shapely.intersection(centre, qingpu)
    assert 200 < inside.distance(shapely.Point(place(gate))) < 350


def test_gate_lines_run_from_port_to_starboard():
    lines = gate_lines(POINTS)
    across = lines[:, 1] - lines[:, 0]
    assert np.hypot(*across.T) == pytest.approx([p.width_m for p in POINTS], rel=0.01)
    bearing = np.degrees(np.arctan2(across[:, 0], across[:, 1])) % 360
    off = (bearing - [p.bearing_deg + 90 for p in POINTS] + 180) % 360 - 180
    assert np.abs(off).max() < 2


def test_a_passage_is_at_the_line_on_the_course_it_says():
    world = passages().world
    found = passages().between(NOON, NOON + 6 * 3600)
    assert len(found) > 100
    for passage in found:
        at = np.array([int(passage.t), int(passage.t) + 1])
        there = world.at(np.full(2, passage.index), at)
        point = passage.checkpoint
        east = (there.lon - point.lon) * M_PER_DEG_LON
        north = (there.lat - point.lat) * M_PER_DEG_LAT
        bearing = np.radians(point.bearing_deg)
        ahead = east * np.sin(bearing) + north * np.cos(bearing)
        assert np.abs(ahead).max() < 4  # within the second at barges' speed
        off = np.cos(np.radians(there.course_deg[0]) - bearing)
        assert (off > 0.9) == passage.forth
        assert (off < -0.9) != passage.forth


def test_passages_do_not_depend_on_how_time_is_cut():
    whole = passages().between(NOON, NOON + 3600)
    pieces = [p for t in range(NOON, NOON + 3600, 60) for p in passages().between(t, t + 60)]
    assert [(p.index, round(p.t, 3)) for p in whole] == [(p.index, round(p.t, 3)) for p in pieces]


def test_both_ways_and_both_loads_are_seen():
    found = passages().between(NOON, NOON + 86_400)
    assert 0.3 < np.mean([p.forth for p in found]) < 0.7
    assert 0.3 < np.mean([p.laden for p in found]) < 0.8
