"""The permit check: what holds for every register and every load."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from papers import MMSI, paper

from domain.permits import PERMIT_KINDS, PURPOSES, TRANSFER, Permit, check

OTHER_MMSI = 413900002
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
tonnes = st.floats(0, 3000)
places = st.sampled_from(["31", "310118", "3205", "320509", "330421", "34"])
wastes = st.sampled_from(["spoil", "渣土", "建筑垃圾", "sludge", "别的"])


@st.composite
def papers(draw: st.DrawFn) -> Permit:
    kind = draw(st.sampled_from(PERMIT_KINDS))
    fitting = [p for p in PURPOSES if kind == "disposal" or TRANSFER[p] == kind]
    first, last = sorted([draw(days), draw(days)])
    carrier = draw(st.sampled_from([None, "c-yun", "c-he"]))
    return paper(
        draw(st.text("ABC", min_size=1, max_size=3)),
        kind,
        purpose=draw(st.sampled_from(fitting)),
        carrier_id=carrier,
        mmsi=draw(st.sampled_from([MMSI, OTHER_MMSI] + [None] * (carrier is not None))),
        waste=draw(wastes),
        quantity_t=draw(st.none() | st.floats(1, 3000)),
        used_t=draw(tonnes),
        from_adcode=draw(places),
        to_adcode=draw(places),
        via=tuple(draw(st.lists(places, max_size=2))),
        first_day=first,
        last_day=last,
    )


loads = st.fixed_dictionaries(
    {
        "mmsi": st.sampled_from([MMSI, OTHER_MMSI, None]),
        "carrier_id": st.sampled_from(["c-yun", "c-he", None]),
        "waste": st.none() | wastes,
        "purpose": st.none() | st.sampled_from(PURPOSES),
        "from_adcode": st.none() | places | st.just("outside"),
        "to_adcode": st.none() | places | st.just("outside"),
        "quantity_t": st.none() | tonnes,
        "at": st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    }
)


@settings(deadline=None)
@given(st.lists(papers(), max_size=6), loads)
def test_a_result_rests_on_a_paper_found(register: list[Permit], load: dict[str, Any]) -> None:
    verdict = check(register, **load)
    kinds = {one.kind for one in verdict.found}
    assert (verdict.result == "approved") == ("approval" in kinds)
    assert (verdict.result == "filed") == ("filing" in kinds and "approval" not in kinds)
    assert set(verdict.found) <= set(register)
    for one in verdict.found:
        assert one.begins_at <= load["at"] < one.ends_at
        assert one.mmsi in {None, load["mmsi"]}
        assert one.quantity_t is None or one.used_t < one.quantity_t
        assert load["purpose"] in {None, one.purpose} or one.kind == "disposal"
    missed = {one.kind for one in verdict.missed}
    if verdict.result == "none":
        needed = {TRANSFER[load["purpose"]]} if load["purpose"] else {"approval", "filing"}
        assert needed <= missed
    else:
        assert not missed & {"approval", "filing"}
        assert not verdict.used_up
    assert ("disposal" in kinds) != ("disposal" in missed)


@settings(deadline=None)
@given(st.lists(papers(), max_size=6), loads, st.randoms())
def test_order_and_repeats_say_nothing(register, load, random) -> None:
    shuffled = [*register, *register[:2]]
    random.shuffle(shuffled)
    assert check(shuffled, **load) == check(register, **load)


@settings(deadline=None)
@given(st.lists(papers(), max_size=5), papers(), loads)
def test_another_paper_never_takes_away(register, more, load) -> None:
    rank = {"none": 0, "filed": 1, "approved": 2}
    before, after = check(register, **load), check([*register, more], **load)
    assert rank[after.result] >= rank[before.result]
    assert set(before.found) <= set(after.found)


@settings(deadline=None)
@given(papers(), loads)
def test_what_nobody_knows_contradicts_nothing(one, load) -> None:
    """Knowing less about the load never makes a paper fail that covered it."""
    known = check([one], **load)
    for name in ("waste", "purpose", "from_adcode", "to_adcode", "quantity_t"):
        assert set(known.found) <= set(check([one], **{**load, name: None}).found)


@settings(deadline=None)
@given(papers(), loads)
def test_a_paper_alone_is_found_or_missed_with_every_reason(one, load) -> None:
    verdict = check([one], **load)
    reasons = [m.why for m in verdict.missed if m.permit_id == one.permit_id]
    assert (verdict.found == (one,)) == (reasons == [])
    assert len(set(reasons)) == len(reasons)
    quantity_only = bool(reasons) and set(reasons) <= {"used_up", "exceeded"}
    assert verdict.used_up == (one.kind != "disposal" and quantity_only)
