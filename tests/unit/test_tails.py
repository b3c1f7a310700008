"""Tails: thinned, bounded in time, broken where nothing sails."""

from console_samples import NOW, vessel

from dashboard.tails import Tails, pieces

M = 1 / 95_400  # degrees of longitude to a metre at 31° N


def sail(tails: Tails, *points: tuple[float, float]) -> None:
    """Fixes of one barge: seconds after NOW, metres east."""
    for after, east in points:
        tails.extend([vessel(t=NOW + after, lon=120.9 + east * M)], NOW + after)


def length(tails: Tails) -> int:
    return len(tails.lines().get(413000001, ()))


def test_a_point_is_kept_every_thirty_metres() -> None:
    tails = Tails(600)
    sail(tails, *((t, 3.0 * t) for t in range(101)))
    assert length(tails) == 10
    assert tails.lines()[413000001][0] == (120.9, 31.02)


def test_a_barge_that_lies_still_has_no_tail() -> None:
    tails = Tails(600)
    sail(tails, *((t, 0.0) for t in range(0, 300, 10)))
    assert tails.lines() == {}


def test_what_is_older_than_the_span_goes() -> None:
    tails = Tails(60)
    sail(tails, *((t, 3.1 * t) for t in range(0, 200, 10)))
    assert length(tails) == 7
    tails.extend([], NOW + 1000)
    assert tails.lines() == {}


def test_a_leap_begins_a_new_tail() -> None:
    tails = Tails(600)
    sail(tails, (0, 0), (20, 60), (40, 120), (60, 5000), (80, 5060))
    assert length(tails) == 2


def test_a_lost_vessel_leaves_nothing_behind() -> None:
    tails = Tails(600)
    tails.extend([vessel(t=NOW - 4000)], NOW)
    assert tails.lines() == {}


def test_it_begins_with_what_the_store_holds() -> None:
    tails = Tails(600)
    tails.fill(
        {"mmsi": 413000001, "t": NOW - 20 + t, "lon": 120.9 + 3 * t * M, "lat": 31.02}
        for t in (0, 20)
    )
    sail(tails, (20, 120))
    assert length(tails) == 3


def test_a_past_that_is_read_late_goes_before_what_came_since() -> None:
    tails, past = Tails(600), Tails(600)
    sail(tails, (0, 300), (20, 400), (40, 500))
    past.fill(
        {"mmsi": mmsi, "t": NOW + t, "lon": 120.9 + (300 + 5 * t) * M, "lat": 31.02}
        for mmsi in (413000001, 413000002)
        for t in (-60, -30, 0, 20)
    )
    tails.precede(past)
    assert length(tails) == 5
    assert tails.lines()[413000001][0] == (120.9, 31.02)
    assert len(tails.lines()[413000002]) == 4


def test_a_moored_barge_that_leaps_after_minutes_leaves_no_line_over_land() -> None:
    tails = Tails(600)
    sail(tails, *((t, 0.0) for t in range(0, 540, 10)), (540, 4000), (550, 4040))
    assert length(tails) == 2
    assert tails.lines()[413000001][0][0] > 120.93


def test_a_leap_that_the_track_moves_over_to_breaks_it() -> None:
    tails = Tails(600)
    sail(tails, (0, 0), (10, 50), (130, 1300), (140, 3000), (150, 3050))
    assert length(tails) == 2


def test_a_fast_barge_and_a_gap_break_nothing() -> None:
    tails = Tails(600)
    sail(tails, (0, 0), (10, 80), (130, 1000), (140, 1080))
    assert length(tails) == 4


def test_a_track_is_broken_where_it_leaps() -> None:
    east = ((0, 0), (60, 300), (120, 600), (130, 5000), (190, 5300), (200, 600), (210, 650))
    way = [(NOW + t, 120.9 + m * M, 31.02) for t, m in east]
    assert [len(piece) for piece in pieces(way)] == [3, 2, 2]
    assert pieces([]) == ()
