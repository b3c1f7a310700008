"""Datums and projections: GCJ-02 and BD-09 to WGS-84, WGS-84 to UTM zone 51N. All vectorised.

AIS is WGS-84, and CGCS2000 equals it for our purpose. AMap, Tencent and WeChat pins are GCJ-02
(about 480 m off here), Baidu is BD-09. Both offsets are smooth, so the inverse is found by
iteration; the formulas are the ones in public use (Krasovsky 1940 ellipsoid, as published by the
eviltransform project). Shapes: every function takes and returns two float64 arrays of the same
shape, degrees or metres.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

from domain.errors import InvalidInput
from domain.layers import Datum

Floats = NDArray[np.float64]

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQ = 0.00669342162296594323
_BAIDU_PI = np.pi * 3000.0 / 180.0
_TOLERANCE_DEG = 1e-12
_MAX_ROUNDS = 40

METRIC_SRID = 32651
"""UTM zone 51N: distances are computed in it, never in degrees."""


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Degrees of any supported datum to WGS-84. Residual of the inverse: below 1e-9 degrees."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if datum is Datum.WGS84:
        return x.copy(), y.copy()
    if datum is Datum.BD09:
        x, y = _invert(gcj02_to_bd09, x, y)
    return _invert(wgs84_to_gcj02, x, y)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """WGS-84 degrees to another datum: the forward direction, exact by definition."""
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if datum is Datum.WGS84:
        return x.copy(), y.copy()
    x, y = wgs84_to_gcj02(x, y)
    return gcj02_to_bd09(x, y) if datum is Datum.BD09 else (x, y)


def wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The GCJ-02 offset of 《公开地图内容表示规范》 as every Chinese map service applies it."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    d_lat += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    d_lon += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    radians = lat / 180.0 * np.pi
    magic = 1.0 - _ECCENTRICITY_SQ * np.sin(radians) ** 2
    meridian = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQ) / (magic * np.sqrt(magic))
    parallel = _SEMI_MAJOR_M / np.sqrt(magic) * np.cos(radians)
    return lon + d_lon * 180.0 / (parallel * np.pi), lat + d_lat * 180.0 / (meridian * np.pi)


def gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Baidu's second offset on top of GCJ-02."""
    z = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_PI)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def to_metres(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """WGS-84 degrees to EPSG:32651 metres (easting, northing)."""
    x, y = _transformer().transform(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def to_degrees(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """EPSG:32651 metres to WGS-84 degrees (longitude, latitude)."""
    lon, lat = _transformer().transform(
        np.asarray(x, np.float64), np.asarray(y, np.float64), direction="INVERSE"
    )
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def parse_datum(value: str, field: str = "datum") -> Datum:
    """The datum named by an operator; raises `InvalidInput` that names the field."""
    try:
        return Datum(value.strip().lower().replace("-", ""))
    except ValueError:
        choices = ", ".join(Datum)
        raise InvalidInput(field, f"expected one of {choices}, got {value!r}") from None


def _invert(
    forward: Callable[[Floats, Floats], tuple[Floats, Floats]], lon: Floats, lat: Floats
) -> tuple[Floats, Floats]:
    """Fixed-point inverse: guess, see how far the forward offset lands off, correct, repeat."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_MAX_ROUNDS):
        landed_x, landed_y = forward(x, y)
        off_x, off_y = lon - landed_x, lat - landed_y
        x, y = x + off_x, y + off_y
        worst = np.max(np.abs(np.concatenate([np.ravel(off_x), np.ravel(off_y)])), initial=0.0)
        if worst < _TOLERANCE_DEG:
            break
    return x, y


@cache
def _transformer() -> Transformer:
    return Transformer.from_crs(4326, METRIC_SRID, always_xy=True)
