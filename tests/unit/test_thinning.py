"""A thinned track is never further from a fix that went than the bound says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.positions import UNTRUSTED, FixFlag
from domain.thinning import Bound, Columns, kept

EARTH_M = 6_371_008.8
NAN = math.nan
EMPTY = Columns([], [], [], [], [], [])


def way_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great circle."""
    lon, lat, lon_2, lat_2 = map(math.radians, (*one, *other))
    half = (
        math.sin((lat_2 - lat) / 2) ** 2
        + math.cos(lat) * math.cos(lat_2) * math.sin((lon_2 - lon) / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


@st.composite
def tracks(draw: st.DrawFn) -> Columns:
    """Barges: a walk with turns, stops, silences and noise anywhere on earth; any order."""
    count = draw(st.integers(0, 120))
    lon, lat = draw(st.floats(-180, 180)), draw(st.floats(-89.9, 89.9))
    step = draw(st.sampled_from([0.0, 1e-5, 3e-4]))
    noise = draw(st.sampled_from([0.0, 2e-5, 1e-3]))
    t, rows = 0, []
    random = draw(st.randoms(use_true_random=False))
    east = north = 0.0
    for _ in range(count):
        t += random.choice([0, 1, 10, 10, 10, 60, 180, 700])
        if random.random() < 0.1:
            east, north = random.uniform(-step, step), random.uniform(-step, step)
        lon, lat = lon + east, min(90.0, max(-90.0, lat + north))
        flags = 0 if random.random() < 0.95 else random.choice([1, 2, 4, 8])
        rows.append(
            (
                float(t),
                min(180.0, max(-180.0, lon + random.uniform(-noise, noise))),
                min(90.0, max(-90.0, lat + random.uniform(-noise, noise))),
                NAN if random.random() < 0.02 else round(random.choice([0, 3, 3.2, 6.5]), 1),
                0 if random.random() < 0.97 else 1,
                flags,
            )
        )
    random.shuffle(rows)
    return (
        Columns(*map(list, zip(*rows, strict=True))) if rows else Columns(*([] for _ in range(6)))
    )


windows = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 900)).map(lambda w: (w[0], w[0] + w[1])),
    max_size=3,
)
bounds = st.builds(
    Bound, st.sampled_from([0.0, 5.0, 10.0, 200.0]), st.sampled_from([0.0, 0.5, 5.0])
)


@given(tracks(), windows, bounds)
def test_what_went_can_be_told_within_the_bound(track: Columns, held: list, bound: Bound) -> None:
    left = kept(track, held, bound)
    assert left == sorted(set(left))
    stay = set(left)
    for i, t in enumerate(track.t):
        if track.flags[i] or any(begin <= t <= end for begin, end in held):
            assert i in stay
    trusted = sorted(
        (i for i in range(len(track.t)) if not track.flags[i] & UNTRUSTED),
        key=lambda i: track.t[i],
    )
    if trusted:
        assert {trusted[0], trusted[-1]} <= stay
    before: int | None = None
    for place, i in enumerate(trusted):
        if i in stay:
            if before is not None and track.t[i] - track.t[before] > bound.silence_s:
                assert trusted[place - 1] == before  # a silence that was one
            before = i
            continue
        assert before is not None
        after = next(j for j in trusted[place:] if j in stay)
        share = (track.t[i] - track.t[before]) / (track.t[after] - track.t[before])

        def told(values: list[float], share: float = share, ends: tuple = (before, after)) -> float:
            return values[ends[0]] + share * (values[ends[1]] - values[ends[0]])

        place_told = told(track.lon), told(track.lat)
        assert way_m(place_told, (track.lon[i], track.lat[i])) <= bound.metres + 1e-4
        assert track.nav_status[i] == track.nav_status[before]
        assert math.isnan(track.sog_kn[i]) == math.isnan(track.sog_kn[before])
        if not math.isnan(track.sog_kn[i]):
            assert abs(told(track.sog_kn) - track.sog_kn[i]) <= bound.knots + 1e-9


def straight(count: int, every_s: float = 10.0) -> Columns:
    times = [n * every_s for n in range(count)]
    return Columns(
        times, [120.9 + n * 1e-4 for n in range(count)], [31.0] * count, [2.0] * count,
        [0] * count, [0] * count,
    )  # fmt: skip


def test_a_straight_way_is_its_ends_and_a_sign_of_life_every_ten_minutes() -> None:
    assert kept(straight(181), [], Bound(10)) == [0, 60, 120, 180]


def test_a_turn_a_status_and_a_flag_stay() -> None:
    track = straight(50)
    for n in range(20, 50):
        track.lat[n] += (n - 20) * 1e-4
    track.nav_status[40:] = [5] * 10
    track.flags[45] = int(FixFlag.FAST)
    assert {0, 39, 40, 45, 49} <= set(kept(track, [], Bound(10)))
    turn = [n for n in kept(track, [], Bound(10)) if 0 < n < 39]
    assert turn
    assert all(abs(n - 20) <= 2 for n in turn)


def test_a_clone_far_away_is_kept_and_bends_nothing() -> None:
    track = straight(50)
    track.lon[25], track.flags[25] = 10.0, int(FixFlag.CLONE)
    assert kept(track, [], Bound(10)) == [0, 25, 49]


@pytest.mark.parametrize("window", [(100.0, 200.0), (200.0, 200.0)])
def test_a_window_keeps_its_own_ends(window: tuple[float, float]) -> None:
    left = set(kept(straight(50), [window], Bound(10)))
    assert {n for n in range(50) if window[0] <= n * 10 <= window[1]} <= left
