"""Fusion over a simulated day: how many readings find their track, and how many a wrong one."""

import time
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import numpy as np

from bench.gate_day import BARGES, CLOCK_S, DARK, HOURS, MISSED, GateDay, GateWorld
from bench.table import Row
from domain.checkpoints import Reading
from domain.device_clock import learned
from domain.matches import Match, Outcome
from layers.fusion import EXCLUSIVE_S, SETTLE_S, Scene, Second, late_s, match
from layers.passings import WINDOW_S, TrackArrays

DEVICES = ((0.7, True), (0.7, False), (1.0, False), (0.0, True), (0.0, False))
"""Share of hulls whose name is made out, and whether a clock is off the same all day."""
_HOURS_BACK = timedelta(hours=2)


async def measure() -> list[Row]:
    """The same day several times, by how often cameras make out a name, and by the clocks."""
    world = GateWorld()
    rows = [
        Row("barges", BARGES, "", f"over {HOURS} h"),
        Row("barges that never send", 100 * DARK, "%"),
        Row("clock error, even, up to", CLOCK_S, "s"),
        Row("passages that the device misses", 100 * MISSED, "%"),
    ]
    for named, steady in DEVICES:
        title = f"{named:.0%} named, clocks {'steady' if steady else 'wild'}"
        rows += _rows(title, world.day(named, steady=steady))
    return rows


def _rows(title: str, day: GateDay) -> list[Row]:
    before = time.perf_counter()
    found = run(day)
    took = time.perf_counter() - before
    counts = Counter(_verdict(day, reading, one) for reading, one in found)
    n = len(found)

    def row(what: str, *verdicts: str, aim: str = "") -> Row:
        many = sum(counts[verdict] for verdict in verdicts)
        return Row(f"{title}: {what}", 100 * many / n, "%", f"{many:,} of {n:,}", aim)

    return [
        row("right", "track", "dark found", aim="≥ 98 %"),
        row("matched wrong", "wrong track", "dark given a track", aim="≤ 0.5 %"),
        row("of these a barge without AIS", "dark given a track"),
        row("on the air and said to be without AIS", "accused"),
        row("left open, on the air", "open"),
        row("left open, without AIS", "dark open"),
        Row(f"{title}: one reading, tracks at hand", 1000 * took / n, "ms"),
    ]


def run(day: GateDay) -> list[tuple[Reading, Match]]:
    """Each reading in turn, with what the store would hold `SETTLE_S` after it."""
    at_point: dict[str, list[Reading]] = defaultdict(list)
    for reading in day.readings:
        at_point[reading.checkpoint_id].append(reading)
    times = {name: [r.t for r in many] for name, many in at_point.items()}
    held: dict[UUID, int | None] = {}
    seen: dict[int, list[Second]] = defaultdict(list)
    late: dict[str, list[float]] = defaultdict(list)
    found = []
    for reading in day.readings:
        own, when = at_point[reading.checkpoint_id], times[reading.checkpoint_id]
        back, ahead = timedelta(seconds=EXCLUSIVE_S), timedelta(seconds=SETTLE_S)
        near = own[bisect_left(when, reading.t - back) : bisect_right(when, reading.t + ahead)]
        others = [one for one in near if one is not reading]
        tracks = _window(day.tracks[reading.checkpoint_id], reading.t.timestamp())
        scene = Scene(
            others=others,
            held={i: held[i] for i in (one.reading_id for one in others) if i in held},
            seconds=_seconds(seen, tracks, reading),
            clock=learned(late[reading.checkpoint_id], CLOCK_S),
        )
        one = match(reading, day.points[reading.checkpoint_id], tracks, scene)
        found.append((reading, one))
        if one.outcome is not Outcome.UNCERTAIN:
            held[reading.reading_id] = one.mmsi
        if one.mmsi is not None:
            seen[one.mmsi].append(Second(reading, one.mmsi, one.score))
            late[reading.checkpoint_id].append(late_s(one))
    return found


def _seconds(
    seen: Mapping[int, list[Second]], tracks: TrackArrays, reading: Reading
) -> list[Second]:
    near = np.unique(tracks.mmsi).tolist()
    return [
        second
        for mmsi in near
        for second in seen.get(mmsi, [])
        if second.reading.t >= reading.t - _HOURS_BACK
        and second.reading.checkpoint_id != reading.checkpoint_id
    ]


def _window(tracks: TrackArrays, t: float) -> TrackArrays:
    # the later fixes of the window have not come in when the reading is decided
    rows = slice(*np.searchsorted(tracks.t, [t - WINDOW_S, t + SETTLE_S]))
    return TrackArrays(
        tracks.mmsi[rows],
        tracks.t[rows],
        tracks.lon[rows],
        tracks.lat[rows],
        tracks.sog_kn[rows],
        tracks.cog_deg[rows],
        tracks.hulls,
    )


def _verdict(day: GateDay, reading: Reading, one: Match) -> str:
    truth = day.truth[reading.source_key]
    if one.outcome is Outcome.UNCERTAIN:
        return "open" if truth.heard else "dark open"
    if one.outcome is Outcome.NOBODY:
        return "accused" if truth.heard else "dark found"
    if one.mmsi == truth.mmsi:
        return "track"
    return "wrong track" if truth.heard else "dark given a track"
