"""A larger map: everything that has a size in pixels grows, nothing else changes."""

import json
from dataclasses import replace

import pytest
from test_deck import SCENE

from dashboard.panels.wall_map import LIVE_MAP, fitted
from layers.deck import PICK, VIEW, Scene, live_deck


def layers(scene: Scene) -> dict[str, dict[str, object]]:
    return {layer["id"]: layer for layer in json.loads(live_deck(scene).to_json())["layers"]}


def test_symbols_lines_and_words_grow() -> None:
    plain, large = layers(SCENE), layers(replace(SCENE, scale=2.0, touch=False))
    assert plain.keys() - large.keys() == {f"{PICK}-0"}
    assert large["vessels"]["iconSizeMinPixels"] == 30
    assert large["vessels"]["getIconSize"] == plain["vessels"]["getIconSize"]  # metres
    assert large["alerts"]["iconSizeScale"] == 2
    assert large["crossings"]["pointRadiusScale"] == 2
    assert large["waterways"]["lineWidthScale"] == 2
    assert large["member-names"]["textSizeScale"] == 2
    assert large["newest"]["getTextPixelOffset"] == [0, -68]
    offset = "@@=[properties.offset[0] * 2.0, properties.offset[1] * 2.0]"
    assert large["water-names"]["getTextPixelOffset"] == offset
    assert {name: layer["data"] for name, layer in large.items()} == {
        name: layer["data"] for name, layer in plain.items() if not name.startswith(PICK)
    }


def test_nothing_can_be_moved_on_a_wall() -> None:
    view = json.loads(live_deck(replace(SCENE, touch=False)).to_json())["views"][0]
    assert view["controller"] is False


def test_the_opening_view_fills_any_wall() -> None:
    width, height = LIVE_MAP
    assert fitted((width, height, 12.0)) == (VIEW["zoom"], 1.0)
    zoom, scale = fitted((2 * width, 2 * height, 40.0))
    assert zoom == pytest.approx(VIEW["zoom"] + 1)
    assert scale == pytest.approx(3.33)
    assert fitted((9 * width, height, 12.0))[0] == VIEW["zoom"]  # nothing of it is cut off
