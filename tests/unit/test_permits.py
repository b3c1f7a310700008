"""The permit check: a table of cases."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from papers import MMSI, paper

from domain.clock import SHANGHAI
from domain.permits import PERMIT_KINDS, PURPOSES, TRANSFER, Permit, check
from domain.wastes import covers, waste_code

OTHER_MMSI = 413900002
NOON = datetime(2026, 6, 15, 12, tzinfo=SHANGHAI)
ASKED: dict[str, Any] = {
    "mmsi": MMSI,
    "carrier_id": "c-yun",
    "waste": "渣土",
    "purpose": "disposal",
    "from_adcode": "310118",
    "to_adcode": "320509",
    "quantity_t": 500.0,
    "at": NOON,
}
"""The load of most cases: 500 t of spoil of Qingpu, seen entering Wujiang, to be disposed of."""


def approval(number: str = "A", **changes: Any) -> Permit:
    limits = {"quantity_t": 1000.0, "last_day": date(2026, 8, 31)}
    return paper(number, **{**limits, **changes})


PLAIN, FILING = approval(), approval("F", kind="filing", purpose="utilisation")
DUMP = approval("D", kind="disposal")
FLEET = approval(mmsi=None, carrier_id="c-yun")
WAY = approval(via=("33",))
UTILISED, UNKNOWN = {"purpose": "utilisation"}, {"purpose": None}

# what; papers; asked otherwise; result; papers found, by place; what was missed; used up
# fmt: off
CASES: list[tuple[str, list[Permit], dict[str, Any], str, list[int], str, bool]] = [
    ("the lead case: nothing at all", [], {}, "none", [],
     "approval:missing disposal:missing", False),
    ("nobody knows what becomes of it", [], UNKNOWN, "none", [],
     "approval:missing filing:missing disposal:missing", False),
    ("an approval", [PLAIN], {}, "approved", [0], "disposal:missing", False),
    ("and a disposal permit", [PLAIN, DUMP], {}, "approved", [0, 1], "", False),
    ("a disposal permit alone lets nobody out", [DUMP], {}, "none", [0], "approval:missing", False),
    ("a filing", [FILING], UTILISED, "filed", [0], "disposal:missing", False),
    ("a filing, for all we know", [FILING], UNKNOWN, "filed", [0], "disposal:missing", False),
    ("both, for all we know", [FILING, PLAIN], UNKNOWN, "approved", [1, 0],
     "disposal:missing", False),
    ("filed for utilisation, bound for a dump", [FILING], {}, "none", [],
     "approval:missing filing:wrong_purpose disposal:missing", False),
    ("approved for disposal, to be utilised", [PLAIN], UTILISED, "none", [],
     "filing:missing approval:wrong_purpose disposal:missing", False),
    ("approved for storage, to be disposed of", [approval(purpose="storage")], {}, "none", [],
     "approval:wrong_purpose disposal:missing", False),
    ("another vessel", [approval(mmsi=OTHER_MMSI)], {}, "none", [],
     "approval:other_vessel disposal:missing", False),
    ("another of the same carrier", [approval(mmsi=OTHER_MMSI, carrier_id="c-yun")], {}, "none", [],
     "approval:other_vessel disposal:missing", False),
    ("the carrier's paper", [FLEET], {}, "approved", [0], "disposal:missing", False),
    ("another carrier's", [approval(mmsi=None, carrier_id="c-he")], {}, "none", [],
     "approval:other_carrier disposal:missing", False),
    ("the vessel, sold to another carrier", [approval(carrier_id="c-he")], {}, "none", [],
     "approval:other_carrier disposal:missing", False),
    ("the vessel, its carrier unknown", [approval(carrier_id="c-he")], {"carrier_id": None},
     "approved", [0], "disposal:missing", False),
    ("a carrier's paper, the carrier unknown", [FLEET], {"carrier_id": None}, "none", [],
     "approval:other_carrier disposal:missing", False),
    ("a vessel that nobody could name", [PLAIN], {"mmsi": None}, "none", [],
     "approval:other_vessel disposal:missing", False),
    ("used up", [approval(used_t=1000.0)], {}, "none", [],
     "approval:used_up disposal:missing", True),
    ("overdrawn", [approval(used_t=1200.0)], {"quantity_t": None}, "none", [],
     "approval:used_up disposal:missing", True),
    ("more on board than is left", [approval(used_t=600.0)], {}, "none", [],
     "approval:exceeded disposal:missing", True),
    ("just what is left", [approval(used_t=500.0)], {}, "approved", [0], "disposal:missing", False),
    ("nobody weighed it", [approval(used_t=999.0)], {"quantity_t": None}, "approved", [0],
     "disposal:missing", False),
    ("no limit", [approval(quantity_t=None, used_t=9e4)], {}, "approved", [0],
     "disposal:missing", False),
    ("used up and expired: it does not fail by the quantity",
     [approval(used_t=1000.0, last_day=date(2026, 5, 1))], {}, "none", [],
     "approval:expired approval:used_up disposal:missing", False),
    ("used up, and one that holds", [approval(used_t=1000.0), approval("B")], {}, "approved", [1],
     "disposal:missing", False),
    ("not yet", [approval(first_day=date(2026, 6, 16))], {}, "none", [],
     "approval:not_yet_valid disposal:missing", False),
    ("withdrawn just now", [replace(PLAIN, withdrawn_at=NOON)], {}, "none", [],
     "approval:withdrawn disposal:missing", False),
    ("withdrawn later", [replace(PLAIN, withdrawn_at=NOON + timedelta(seconds=1))], {}, "approved",
     [0], "disposal:missing", False),
    ("construction waste is more than spoil", [approval(waste="建筑垃圾")], {}, "approved", [0],
     "disposal:missing", False),
    ("spoil is not all construction waste", [PLAIN], {"waste": "建筑垃圾"}, "none", [],
     "approval:wrong_waste disposal:missing", False),
    ("sludge", [PLAIN], {"waste": "污泥"}, "none", [],
     "approval:wrong_waste disposal:missing", False),
    ("nobody saw what it is", [PLAIN], {"waste": None}, "approved", [0], "disposal:missing", False),
    ("bound for Jiangsu, entering Zhejiang", [PLAIN], {"to_adcode": "330421"}, "none", [],
     "approval:wrong_route disposal:missing", False),
    ("by way of Zhejiang, as written", [WAY], {"to_adcode": "330421"}, "approved", [0],
     "disposal:missing", False),
    ("its second leg", [WAY], {"from_adcode": "330421"}, "approved", [0],
     "disposal:missing", False),
    ("the river winds back home", [WAY], {"from_adcode": "330421", "to_adcode": "310118"},
     "approved", [0], "disposal:missing", False),
    ("laden and the other way", [PLAIN], {"from_adcode": "320509", "to_adcode": "310118"},
     "none", [],
     "approval:wrong_route disposal:missing", False),
    ("out of all known districts", [PLAIN], {"to_adcode": "outside"}, "approved", [0],
     "disposal:missing", False),
    ("seen at one gate only", [PLAIN], {"from_adcode": None, "to_adcode": None}, "approved", [0],
     "disposal:missing", False),
]
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_cases(case: Any) -> None:
    _, papers, asked, result, found, missed, used_up = case
    verdict = check(papers, **{**ASKED, **asked})
    assert verdict.result == result
    assert verdict.found == tuple(papers[place] for place in found)
    assert [f"{one.kind}:{one.why}" for one in verdict.missed] == missed.split()
    assert verdict.used_up is used_up
    ids = {one.permit_id for one in papers}
    for one in verdict.missed:
        assert (one.permit_id is None) if one.why == "missing" else (one.permit_id in ids)


@pytest.mark.parametrize(
    ("at", "result"),
    [
        ("2026-02-28T23:59:59.999999+08:00", "none"),
        ("2026-03-01T00:00:00+08:00", "approved"),
        ("2026-02-28T16:00:00+00:00", "approved"),
        ("2026-08-31T23:59:59.999999+08:00", "approved"),
        ("2026-08-31T15:59:59.999999+00:00", "approved"),
        ("2026-08-31T16:00:00+00:00", "none"),
        ("2026-09-01T00:00:00+08:00", "none"),
    ],
)
def test_the_term_ends_at_midnight_in_shanghai(at: str, result: str) -> None:
    moment = datetime.fromisoformat(at)
    assert check([PLAIN], **{**ASKED, "at": moment}).result == result


def test_a_paper_of_one_day_holds_for_that_day() -> None:
    one_day = approval(first_day=date(2026, 6, 15), last_day=date(2026, 6, 15))
    assert one_day.ends_at - one_day.begins_at == timedelta(days=1)
    assert check([one_day], **ASKED).result == "approved"


def test_every_purpose_needs_its_own_paper() -> None:
    assert set(TRANSFER) == set(PURPOSES)
    assert set(TRANSFER.values()) | {"disposal"} == set(PERMIT_KINDS)


def test_words_for_waste() -> None:
    assert waste_code(" 工程渣土 ") == waste_code("SPOIL") == "spoil"
    assert waste_code("河道淤泥") == "河道淤泥"
    assert covers("建筑垃圾", "工程泥浆")
    assert not covers("工程泥浆", "建筑垃圾")
    assert not covers("建筑垃圾", "生活垃圾")
    assert covers("河道淤泥", "河道淤泥")
