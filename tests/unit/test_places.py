"""Positions in officers' words."""

import pytest

from layers.geography import Geography
from layers.places import describe

JINZE = "太浦河，金泽站下游 1.3 km", "Taipu River, 1.3 km downstream of Jinze station"
TRIPOINT = (
    "太浦河，沪苏浙交界点上游 1.2 km",
    "Taipu River, 1.2 km upstream of Shanghai–Jiangsu–Zhejiang tripoint",
)
CANAL = "京杭大运河，平望运河口以北 5.3 km", "Grand Canal, 5.3 km N of Pingwang canal junction"
LAKE = "淀山湖，急水港站以东 3.3 km", "Dianshan Lake, 3.3 km E of Jishui Gang station"


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        (120.9149, 31.019, JINZE),
        (120.9013, 31.0184, ("太浦河，金泽站附近", "Taipu River, at Jinze station")),
        (120.885, 31.0195, TRIPOINT),
        (120.645, 31.05, CANAL),
        (120.95, 31.12, LAKE),
        (120.95, 31.05, ("金泽水库以北 2.7 km", "2.7 km N of Jinze Reservoir")),
        (120.2, 30.7, ("南浔", "Nanxun")),
        (4.9, 52.4, ("区域之外", "outside the area")),
    ],
)
def test_a_position_in_both_languages(lon: float, lat: float, words: tuple[str, str]) -> None:
    assert (describe(lon, lat, "zh"), describe(lon, lat, "en")) == words


def test_a_position_that_is_none() -> None:
    assert describe(float("nan"), 31.0, "zh") == "—"


def test_without_places_the_waterway_alone_is_named() -> None:
    packaged = Geography.builtin()
    bare = Geography(packaged.districts, packaged.waterways)
    assert describe(120.9149, 31.019, "zh", bare) == "太浦河"
    assert describe(120.9149, 31.019, "zh") == "太浦河，金泽站下游 1.3 km"


def test_every_place_says_how_sure_it_is() -> None:
    for place in Geography.builtin().places:
        assert place.uncertainty_m > 0
        assert place.basis
    for waterway in Geography.builtin().waterways:
        assert waterway.uncertainty_m > 0
        assert waterway.schematic
