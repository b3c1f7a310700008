"""A load that is gone between two checkpoints, and every lawful way in which it may have ended."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert_rules import assess
from domain.alerts import Facts, Rule, Subject
from domain.draught import Load, Measured, Verdict
from domain.load_lost import (
    BERTH_M,
    CALL_LEAST,
    Berth,
    TrackFix,
    Weighed,
    laden_before,
    load_lost,
    metres,
)

T = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LAT = 31.015
WEST, EAST = (120.766, LAT), (120.886, LAT)  # 11.4 km, 72 min at 9.5 km/h
KM = 1000 / 95_050  # degrees of longitude
LICENSED = Berth("luxu", (120.815, LAT), True)
OTHER = Berth("lili", (120.815, LAT), False)


def weighed(minutes: float, load: Load, where: str = "wj-04") -> Measured:
    draught_m = {Load.LADEN: 2.2, Load.LIGHT: 0.7, Load.UNSURE: 1.4}[load]
    at = T + minutes * MINUTE
    return Measured(f"{where}@{minutes}", at, draught_m, 0.06, Verdict(load, 0.3, None))


def sail(*legs: tuple[float, float, float, float]) -> list[TrackFix]:
    """Fixes every half minute: (from minute, to minute, from km, to km) east of the first gate."""
    fixes = []
    for begin, end, start_km, end_km in legs:
        steps = round((end - begin) * 2)
        for n in range(steps + 1):
            km = start_km + (end_km - start_km) * n / max(steps, 1)
            at = T + (begin + (end - begin) * n / max(steps, 1)) * MINUTE
            fixes.append(TrackFix(at, (WEST[0] + km * KM, LAT)))
    return fixes


def lost(track: list[TrackFix], minutes: float, *berths: Berth):
    return load_lost(
        Weighed(weighed(0, Load.LADEN), "wj-04", WEST),
        Weighed(weighed(minutes, Load.LIGHT, "wj-03"), "wj-03", EAST),
        track,
        berths,
    )


STRAIGHT = sail((0, 72, 0, 11.4))
DUMPED = sail((0, 50, 0, 8), (50, 74, 8, 8), (74, 96, 8, 11.4))
CALLED = sail((0, 29, 0, 4.66), (29, 90, 4.66, 4.7), (90, 132, 4.7, 11.4))
UNHEARD = [fix for fix in STRAIGHT if not 15 <= (fix.t - T) / MINUTE <= 60]
HIDDEN = sail((0, 15, 0, 2.4), (100, 125, 7.4, 11.4))


def test_it_tipped_its_load_on_the_way() -> None:
    found = lost(DUMPED, 96, LICENSED)
    assert found is not None
    [dwell] = found.dwells
    assert (dwell.minutes, dwell.wharf_id) == (24, None)
    assert metres(found.place, (WEST[0] + 8 * KM, LAT)) < 200
    assert found.unheard == timedelta()


def test_it_never_stopped_and_came_out_light() -> None:
    found = lost(STRAIGHT, 72, LICENSED)
    assert found is not None
    assert (found.dwells, found.place) == ((), EAST)


@pytest.mark.parametrize(
    ("track", "minutes", "berths"),
    [
        (CALLED, 132, [LICENSED]),
        (CALLED, 132, [OTHER, LICENSED]),
        (HIDDEN, 125, [LICENSED]),
        ([], 300, [LICENSED]),
    ],
    ids=["it called", "two wharves side by side", "unheard, with time to call", "no AIS at all"],
)
def test_it_may_have_been_unloaded_where_it_may_be(
    track: list[TrackFix], minutes: float, berths: list[Berth]
) -> None:
    assert lost(track, minutes, *berths) is None


def test_unheard_too_short_for_a_call_is_told_with_the_time_unheard() -> None:
    far = replace(LICENSED, place=(120.815, LAT + 0.08))  # 9 km up a side channel
    found = lost(UNHEARD, 72, far)
    assert found is not None
    assert 44 <= found.unheard / MINUTE <= 47


def test_a_wharf_without_a_licence_is_named_and_counts_in_part() -> None:
    found = lost(CALLED, 132, OTHER)
    assert found is not None
    assert found.wharf_id == "lili"
    told = assess(Facts(Subject(413_000_001), T, spoil_carrier=True, lost=found))
    assert told is not None
    assert [(r.rule, r.weight) for r in told.reasons] == [
        (Rule.LOAD_LOST, 30),
        (Rule.SPOIL_CARRIER, 10),
    ]


def test_the_alert_cites_both_readings_and_the_stretch_between_them() -> None:
    found = lost(DUMPED, 96, LICENSED)
    told = assess(Facts(Subject(413_000_001), T, spoil_carrier=True, lost=found))
    assert told is not None
    assert told.behaviour == "mmsi:413000001/lose:wj-04/2026-11-23T01"
    [reason] = [r for r in told.reasons if r.rule is Rule.LOAD_LOST]
    lain_from = T + 50 * MINUTE - MINUTE  # the first fix within 150 m
    assert [e.id for e in reason.evidence[:2]] == ["wj-04@0", "wj-03@96"]
    assert [e.kind for e in reason.evidence[2:]] == ["fix"]
    assert abs(reason.evidence[2].at - lain_from) <= MINUTE
    facts = reason.facts
    assert (facts["laden_place"], facts["light_place"]) == (
        "120.76600,31.01500",
        "120.88600,31.01500",
    )
    assert [str(one).rpartition(",")[2] for one in facts["dwells"]] == ["24"]
    for spoil in (None, False):
        assert assess(Facts(Subject(413_000_001), T, spoil_carrier=spoil, lost=found)) is None


LIGHT = weighed(90, Load.LIGHT, "wj-03")


@pytest.mark.parametrize(
    ("history", "found"),
    [
        ([weighed(0, Load.LADEN)], "wj-04@0"),
        ([weighed(0, Load.LADEN), LIGHT, weighed(60, Load.UNSURE)], "wj-04@0"),
        ([weighed(0, Load.LADEN), weighed(60, Load.LIGHT)], None),
        ([weighed(-700, Load.LADEN)], None),
        ([weighed(85, Load.LADEN)], None),
        ([weighed(0, Load.LADEN), weighed(95, Load.LADEN)], None),
        ([weighed(0, Load.LADEN), weighed(200, Load.LADEN)], "wj-04@0"),
        ([], None),
    ],
    ids=["laden before", "unsure between", "light already", "long ago", "contradicted just before",
         "contradicted just after", "laden again later", "never measured"],
)  # fmt: skip
def test_the_measurement_that_found_it_laden(history: list[Measured], found: str | None) -> None:
    for order in (history, history[::-1]):
        laden = laden_before(order, LIGHT)
        assert (laden.reading_id if laden else None) == found
    assert laden_before(history, weighed(90, Load.UNSURE)) is None


steps = st.lists(
    st.tuples(st.floats(0.1, 30), st.floats(-2, 2), st.floats(-1, 1)), min_size=1, max_size=30
)


@given(steps, st.randoms(), st.booleans())
def test_no_load_is_lost_by_who_lay_at_a_wharf_that_takes_it(
    moves: list[tuple[float, float, float]], random: object, shuffled: bool
) -> None:
    """Wherever else it went, in whatever order its fixes come."""
    at, lon, lat = T + MINUTE, WEST[0], LAT
    track = []
    for minutes, east_km, north_km in moves:
        at, lon, lat = at + minutes * MINUTE, lon + east_km * KM, lat + north_km * KM
        track.append(TrackFix(at, (lon, lat)))
    call = [TrackFix(at + n * CALL_LEAST / 2, (lon, lat)) for n in range(4)]
    track += call[1:]
    if shuffled:
        random.shuffle(track)  # type: ignore[attr-defined]
    ends = (call[-1].t - T) / MINUTE + 5
    berth = Berth("here", (lon + 0.5 * BERTH_M / 95_050, lat), True)
    assert lost(track, ends, berth) is None
    found = lost(track, ends)
    assert found is not None
    assert any(metres(one.place, (lon, lat)) <= 150 for one in found.dwells)
