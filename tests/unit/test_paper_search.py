"""Papers are found by any word on them, filtered and put in order; what is absurd is not asked."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from papers import MMSI, paper
from starlette.requests import Request

from dashboard.api.permits import asked_papers
from dashboard.paper_search import LOOKS, ORDERS, PAGE, Paper, Wanted, of_id, search
from domain.permit_standing import Standing, standing

AT = datetime(2026, 7, 1, tzinfo=UTC)


def listed(number: str, **said: Any) -> Paper:
    carrier, vessel = said.pop("carrier", None), said.pop("vessel", None)
    kind = said.pop("kind", "approval")
    one = paper(number, kind, **said)
    return Paper(one, carrier, vessel, AT, standing(one, AT))


PAPERS = [
    listed("A-1", used_t=1000.0, vessel="云帆001"),
    listed("A-2", last_day=date(2026, 7, 10), waste="建筑垃圾", holder="淀山湖水务"),
    listed("A-3", last_day=date(2026, 6, 1), mmsi=413900002),
    listed("F-1", kind="filing", purpose="utilisation", used_t=5000.0, to_adcode="3205"),
    listed("D-1", kind="disposal", mmsi=None, carrier_id="c-yun", carrier=("云帆水运", "Yunfan")),
    listed("A-4", withdrawn_at=AT),
    listed("A-5", first_day=date(2026, 8, 1), quantity_t=None),
]


def found(**wanted: Any) -> list[str]:
    return [each.permit.number for each in search(PAPERS, Wanted(**wanted))[0]]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("a-1", {"A-1"}),
        ("淀山湖", {"A-2"}),
        ("yunfan", {"D-1"}),
        ("云帆", {"A-1", "D-1"}),
        ("云帆 a-1", {"A-1"}),
        (str(MMSI), {"A-1", "A-2", "F-1", "A-4", "A-5"}),
        ("construction waste", {"A-2"}),
        ("渣土", {"A-1", "A-3", "F-1", "D-1", "A-4", "A-5"}),
        ("<b>", set()),
    ],
)
def test_any_word_on_it_finds_a_paper(text: str, numbers: set[str]) -> None:
    assert set(found(text=text)) == numbers


def test_filters() -> None:
    assert set(found(look="valid")) == {"A-1", "A-2", "F-1", "D-1"}
    assert found(look="expiring") == ["A-2"]
    assert found(look="expired") == ["A-3"]
    assert found(look="withdrawn") == ["A-4"]
    assert found(look="not_yet_valid") == ["A-5"]
    assert found(look="used_up") == ["F-1"]
    assert found(kind="filing") == ["F-1"]
    assert found(kind="filing", look="expired") == []


def test_what_ends_soon_comes_first_and_what_is_over_last() -> None:
    order = found()
    assert order[0] == "A-2"
    assert order[-1] == "A-4"
    assert found(order="number") == sorted(order)
    assert found(order="quantity", backwards=True)[0] == "F-1"
    assert found(order="nonsense") == order


def test_so_many_are_shown_and_all_are_counted() -> None:
    shown, total = search(PAPERS, Wanted(count=2))
    assert (len(shown), total) == (2, len(PAPERS))
    assert len(search(PAPERS, Wanted(count=-1))[0]) == 1


@given(
    st.text(max_size=12),
    st.sampled_from(["all", "approval", "filing", "disposal"]),
    st.sampled_from(LOOKS),
    st.sampled_from(ORDERS),
    st.booleans(),
)
def test_order_and_filter_lose_nothing_and_invent_nothing(
    text: str, kind: str, look: str, order: str, backwards: bool
) -> None:
    shown, total = search(PAPERS, Wanted(text, kind, look, order, backwards))
    assert len(shown) == total
    assert len({each.permit.permit_id for each in shown}) == total
    fits = {each.permit.number for each in search(PAPERS, Wanted(text, kind, look))[0]}
    assert {each.permit.number for each in shown} == fits


def test_a_paper_by_its_id() -> None:
    assert of_id(PAPERS, PAPERS[2].permit.permit_id) is PAPERS[2]
    assert of_id(PAPERS[:2], PAPERS[2].permit.permit_id) is None
    assert PAPERS[5].standing is Standing.WITHDRAWN


def test_what_an_address_may_ask() -> None:
    def asked(query: str) -> Wanted:
        return asked_papers(Request({"type": "http", "query_string": query.encode()}))

    assert asked("") == Wanted()
    assert asked("text=a&kind=filing&look=expired&order=term&backwards=1&count=400") == Wanted(
        "a", "filing", "expired", "term", backwards=True, count=400
    )
    absurd = asked(
        "kind=<b>&look=<b>&order=__class__&backwards=yes&count=999999999&text=" + "x" * 999
    )
    assert absurd == Wanted(text="x" * 200, count=PAGE)
