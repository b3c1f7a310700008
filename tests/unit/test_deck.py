"""The map's JSON: constant where it must be, words as text, nothing from another host."""

import json
import re
from dataclasses import replace
from typing import Any

from layers.basemap import common_layers, word_layers
from layers.deck import PICK, Scene, live_deck
from layers.geography import Geography
from layers.symbols import CELL, NAMES, atlas, mapping, single

GEOGRAPHY = Geography.builtin()
COMMON = common_layers(GEOGRAPHY)
STATIC = tuple(
    (name, f"/assets/map/{name}.json") for name in (*COMMON, *word_layers(GEOGRAPHY, "zh"))
)
SCENE = Scene(
    tick=10,
    pick_tick=10,
    slow_tick=10,
    tails="t",
    rings="r",
    alerts="a",
    checkpoints="c",
    newest="n",
    lang="zh",
    static=STATIC,
    tooltip="{label}",
)


def spec(scene: Scene) -> dict[str, Any]:
    found = json.loads(live_deck(scene).to_json())
    assert isinstance(found, dict)
    return found


def ids(scene: Scene) -> list[str]:
    return [layer["id"] for layer in spec(scene)["layers"]]


def test_ids_and_view_are_constant_over_ticks() -> None:
    first, second = (
        spec(SCENE),
        spec(replace(SCENE, tick=11, pick_tick=11, slow_tick=11, tails="u")),
    )
    assert ids(SCENE) == ids(replace(SCENE, tick=11))
    assert len(set(ids(SCENE))) == len(ids(SCENE))
    assert first["initialViewState"] == second["initialViewState"]
    assert first["views"] == second["views"]
    changed = [a["id"] for a, b in zip(first["layers"], second["layers"], strict=True) if a != b]
    assert changed == ["tails", "vessels", f"{PICK}-0"]


def test_every_base_layer_is_drawn() -> None:
    assert {name for name, _ in STATIC} <= set(ids(SCENE))


def test_a_choice_adds_its_layers_and_renews_the_pickable_one() -> None:
    chosen = replace(SCENE, selected=413000001, generation=1)
    assert set(ids(chosen)) - set(ids(SCENE)) == {"track", "chosen", f"{PICK}-1"}
    pickable = [layer["id"] for layer in spec(chosen)["layers"] if layer.get("pickable")]
    assert pickable == [f"{PICK}-1"]
    assert spec(chosen)["layers"][-1]["opacity"] == 0


def test_nothing_that_the_framework_would_recolour() -> None:
    for layer in spec(replace(SCENE, selected=1))["layers"]:
        assert layer["@@type"] == "GeoJsonLayer"
        assert "getFillColor" not in layer


def test_all_data_are_addresses_on_this_host_and_no_map_is_called() -> None:
    text = live_deck(replace(SCENE, selected=1)).to_json()
    assert re.findall(r"https?://|//[a-z]", text) == []
    assert all(layer["data"].startswith("/") for layer in json.loads(text)["layers"])
    assert json.loads(text).get("mapProvider") is None


def test_the_tooltip_is_text() -> None:
    tooltip = live_deck(SCENE)._tooltip
    assert tooltip["text"] == "{label}"
    assert "html" not in tooltip


def test_viewers_of_the_same_scene_share_one_deck() -> None:
    assert live_deck(SCENE) is live_deck(replace(SCENE))


def test_symbols_are_drawn_and_fit_their_cells() -> None:
    assert atlas().startswith(b"\x89PNG")
    assert [place["x"] for place in mapping().values()] == [CELL * n for n in range(len(NAMES))]
    assert len({single(name) for name in NAMES}) == len(NAMES)
