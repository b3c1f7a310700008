"""Detection on arrays: many barges on the waterways, in batches as a stream brings them."""

import time
from collections.abc import Callable

import numpy as np
import shapely

from bench.table import Row
from domain.tracks import VesselState
from layers.borders import metric
from layers.datum import Floats, to_degrees
from layers.detection import Detector, FixArrays
from layers.fleet import Fleet
from layers.geography import Geography

VESSELS = 5_000
FIXES_EACH = 200
BATCHES = (1_000, 10_000, 100_000)
ROUNDS = 3
AIM = "≥ 500 000 fixes/s"


async def measure() -> list[Row]:
    """Best of three rounds each, so that what else runs on the machine counts less."""
    geography = Geography.builtin()
    detector = Detector(geography)
    fixes = traffic(geography)
    n = len(fixes)
    contains = _best(lambda: _naive(geography, fixes.lon, fixes.lat))
    located = _best(lambda: geography.locate(fixes.lon, fixes.lat))
    rows = [
        Row("baseline: contains_xy with every polygon", n / contains, "fixes/s"),
        Row(
            "where: district, border water, distances",
            n / located,
            "fixes/s",
            f"{contains / located:.2f} of the baseline",
        ),
    ]
    for size in BATCHES:
        seconds = _best(lambda size=size: in_columns(detector, fixes, size))  # type: ignore[misc]
        aim = AIM if size == max(BATCHES) else ""
        what = f"detection, batches of {size:,}, states in columns"
        rows.append(Row(what, n / seconds, "fixes/s", f"{contains / seconds:.2f}", aim))
    seconds = _best(lambda: in_objects(detector, fixes, 10_000))
    rows.append(Row("detection, batches of 10,000, states as objects", n / seconds, "fixes/s"))
    return rows


def traffic(geography: Geography) -> FixArrays:
    """A million fixes in order of time: 6 to 12 km/h, every 10 or 30 s, 10 m of noise."""
    random = np.random.default_rng(5)
    lines = [w.geometry for w in geography.waterways]
    rivers = [metric(line) for line in lines if isinstance(line, shapely.LineString)]
    parts = []
    for vessel in range(VESSELS):
        river = rivers[vessel % len(rivers)]
        step_s = float(random.choice([10, 30]))
        pace_m = step_s * random.uniform(6, 12) / 3.6
        start = random.uniform(0, max(0.0, river.length - FIXES_EACH * pace_m))
        along = np.minimum(start + np.arange(FIXES_EACH) * pace_m, river.length)
        along = along[:: random.choice([-1, 1])]
        xy = shapely.get_coordinates(shapely.line_interpolate_point(river, along))
        lon, lat = to_degrees(*(xy + random.normal(0, 10, xy.shape)).T)
        parts.append(
            FixArrays(
                np.full(FIXES_EACH, 412_000_000 + vessel, dtype=np.int64),
                1.7e9 + random.integers(0, 10) + np.arange(FIXES_EACH) * step_s,
                lon,
                lat,
                np.full(FIXES_EACH, 5.0, dtype=np.float32),
            )
        )
    fixes = FixArrays.joined(parts)
    return fixes.take(np.argsort(fixes.t, kind="stable"))


def in_columns(detector: Detector, fixes: FixArrays, size: int) -> None:
    """The whole stream with the states kept as columns."""
    fleet = Fleet(detector.geography.labels)
    for start in range(0, len(fixes), size):
        fleet.absorb(detector.run(fixes.take(slice(start, start + size)), fleet).states)


def in_objects(detector: Detector, fixes: FixArrays, size: int) -> None:
    """The whole stream with one state object per vessel, as the ingest keeps them."""
    states: dict[int, VesselState] = {}
    for start in range(0, len(fixes), size):
        states.update(detector.run(fixes.take(slice(start, start + size)), states).states)


def _naive(geography: Geography, lon: Floats, lat: Floats) -> None:
    for district in geography.districts:
        shapely.contains_xy(district.geometry, lon, lat)


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        before = time.perf_counter()
        work()
        times.append(time.perf_counter() - before)
    return min(times)
