"""Truth about what is suspicious: rare, the same at every asking, and true of the world."""

from datetime import date
from functools import cache

import numpy as np
import pytest

from domain.alerts import Rule
from layers.geography import Geography
from seed.chorus import StraysReception
from seed.device_service import Bank, DeviceOrder, suspicion_row
from seed.devices import Fleet
from seed.papers import papers
from seed.registers import Papers, hulls, trade, wharves
from seed.strays import Deed, Strays, stray_hulls
from seed.suspicions import Suspicions
from seed.truth import builtin_districts
from seed.waterway_graph import to_metres
from seed.world import World

NOON = 1_795_000_000
DAY = 86_400
SEED = 2024


@cache
def bank() -> Bank:
    return Bank(DeviceOrder(barges=600, seed=SEED, dark_share=0.003, strays=True))


@cache
def suspicions() -> Suspicions:
    b = bank()
    return Suspicions(b.reception, builtin_districts(), b.devices, b.sources, b.strays)


@cache
def day():
    return suspicions().between(NOON, NOON + DAY)


def test_six_hundred_barges_give_two_to_six_an_hour():
    assert 2 * 24 <= len(day()) <= 6 * 24
    # and of those that somebody could know of as many or nearly so
    known = [one for one in day() if one.measured_at is not None or one.rule is Rule.NO_AIS]
    assert 2 * 24 <= len(known) <= len(day())


def test_every_kind_occurs_within_a_day():
    assert {one.rule for one in day()} == {
        Rule.NO_PAPER,
        Rule.QUANTITY_USED,
        Rule.LOAD_LOST,
        Rule.NO_AIS,
        Rule.LOITERING,
        Rule.NIGHT_STOP,
        Rule.SILENT_IN_BORDER_WATER,
    }


def test_they_do_not_depend_on_how_time_is_cut():
    whole = [suspicion_row(one) for one in suspicions().between(NOON, NOON + 3 * 3600)]
    pieces = [
        suspicion_row(one)
        for start in range(NOON, NOON + 3 * 3600, 1200)
        for one in suspicions().between(start, start + 1200)
    ]
    # a crossing is listed by when it entered, so it may stand in the piece after its beginning
    order = lambda row: sorted((k, str(v)) for k, v in row.items())  # noqa: E731
    assert sorted(whole, key=order) == sorted(pieces, key=order)


def test_only_those_without_cover_are_accused():
    barges = {barge.mmsi: barge.index for barge in bank().reception.world.barges}
    strays = {hull.mmsi for hull in stray_hulls(SEED, 600)}
    for one in day():
        if one.fleet is Fleet.TRAFFIC:
            state = trade(SEED, barges[one.mmsi]).papers
            assert state not in {Papers.VALID, Papers.NOT_ASKED}
            if one.from_adcode is not None:
                assert (one.rule is Rule.QUANTITY_USED) == (state is Papers.USED_UP)
                assert one.from_adcode[:2] != one.to_adcode[:2]
        elif one.fleet is Fleet.STRAY:
            assert one.mmsi in strays
            assert one.measured_at is not None
            # a load is known to be gone when the next gate finds the vessel light
            assert (one.measured_at < one.start) == (one.rule is not Rule.LOAD_LOST)
        else:
            assert (one.rule, one.mmsi) == (Rule.NO_AIS, None)


def test_strays_have_no_papers_and_numbers_of_their_own():
    numbers = {hull.mmsi for hull in stray_hulls(SEED, 600)}
    assert numbers.isdisjoint({hull.mmsi for hull in hulls(SEED, 600)})
    spoil = [n for n in range(600) if trade(SEED, n).carries_spoil]
    ways = frozenset({("31", "32")})
    held = {paper.mmsi for n in spoil for paper in papers(SEED, n, ways, date(2026, 11, 23))}
    assert numbers.isdisjoint(held)


@pytest.mark.parametrize("seed", [5, SEED])
def test_strays_lie_away_from_every_wharf_by_their_hour(seed):
    berths = to_metres(np.array([[w.lon, w.lat] for w in wharves()]))
    found = Strays(seed, 600).between(NOON, NOON + DAY)
    assert [done.deed for done in found].count(Deed.LOITERING) == 2
    for done in found:
        place = to_metres(np.array([[done.lon, done.lat]]))[0]
        hour = np.array([done.start, done.end]) % DAY / 3600 + 8
        if done.deed is not Deed.SILENT:
            assert np.hypot(*(berths - place).T).min() > 1000
        if done.deed is Deed.LOITERING:
            assert done.end - done.start >= 45 * 60
            assert np.all((hour % 24 > 6) & (hour % 24 < 20))
        if done.deed is Deed.NIGHT_STOP:
            assert done.end - done.start >= 40 * 60
            assert np.all((hour % 24 > 22) | (hour % 24 < 5))


def test_the_silent_stray_says_nothing_in_border_water_and_speaks_again():
    strays = Strays(SEED, 600)
    done = next(d for d in strays.between(NOON, NOON + DAY) if d.deed is Deed.SILENT)
    here = Geography.builtin().where(done.lon, done.lat)
    assert here.border_water
    assert len({code[:2] for code in (here.adcode, *here.neighbours)}) > 1
    number = [w.barges[0] for w in strays.worlds].index(done.barge)
    own = Strays(SEED, 600, count=number + 1)
    heard = StraysReception(own)
    heard._heard = [*[Quiet()] * number, heard._heard[number]]

    def reports(start, end):
        return sum(len(lines) for _, lines in heard.lines(start, end))

    assert reports(done.start - 60, done.start) >= 5
    assert reports(done.start, done.end) == 0
    assert reports(done.end, done.end + 60) >= 5
    assert done.end - done.start > 15 * 60


class Quiet:
    """Hears nothing."""

    def lines(self, start, end):
        return iter([(t, []) for t in range(start, end)])


def test_dark_barges_are_others_than_those_on_the_air():
    dark = [s for s in bank().sources if s.fleet is Fleet.DARK]
    assert [len(s.passages.world.barges) for s in dark] == [2]
    names = {b.name for b in dark[0].passages.world.barges}
    assert names.isdisjoint({b.name for b in World(50, SEED).barges})
