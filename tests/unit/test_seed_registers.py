"""The registers of the simulated world: the shares are exact, the papers fit the ways sailed."""

from datetime import UTC, date, datetime
from functools import cache

import numpy as np
import pytest

from domain.permits import check
from domain.registers import wrong_fields
from layers.geography import Geography
from seed.crossings import OUTSIDE, Borders, true_crossings
from seed.fleet import CLONE_EVERY, launch
from seed.lead_case import CARRIER_ID, WHARF_ID, case_hulls
from seed.papers import Legs, legs, papers, permits
from seed.registers import (
    BLOCK,
    Papers,
    carriers,
    hull,
    hull_name,
    hulls,
    trade,
    wharves,
)
from seed.strays import stray_hulls
from seed.truth import builtin_districts
from seed.voyage import plan
from seed.waterway_graph import builtin_graph, to_metres
from seed.world import World

SEED = 2024
DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SPOIL = [n for n in range(BLOCK) if trade(SEED, n).carries_spoil]


@cache
def borders() -> Borders:
    return Borders(builtin_districts())


@cache
def ways(count: int = 40) -> dict[int, Legs]:
    return legs(World(count, SEED), borders())


@pytest.mark.parametrize("seed", [0, 7, SEED])
def test_fifteen_in_a_hundred_carry_spoil_and_nine_in_ten_of_them_have_papers(seed):
    trades = [trade(seed, n) for n in range(3 * BLOCK)]
    spoil = [t for t in trades if t.carries_spoil]
    assert len(spoil) == 90
    assert sum(t.has_papers for t in spoil) == 81
    assert sum(t.papers is Papers.USED_UP for t in spoil) == 3
    assert sum(t.lacks_cover for t in spoil) == 12
    assert all(t.papers is Papers.NOT_ASKED for t in trades if not t.carries_spoil)


def test_another_seed_draws_others():
    assert [n for n in range(BLOCK) if trade(SEED + 1, n).carries_spoil] != SPOIL


def test_a_larger_fleet_begins_with_the_same_hulls():
    assert hulls(SEED, 300)[:150] == hulls(SEED, 150)
    assert hull(SEED, 17) == hull(SEED, 17)


def test_a_hull_is_the_barge_that_sails_and_can_be_registered():
    known = {carrier.carrier_id for carrier in carriers()}
    for n in range(120):
        entry, barge = hull(SEED, n), launch(SEED, n)
        assert (entry.mmsi, entry.length_m, entry.capacity_t) == (
            barge.mmsi,
            barge.length_m,
            barge.tonnes,
        )
        assert entry.carrier_id in known
        assert entry.name[-4:] == barge.name[-4:]
        assert not entry.name.isascii()
        assert list(wrong_fields(entry)) == []
    measured = [hull(SEED, n).laden_draught_m is not None for n in range(200)]
    assert 0.6 < np.mean(measured) < 0.8


def test_one_mmsi_has_one_entry_and_clones_none():
    entries = [*hulls(SEED, 600), *case_hulls(SEED), *stray_hulls(SEED, 600)]
    assert len({entry.mmsi for entry in entries}) == len(entries) == 597 + 16 + 5
    for n in range(CLONE_EVERY - 1, 600, CLONE_EVERY):
        assert not trade(SEED, n).carries_spoil
        assert not trade(SEED, n - CLONE_EVERY // 2).carries_spoil


def test_carriers_and_wharves_can_be_registered():
    assert len({c.carrier_id for c in carriers()}) == len(carriers()) >= 15
    assert len({w.wharf_id for w in wharves()}) == len(wharves()) == 33
    assert [fault for entry in (*carriers(), *wharves()) for fault in wrong_fields(entry)] == []


def test_wharves_lie_where_barges_berth_and_in_the_district_they_name():
    geography, graph = Geography.builtin(), builtin_graph()
    for wharf in wharves():
        assert geography.where(wharf.lon, wharf.lat).adcode == wharf.adcode
    at = to_metres(np.array([[wharf.lon, wharf.lat] for wharf in wharves()]))
    for n in range(12):
        round_ = plan(graph, launch(SEED, n), SEED)
        for knot in round_.last_knots:
            berth = [np.interp(round_.knot_m[knot], round_.path_m, c) for c in round_.path_xy.T]
            assert np.hypot(*(at - np.array(berth)).T).min() < 450


def test_the_spoil_wharf_of_the_lead_case_is_in_qingpu():
    wharf = next(w for w in wharves() if w.wharf_id == WHARF_ID)
    assert (wharf.kind, wharf.adcode) == ("spoil_licensed", "310118")


def test_the_carrier_of_the_lead_case_is_registered_and_holds_no_paper():
    assert CARRIER_ID in {carrier.carrier_id for carrier in carriers()}
    assert {entry.carrier_id for entry in case_hulls(SEED)} == {CARRIER_ID}
    others = [*hulls(SEED, 600), *stray_hulls(SEED, 600)]
    assert CARRIER_ID not in {entry.carrier_id for entry in others}
    every = {n: frozenset({("31", "32"), ("32", "31")}) for n in range(600)}
    assert CARRIER_ID not in {paper.carrier_id for paper in permits(SEED, every, DAY)}


def test_papers_cover_every_border_that_the_barge_crosses_and_no_other_barge():
    world = World(40, SEED)
    register = permits(SEED, ways(), DAY)
    assert len({p.permit_id for p in register}) == len(register)
    results = {}
    for n in range(40):
        state = trade(SEED, n).papers
        if state is Papers.NOT_ASKED:
            continue
        entry = hull(SEED, n)
        for crossing in true_crossings(n, world.rounds[n], borders()):
            ends = crossing.from_adcode, crossing.to_adcode
            if OUTSIDE in ends or ends[0][:2] == ends[1][:2]:
                continue
            found = check(
                register,
                mmsi=entry.mmsi,
                carrier_id=entry.carrier_id,
                waste="spoil",
                purpose=None,
                from_adcode=ends[0],
                to_adcode=ends[1],
                quantity_t=entry.capacity_t,
                at=NOW,
            )
            results.setdefault(state, set()).add((found.result == "none", found.used_up))
    assert results[Papers.VALID] == {(False, False)}


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (Papers.USED_UP, "used_up"),
        (Papers.EXPIRED, "expired"),
        (Papers.WRONG_ROUTE, "wrong_route"),
        (Papers.NONE, "missing"),
    ],
)
def test_papers_that_do_not_cover_say_why(state, why):
    n = next(n for n in SPOIL if trade(SEED, n).papers is state)
    entry = hull(SEED, n)
    found = check(
        papers(SEED, n, frozenset({("31", "32"), ("32", "31")}), DAY),
        mmsi=entry.mmsi,
        carrier_id=entry.carrier_id,
        waste="spoil",
        purpose=None,
        from_adcode="310118",
        to_adcode="320509",
        quantity_t=entry.capacity_t,
        at=NOW,
    )
    assert found.result == "none"
    assert why in {missing.why for missing in found.missed if missing.kind != "disposal"}
    assert found.used_up == (state is Papers.USED_UP)


def test_papers_are_the_same_at_every_asking_and_valid_about_the_day_of_loading():
    assert permits(SEED, ways(), DAY) == permits(SEED, ways(), DAY)
    for day in (DAY, date(2027, 2, 28)):
        for paper in permits(SEED, ways(), day):
            expired = paper.last_day < day
            assert paper.first_day < day
            assert expired or (paper.last_day - day).days >= 200


def test_the_name_on_the_hull_is_the_name_on_the_air_in_chinese():
    barge = launch(SEED, 3)
    word, number = barge.name.rsplit(" ", 1)
    assert hull_name(barge).endswith(number)
    assert word.isascii()
    assert len(hull_name(barge)) == 2 + len(number)
