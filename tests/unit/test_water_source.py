import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point

from domain.water_source import BANK_M, SAILING_KMH, WaterSource
from layers.datum import to_metres
from layers.facts import JINZE_RESERVOIR
from layers.geography import Geography


def jinze() -> WaterSource:
    taipu = next(w for w in Geography.builtin().waterways if w.name_en == "Taipu River")
    assert isinstance(taipu.geometry, LineString)
    return WaterSource(JINZE_RESERVOIR, tuple((x, y) for x, y in taipu.geometry.coords))


SOURCE = jinze()


def test_along_the_taipu():
    lili, pingwang = (
        SOURCE.minutes_upstream(120.722, 31.0107),
        SOURCE.minutes_upstream(120.6449, 31.0026),
    )
    assert lili is not None
    assert pingwang is not None
    # the chainage table: Pingwang 24.6 km above Jinze station, and 5.4 km more to the intake
    assert pingwang == pytest.approx((24.6 + 5.4) / SAILING_KMH * 60, rel=0.05)
    assert 0 < lili < pingwang
    assert SOURCE.minutes_upstream(120.9583, 31.0190) == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (121.0434, 31.0178),  # Liantang: below the intake
        (120.8527, 31.1095),  # Jishui Gang
        (120.646, 31.11),  # the Grand Canal, above Pingwang but another water
        (120.722, 31.0207),  # a kilometre off the river
    ],
)
def test_elsewhere(lon, lat):
    assert SOURCE.minutes_upstream(lon, lat) is None


@given(st.floats(120.49, 121.06), st.floats(30.99, 31.04))
def test_it_measures_as_geometry_does(lon, lat):
    def metres(*points):
        x, y = to_metres([p[0] for p in points], [p[1] for p in points])
        return [Point(*p) for p in zip(x, y, strict=True)]

    line = LineString(metres(*SOURCE.centreline))
    point, intake = metres((lon, lat), JINZE_RESERVOIR)
    minutes = SOURCE.minutes_upstream(lon, lat)
    ahead_m = line.project(intake) - line.project(point)
    off_m = line.distance(point)
    if off_m > BANK_M * 1.01 or ahead_m < -BANK_M - 300:
        assert minutes is None
    elif off_m < BANK_M * 0.99 and ahead_m > -BANK_M + 300:
        # beside a bend two feet can be equally near: the river between them is the difference
        expected = max(ahead_m, 0) / 1000 / SAILING_KMH * 60
        assert minutes == pytest.approx(expected, rel=0.01, abs=2.0)
