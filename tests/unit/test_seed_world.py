"""The simulated world is one world: the same at every asking, on the water, at barges' speeds."""

from functools import cache

import numpy as np
import pytest
import shapely

from layers import sources
from seed.fleet import CLONE_EVERY, launch, mmsi_of
from seed.waterway_graph import CONNECTORS, WaterwayGraph, Wharf, builtin_graph, to_metres
from seed.world import M_PER_DEG_LAT, M_PER_DEG_LON, World

NOON = 1_717_387_200
DAYS = 86_400


@cache
def world() -> World:
    return World(60, 11)


def everyone(of: World, moments: range):
    barge = np.tile(np.arange(len(of.barges)), len(moments))
    return of.at(barge, np.repeat(np.array(moments, dtype=np.int64), len(of.barges)))


@cache
def channels() -> shapely.Geometry:
    """All centrelines and connectors, metres."""
    lines = [w.geometry for w in sources.builtin_waterways() if not w.lake]
    joins = [shapely.LineString(c) for c in CONNECTORS]
    return shapely.union_all([shapely.transform(line, to_metres) for line in [*lines, *joins]])


def test_a_larger_fleet_begins_with_the_same_barges():
    few, many = World(5, 11), world()
    assert few.barges == many.barges[:5]
    a, b = (everyone(one, range(NOON, NOON + 1)) for one in (few, many))
    assert np.array_equal(a.lon, b.lon[:5])
    assert np.array_equal(a.course_deg, b.course_deg[:5])


def test_another_seed_is_another_world():
    assert {b.mmsi for b in World(20, 12).barges}.isdisjoint({b.mmsi for b in world().barges})


def test_asking_one_by_one_or_together_gives_the_same():
    together = everyone(world(), range(NOON, NOON + 30, 10))
    single = everyone(world(), range(NOON + 20, NOON + 21))
    assert np.array_equal(together.lat[-60:], single.lat)
    assert np.array_equal(together.speed_mps[-60:], single.speed_mps)


@pytest.mark.parametrize("start", [NOON, NOON + 400 * DAYS])
def test_nobody_jumps_and_nobody_races(start):
    """Five hours in steps of ten seconds: never faster than 12 km/h, also at wharves and turns."""
    now = everyone(world(), range(start, start + 5 * 3600, 10))
    lon, lat = now.lon.reshape(-1, 60), now.lat.reshape(-1, 60)
    step = np.hypot(np.diff(lon, axis=0) * M_PER_DEG_LON, np.diff(lat, axis=0) * M_PER_DEG_LAT)
    assert step.max() / 10 * 3.6 < 12.2
    # what the speedometer says is what the barge does; a straight line cuts its corners
    said = now.speed_mps.reshape(-1, 60)
    mean = (said[:-1] + said[1:]) / 2 * 10
    assert (step - mean).max() < 0.5
    assert np.quantile(np.abs(step - mean), 0.999) < 1.0


def test_speeds_are_those_of_barges():
    now = everyone(world(), range(NOON, NOON + DAYS, 60))
    kmh = now.speed_mps[~now.moored] * 3.6
    assert kmh.max() <= 12.0
    assert 7.0 < np.median(kmh) < 10.0
    assert np.mean(kmh < 5.9) < 0.12  # gathering way and dead slow before a berth


def test_some_lie_at_wharves_and_come_away_again():
    now = everyone(world(), range(NOON, NOON + 2 * DAYS, 120))
    moored = now.moored.reshape(-1, 60)
    assert 0.2 < moored.mean() < 0.45
    assert not moored.all(axis=0).any()
    assert moored.any(axis=0).all()
    assert np.all(now.speed_mps[now.moored] == 0)


def test_they_stay_in_the_channel_and_keep_right():
    now = everyone(world(), range(NOON, NOON + 6 * 3600, 45))
    xy = to_metres(np.column_stack([now.lon, now.lat]))
    off = shapely.distance(channels(), shapely.points(xy))
    assert off.max() < 60  # corners are rounded
    # a point 25 m to port is nearer to the centreline, or just across it; to starboard is farther
    under_way = now.speed_mps > 1.7
    course = np.radians(now.course_deg)
    right = np.column_stack([np.cos(course), -np.sin(course)])
    farther = shapely.distance(channels(), shapely.points(xy + 12 * right))
    assert np.mean(farther[under_way] > off[under_way]) > 0.98
    assert 10 < np.median(off[under_way]) < 30


def test_identities_are_chinese_and_distinct_but_for_the_clones():
    barges = [launch(3, n) for n in range(2 * CLONE_EVERY)]
    clones = [b for b in barges if b.clone_of is not None]
    assert [b.index for b in clones] == [199, 399]
    for clone in clones:
        assert clone.mmsi == barges[clone.clone_of].mmsi
    hulls = [b.mmsi for b in barges if b.clone_of is None]
    assert len(set(hulls)) == len(hulls)
    assert {str(m)[:3] for m in hulls} == {"412", "413", "414"}
    assert all(len(b.name) <= 20 and b.name.isascii() and b.name.isupper() for b in barges)


def test_no_two_of_a_million_share_an_mmsi():
    digits = {mmsi_of(5, n) % 1_000_000 for n in range(0, 1_000_000, 7)}
    assert len(digits) == len(range(0, 1_000_000, 7))


def test_hulls_are_those_of_the_trade():
    for barge in (launch(3, n) for n in range(300)):
        length, beam = {500: (42, 8.3), 1000: (48, 10), 1500: (55, 10.6)}[barge.tonnes]
        assert length <= barge.length_m <= length + 2
        assert beam <= barge.beam_m <= beam + 0.6
        assert 0.5 < barge.light_m < 1.3
        assert 1.9 < barge.laden_m < 3.2


def by_name(graph: WaterwayGraph, name: str) -> int:
    return [wharf.name for wharf in graph.wharves].index(name)


def test_the_waterways_are_joined_where_they_meet():
    graph = builtin_graph()
    corner = graph.distances[by_name(graph, "LILI"), by_name(graph, "BACHE")]
    assert 15_000 < corner < 19_000  # by way of Pingwang, where the canal crosses the Taipu
    lake = graph.distances[by_name(graph, "ZHOUZHUANG"), by_name(graph, "LIANTANG")]
    assert 30_000 < lake < 36_000  # across Dianshan Lake and down Lanlu Gang


def test_a_route_is_one_line_without_gaps():
    graph = builtin_graph()
    for a, b in [("SUZHOU", "MINHANG"), ("YUHUI", "TUNCUN"), ("TIANNING", "JINZE")]:
        start, end = by_name(graph, a), by_name(graph, b)
        route = graph.route(start, end)
        assert np.hypot(*np.diff(route.xy, axis=0).T).max() < 12_000
        assert route.length_m == pytest.approx(graph.distances[start, end], rel=0.02)
        back = graph.route(end, start)
        assert back.length_m == pytest.approx(route.length_m, rel=0.001)
        assert np.hypot(*(back.xy[0] - route.xy[-1])) < 1.0


def test_a_wharf_must_lie_on_the_water_and_be_reachable():
    line = np.array([[120.0, 31.0], [120.1, 31.0]])
    far = np.array([[120.0, 31.5], [120.1, 31.5]])
    good = Wharf("HERE", 120.05, 31.0, 1.0)
    with pytest.raises(ValueError, match="wharf THERE: no waterway within 1500 m"):
        WaterwayGraph([line], [good, Wharf("THERE", 120.05, 31.1, 1.0)], ())
    graph = WaterwayGraph([line, far], [good, Wharf("APART", 120.05, 31.5, 1.0)], ())
    with pytest.raises(ValueError, match="cut off from the others: APART"):
        graph.distances  # noqa: B018
