"""GCJ-02 and BD-09 to WGS-84 and back; the metric projection."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from domain.errors import InvalidInput
from layers.datum import (
    Datum,
    from_wgs84,
    parse_datum,
    to_degrees,
    to_metres,
    to_wgs84,
)

LON = st.floats(100.0, 125.0)
LAT = st.floats(20.0, 45.0)


@given(lon=LON, lat=LAT, datum=st.sampled_from(Datum))
def test_the_inverse_undoes_the_offset_to_a_billionth_of_a_degree(
    lon: float, lat: float, datum: Datum
) -> None:
    back = from_wgs84(*to_wgs84([lon], [lat], datum), datum)
    assert abs(back[0][0] - lon) < 1e-9
    assert abs(back[1][0] - lat) < 1e-9


def test_arrays_give_what_single_points_give() -> None:
    random = np.random.default_rng(0)
    lon, lat = random.uniform(119, 122, 500), random.uniform(30, 32, 500)
    together = to_wgs84(lon, lat, Datum.GCJ02)
    for index in range(0, 500, 50):
        alone = to_wgs84(lon[index : index + 1], lat[index : index + 1], Datum.GCJ02)
        assert together[0][index] == pytest.approx(alone[0][0], abs=1e-11)
        assert together[1][index] == pytest.approx(alone[1][0], abs=1e-11)


def test_the_offset_here_is_some_480_metres_east_and_south() -> None:
    lon, lat = from_wgs84([120.9], [31.02], Datum.GCJ02)
    east, north = Geod(ellps="WGS84").inv(120.9, 31.02, lon[0], lat[0])[::2]
    assert north == pytest.approx(480, abs=15)
    assert east == pytest.approx(121, abs=4)  # bearing: +412 m E, -246 m N


def test_a_pin_of_each_map_is_brought_to_the_same_place() -> None:
    for datum in Datum:
        pin = from_wgs84([120.9583], [31.0266], datum)
        lon, lat = to_wgs84(*pin, datum)
        assert (lon[0], lat[0]) == pytest.approx((120.9583, 31.0266), abs=1e-9)


def test_wgs84_is_taken_as_it_is() -> None:
    lon, lat = to_wgs84([120.123456789], [31.1], Datum.WGS84)
    assert (lon[0], lat[0]) == (120.123456789, 31.1)


@given(lon=st.floats(117.0, 126.0), lat=st.floats(25.0, 35.0))
def test_projection_there_and_back(lon: float, lat: float) -> None:
    back = to_degrees(*to_metres([lon], [lat]))
    assert (back[0][0], back[1][0]) == pytest.approx((lon, lat), abs=1e-9)


def test_projected_metres_are_metres() -> None:
    x, y = to_metres([120.9, 120.91], [31.0, 31.0])
    true = Geod(ellps="WGS84").inv(120.9, 31.0, 120.91, 31.0)[2]
    assert np.hypot(*np.diff([x, y], axis=1).ravel()) == pytest.approx(true, rel=3e-4)


@pytest.mark.parametrize(("text", "datum"), [("GCJ-02", Datum.GCJ02), ("wgs84", Datum.WGS84)])
def test_a_datum_by_name(text: str, datum: Datum) -> None:
    assert parse_datum(text) is datum


def test_an_unknown_datum_names_its_field() -> None:
    with pytest.raises(InvalidInput, match="datum: expected one of wgs84, gcj02, bd09"):
        parse_datum("cgcs")
