"""The lead case by the second: border water at once, the gate within three minutes."""

import numpy as np
import orjson
import pytest
from pyais import decode

from domain.draught import Load, hull_limits, judge
from domain.errors import InvalidInput
from layers.geography import Geography
from seed.case_book import CaseBook
from seed.checkpoints import ZHOUZHUANG, checkpoints
from seed.chorus import CaseReception, Chorus, StraysReception
from seed.lead_case import (
    LAST_S,
    PAIRS,
    PAST_S,
    SPOIL_T,
    case_hull_name,
    case_hulls,
    lead_case,
)
from seed.passages import Passages
from seed.reception import Reception
from seed.strays import Strays
from seed.world import M_PER_DEG_LON, World

SEED = 2024
START = 1_795_000_000


def where(case, seconds: int):
    both = np.arange(2)
    return case.world.at(both, np.full(2, case.started_at + seconds))


def test_at_the_beginning_they_are_in_border_water_of_qingpu_westbound():
    geography = Geography.builtin()
    now = where(lead_case(SEED, START), 0)
    for lon, lat in zip(now.lon, now.lat, strict=True):
        here = geography.where(lon, lat)
        assert here.adcode == "310118"
        assert here.border_water
        assert here.neighbours == ("320583",)
    assert np.all(np.abs(now.course_deg - 265) < 15)
    assert now.speed_mps * 3.6 == pytest.approx([10.2, 10.2], abs=0.1)


def test_a_hundred_metres_on_they_are_in_kunshan_and_later_in_wujiang():
    geography, case = Geography.builtin(), lead_case(SEED, START)

    def districts(seconds):
        now = where(case, seconds)
        return [geography.where(x, y).adcode for x, y in zip(now.lon, now.lat, strict=True)]

    assert districts(60) == ["320583", "320583"]
    assert districts(400) == ["320509", "320509"]
    assert districts(-600) == ["310118", "310118"]


def test_both_pass_the_gate_within_three_minutes():
    case = lead_case(SEED, START)
    seen = Passages(case.world, checkpoints()).between(START, START + 3600)
    gate = [p for p in seen if p.checkpoint.checkpoint_id == ZHOUZHUANG]
    assert [p.barge for p in gate] == list(case.barges)
    for passage in gate:
        assert 60 < passage.t - START < 180
        assert passage.forth
        assert passage.laden


def test_a_thousand_tonnes_of_spoil_laden_by_any_measure_and_without_papers():
    case = lead_case(SEED, START)
    assert sum(SPOIL_T) == pytest.approx(1000, abs=25)
    entries = {entry.mmsi: entry for entry in case_hulls(SEED)}
    for barge, tonnes in zip(case.barges, SPOIL_T, strict=True):
        entry = entries[barge.mmsi]
        assert entry.carries_spoil
        assert tonnes <= entry.capacity_t
        assert entry.name == case_hull_name(barge)
        limits = hull_limits(
            entry.length_m, entry.beam_m, entry.light_draught_m, entry.laden_draught_m
        )
        assert judge(barge.laden_m, 0.15, limits).load is Load.LADEN


def test_they_lie_at_the_spoil_wharf_before_and_moor_afterwards():
    case = lead_case(SEED, START)
    before = where(case, -PAST_S)
    assert before.moored.all()
    apart = (before.lon[0] - before.lon[1]) * M_PER_DEG_LON
    assert abs(apart) > 60  # two hulls, one berth each
    assert not where(case, -1500).moored.any()
    after = where(case, LAST_S - 1)
    assert after.moored.all()
    assert np.all(after.lon < 120.80)


def test_the_same_start_is_the_same_case_and_another_begins_with_other_barges():
    one, again = lead_case(SEED, START, 3), lead_case(SEED, START, 3)
    assert one.barges == again.barges
    assert np.array_equal(where(one, 77).lon, where(again, 77).lon)
    pairs = [lead_case(SEED, START + 60 * k, k).barges for k in range(PAIRS)]
    assert len({barge.mmsi for pair in pairs for barge in pair}) == 2 * PAIRS
    assert len({barge.name for pair in pairs for barge in pair}) == 2 * PAIRS
    assert lead_case(SEED, START, PAIRS).barges == pairs[0]


def test_every_start_sails_the_same_way():
    one, other = lead_case(SEED, START), lead_case(SEED, START + 86_400 * 5 + 17, 5)
    assert where(one, 100).lon == pytest.approx(where(other, 100).lon, abs=1e-6)


def test_the_book_is_written_once_and_again_on_demand(tmp_path):
    book, other = CaseBook(tmp_path / "case.json"), CaseBook(tmp_path / "case.json")
    assert book.starts() == ()
    assert book.begin_first(START) == START
    assert other.begin_first(START + 5) is None
    assert other.starts() == (START,)
    assert other.begin(START + 100) == START + 100
    assert book.starts() == (START, START + 100)
    assert book.begin(START) == START + 101  # never before the last one
    assert [p.name for p in tmp_path.iterdir()] == ["case.json"]


def test_the_ninth_beginning_takes_the_first_pair_over(tmp_path):
    book = CaseBook(tmp_path / "case.json")
    for number in range(PAIRS + 1):
        book.begin(START + 60 * number)
    assert [number for number, _ in book.playing()] == list(range(1, PAIRS + 1))
    heard = CaseReception(book, SEED, lambda: True)
    ((_, lines),) = heard.lines(START + 600, START + 601)
    names = {report.mmsi for report in said(lines)}
    assert len(names) == 2 * PAIRS  # the ninth case has the first pair to itself


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"started_at": ["x"]}', '{"started_at": 5}'])
def test_a_file_that_is_no_book_is_refused_by_name(tmp_path, text):
    (tmp_path / "case.json").write_text(text)
    with pytest.raises(InvalidInput, match="a book of beginnings"):
        CaseBook(tmp_path / "case.json").starts()


def said(lines):
    return [decode(line.split(b"\\")[2].strip()) for line in lines if b"AIVDM,1" in line]


def test_nobody_hears_it_before_somebody_listens(tmp_path):
    book, listening = CaseBook(tmp_path / "case.json"), []
    heard = CaseReception(book, SEED, lambda: bool(listening))
    assert list(heard.lines(START - 3, START)) == [(START - k, []) for k in (3, 2, 1)]
    assert book.starts() == ()
    listening.append(True)
    (_, first), *later = heard.lines(START, START + 60)
    assert book.starts() == (START,)
    # the way from the wharf comes along at once, then a report of each every ten seconds
    positions = [m for m in said(first) if m.msg_type == 1]
    assert 300 < len(positions) < 400
    assert {m.mmsi for m in positions} == {b.mmsi for b in lead_case(SEED, START).barges}
    times = [int(line.split(b"c:")[1].split(b"*")[0]) for line in first if b"c:" in line]
    assert min(times) >= START - PAST_S
    assert times == sorted(times)
    live = [m for _, lines in later for m in said(lines) if m.msg_type == 1]
    assert 10 <= len(live) <= 13


def test_a_case_begun_by_another_program_is_played_and_ends(tmp_path):
    book = CaseBook(tmp_path / "case.json")
    heard = CaseReception(book, SEED, lambda: True)
    CaseBook(book.path).begin(START)
    CaseBook(book.path).begin(START + 400)
    names = set()
    for t in range(START, START + 800):
        ((_, lines),) = heard.lines(t, t + 1)
        names |= {m.mmsi for m in said(lines)}
    assert len(names) == 4
    over = START + 400 + LAST_S + PAST_S
    ((_, lines),) = heard.lines(over, over + 1)
    assert lines == []
    ((_, lines),) = CaseReception(book, SEED, lambda: True).lines(START + 10**6, START + 10**6 + 1)
    assert lines == []


def test_the_fleet_speaks_as_before_beside_the_others(tmp_path):
    alone = Reception(World(20, SEED))
    path = tmp_path / "case.json"
    path.write_bytes(orjson.dumps({"started_at": [START]}))
    chorus = Chorus(
        Reception(World(20, SEED)),
        StraysReception(Strays(SEED, 20, count=4)),
        CaseReception(CaseBook(path), SEED, lambda: True),
    )
    for (t, mine), (u, all_) in zip(
        alone.lines(START, START + 40), chorus.lines(START, START + 40), strict=True
    ):
        assert t == u
        assert all_[: len(mine)] == mine
