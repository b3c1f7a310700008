"""Base layers: light enough to travel, names where a small screen shows them."""

import gzip
import re

import orjson
import pytest
import shapely
from shapely.geometry import shape

from domain.language import Language
from layers.basemap import common_layers, word_layers
from layers.geography import Geography

GEOGRAPHY = Geography.builtin()
COMMON = common_layers(GEOGRAPHY)
SMALL = shapely.box(120.607, 30.81, 121.113, 31.245)
"""What a window of 1280 × 720 shows at first."""


def test_what_is_drawn() -> None:
    counts = {name: len(layer["features"]) for name, layer in COMMON.items()}
    assert (counts["members"], counts["neighbours"]) == (3, 1)
    assert counts["lakes"] + counts["waterways"] == len(GEOGRAPHY.waterways)
    assert counts["gates"] == len(GEOGRAPHY.gates)
    assert counts["gate-lines"] == 2 * len(GEOGRAPHY.gates)
    assert counts["border-water"] == 1


def test_the_whole_ground_is_light() -> None:
    assert len(gzip.compress(orjson.dumps(COMMON))) < 150_000


def test_thinned_districts_still_meet() -> None:
    members = [shape(feature["geometry"]) for feature in COMMON["members"]["features"]]
    for one in members:
        assert one.is_valid
    joined = shapely.union_all(members)
    assert joined.area == pytest.approx(sum(one.area for one in members), rel=1e-6)


def test_the_border_zone_holds_the_tripoint_and_not_the_middle() -> None:
    zone = shape(COMMON["border-water"]["features"][0]["geometry"])
    assert zone.contains(shapely.Point(120.89722, 31.01982))
    assert not zone.contains(shapely.Point(120.56, 30.95))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_in_one_language_within_a_small_view(lang: Language) -> None:
    layers = word_layers(GEOGRAPHY, lang)
    chinese = re.compile(r"[\u3400-\u9fff]")
    for layer in layers.values():
        for feature in layer["features"]:
            assert bool(chinese.search(feature["properties"]["label"])) == (lang == "zh")
    members = layers["member-names"]["features"]
    assert len(members) == 3
    for feature in members:
        assert SMALL.contains(shape(feature["geometry"]))
    districts = {d.name_zh if lang == "zh" else d.name_en: d.geometry for d in GEOGRAPHY.districts}
    for name in ("member-names", "neighbour-names"):
        for feature in layers[name]["features"]:
            place = shape(feature["geometry"])
            assert districts[feature["properties"]["label"]].contains(place)


def test_a_river_with_several_names_is_named_reach_by_reach() -> None:
    labels = [
        f["properties"]["label"] for f in word_layers(GEOGRAPHY, "zh")["water-names"]["features"]
    ]
    assert labels.count("黄浦江") == 1
    assert not any("—" in label for label in labels)
