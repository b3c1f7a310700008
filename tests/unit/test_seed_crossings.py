"""True crossings: the district sequences that are known, in both directions, and their hours."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import shapely

from layers import sources
from seed.crossings import Borders, true_crossings
from seed.reception import Reception
from seed.truth import Chronicle, builtin_districts
from seed.voyage import Round
from seed.waterway_graph import to_metres
from seed.world import World

NOON = 1_717_387_200
SPEED = 2.5

KNOWN = {
    "Taipu": ["320509", "310118", "330421", "310118"],
    "Grand Canal": ["320506", "320509", "330411", "330402"],
    "Jishui": ["320509", "310118"],
    "Yuhui": ["330421", "310118"],
    "Hongqi": ["330421", "310118", "310117"],
}
"""Confirmed districts downstream on the seeded centrelines."""


@cache
def borders() -> Borders:
    return Borders(builtin_districts())


def centreline(name: str) -> np.ndarray:
    (line,) = [
        w.geometry for w in sources.builtin_waterways() if not w.lake and w.name_en.startswith(name)
    ]
    return to_metres(np.asarray(line.coords))


def there_and_back(xy: np.ndarray) -> Round:
    """A round along a line and back at a constant speed, with an hour at each end."""
    path = np.vstack([xy, xy[-2::-1]])
    path_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    half = path_m[-1] / 2
    sail = half / SPEED
    leg_s = np.array([0, 1, sail - 1, sail])
    leg_m = np.array([0, SPEED, half - SPEED, half])
    return Round(
        period_s=int(2 * sail + 7200),
        path_xy=path,
        path_m=path_m,
        knot_s=np.concatenate([leg_s, leg_s + sail + 3600]),
        knot_m=np.concatenate([leg_m, leg_m + half]),
        knot_mps=np.array([0, SPEED, SPEED, 0, 0, SPEED, SPEED, 0]),
        knot_leg=np.repeat([0, 1], 4),
        depart_s=np.array([0.0, sail + 3600]),
        arrive_s=np.array([sail, 2 * sail + 3600]),
        to_wharf=(1, 0),
        laden=(True, False),
    )


@pytest.mark.parametrize("name", KNOWN)
def test_the_sequences_that_are_known_are_the_certain_ones(name):
    round_ = there_and_back(centreline(name))
    found = true_crossings(0, round_, borders())
    certain = [(c.from_adcode, c.to_adcode) for c in found if not c.grazing]
    known = KNOWN[name]
    out = list(pairwise(known))
    back = [(b, a) for a, b in reversed(out)]
    assert certain == out + back
    half = round_.arrive_s[0]
    assert [c.laden for c in found if not c.grazing] == [True] * len(out) + [False] * len(out)
    assert sum(c.entered_s < half for c in found if not c.grazing) == len(out)


def test_the_passage_by_zhouzhuang_goes_by_way_of_kunshan():
    first, second = true_crossings(0, there_and_back(centreline("Jishui")), borders())
    assert first.via == second.via == ("320583",)
    assert 150 < first.entered_s - first.left_s < 350  # some 600 m at 9 km/h


def test_hongqi_tang_has_one_more_pair_and_it_is_called_grazing():
    found = true_crossings(0, there_and_back(centreline("Hongqi")), borders())
    grazing = [(c.from_adcode, c.to_adcode) for c in found if c.grazing]
    assert sorted(grazing) == sorted([("310117", "310118"), ("310118", "310117")] * 2)


def test_a_crossing_lies_on_the_border_at_its_time():
    round_ = there_and_back(centreline("Yuhui"))
    crossing = true_crossings(0, round_, borders())[0]
    point = shapely.Point(to_metres(np.array([[crossing.lon, crossing.lat]]))[0])
    assert borders().depth_m(np.array([[point.x, point.y]]))[0] < 0.5
    along = np.interp(crossing.entered_s, round_.knot_s, round_.knot_m)
    here = [np.interp(along, round_.path_m, round_.path_xy[:, k]) for k in (0, 1)]
    assert point.distance(shapely.Point(here)) < 5


def test_a_round_that_never_leaves_has_no_crossing():
    inside = to_metres(np.array([[120.70, 31.0105], [120.72, 31.0107]]))
    assert true_crossings(0, there_and_back(inside), borders()) == []


@cache
def chronicle() -> Chronicle:
    return Chronicle(Reception(World(60, 11)), builtin_districts())


def test_the_chronicle_tells_every_crossing_once():
    day = chronicle().between(NOON, NOON + 86_400)
    starts = range(NOON, NOON + 86_400, 3600)
    hours = [p for start in starts for p in chronicle().between(start, start + 3600)]
    assert day == hours
    assert len(day) > 100
    assert all(NOON <= p.entered_at < NOON + 86_400 for p in day)


def test_a_barge_is_on_the_border_when_the_chronicle_says_so():
    world = chronicle().world
    for passage in chronicle().between(NOON, NOON + 6 * 3600):
        barge = np.array([passage.crossing.barge])
        now = world.at(barge, np.array([round(passage.entered_at)]))
        border = to_metres(np.array([[passage.crossing.lon, passage.crossing.lat]]))
        gap = border - to_metres(np.column_stack([now.lon, now.lat]))
        assert np.hypot(*gap[0]) < 5


def test_a_longer_question_than_a_round_hears_it_again():
    passage = chronicle().between(NOON, NOON + 86_400)[0]
    period = chronicle().world.rounds[passage.crossing.barge].period_s
    again = chronicle().between(NOON, NOON + 86_400 + 2 * period)
    times = [p.entered_at for p in again if p.crossing is passage.crossing]
    assert np.allclose(np.diff(times), period)
    assert len(times) >= 3
