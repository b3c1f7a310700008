"""Tracks that the tests sail themselves: along a seeded centreline, with or without noise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from domain.crossings import Crossing
from layers.borders import metric
from layers.datum import to_degrees, to_metres
from layers.detection import FixArrays
from layers.geography import Geography

START_S = 1_700_000_000.0
NOISE_M = 50.0

TAIPU, LANLU, JISHUI = "太浦河", "拦路港—泖河—斜塘—黄浦江", "急水港"
WUSONG, CANAL = "吴淞江—苏州河", "京杭大运河"
HONGQI, YUHUI = "红旗塘—大蒸塘—圆泄泾", "俞汇塘"


@dataclass(frozen=True)
class Voyage:
    """How a test sails: seconds between fixes, speed, direction, noise of each axis of each fix.

    `correlated_s`: time constant of an error that drifts instead of jumping, 0 for independent.
    """

    step_s: float = 10.0
    speed_kmh: float = 10.0
    back: bool = False
    noise_m: float = 0.0
    correlated_s: float = 0.0


@cache
def centreline(name_zh: str) -> shapely.LineString:
    """A seeded centreline in EPSG:32651 metres."""
    found = next(w for w in Geography.builtin().waterways if w.name_zh == name_zh)
    line = metric(found.geometry)
    assert isinstance(line, shapely.LineString)
    return line


def sail(name_zh: str, voyage: Voyage, seed: int = 0, mmsi: int = 412_000_001) -> FixArrays:
    """One vessel down (or up) a whole waterway."""
    line = centreline(name_zh)
    along = np.arange(0.0, line.length, voyage.step_s * voyage.speed_kmh / 3.6)
    if voyage.back:
        along = line.length - along
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    return fixes_at(xy + _noise(len(xy), voyage, seed), voyage.step_s, mmsi)


def _noise(count: int, voyage: Voyage, seed: int) -> NDArray[np.float64]:
    error = np.random.default_rng(seed).normal(0.0, 1.0, (count, 2)) * voyage.noise_m
    if voyage.correlated_s:
        keep = np.exp(-voyage.step_s / voyage.correlated_s)
        for index in range(1, count):
            error[index] = keep * error[index - 1] + np.sqrt(1 - keep**2) * error[index]
    return error


def fixes_at(
    xy: NDArray[np.float64], step_s: float, mmsi: int = 412_000_001, start_s: float = START_S
) -> FixArrays:
    """Fixes at metric points, `step_s` apart, as AIS would round them."""
    lon, lat = to_degrees(xy[:, 0], xy[:, 1])
    return fixes(
        [
            (mmsi, start_s + index * step_s, x, y)
            for index, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
        ]
    )


def fixes(rows: Iterable[tuple[int, float, float, float]]) -> FixArrays:
    """Fixes from (mmsi, epoch seconds, longitude, latitude)."""
    table = np.array(list(rows), dtype=np.float64).reshape(-1, 4)
    return FixArrays(
        table[:, 0].astype(np.int64),
        table[:, 1],
        np.round(table[:, 2], 6),
        np.round(table[:, 3], 6),
        np.full(len(table), np.nan, dtype=np.float32),
    )


def metres(lon: float, lat: float) -> NDArray[np.float64]:
    """A point in EPSG:32651."""
    x, y = to_metres([lon], [lat])
    return np.array([x[0], y[0]])


def sequence(crossings: Sequence[Crossing], *, grazing: bool = False) -> list[str]:
    """Confirmed districts in order, asserting that each crossing leaves where the last arrived."""
    counted = [c for c in crossings if grazing or not c.grazing]
    for before, after in pairwise(counted):
        assert before.to_adcode == after.from_adcode
    return [counted[0].from_adcode, *(c.to_adcode for c in counted)] if counted else []
