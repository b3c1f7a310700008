"""The live map for deck.gl: layers with constant ids over data that browsers fetch by URL.

Every visible layer is a GeoJsonLayer without `getFillColor`: Streamlit recolours the usual
accessors of all layers while something is selected, which would flash the map at each click.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pydeck

from layers import symbols
from layers.palette import COLOURS, FONT, Rgba, rgba
from layers.scale import enlarge

VIEW: Final = {"longitude": 120.86, "latitude": 31.025, "zoom": 9.95}
"""Where the map opens: the three districts' waters. Constant, so that a pan survives ticks."""
SYMBOL_M: Final = 800
"""Size of a symbol on the ground, between its smallest and twice its smallest size in pixels."""
GLYPHS: Final = {"fontSize": 36, "buffer": 6}
"""Letters are drawn at twice their size at most, so that they stay sharp."""
ROUNDED: Final = {"line_joint_rounded": True, "line_cap_rounded": True}
"""For wide lines; on thin ones nobody sees it and everybody pays for it."""
PICK: Final = "pick"
"""Prefix of the one pickable layer's id; two ids take turns, see `Scene.generation`."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What decides the picture. `static` maps a base layer's name to its versioned URL.

    `tails`, `rings`, `alerts`, `checkpoints` and `newest` are keys of bodies that change with their
    content only; tracks are those of `slow_tick`, and a click hits the vessels of `pick_tick`:
    unseen, they need no drawing of their own at each tick. `selected` is an MMSI; `spot` an alert
    that has none. `scale` enlarges symbols and words, `zoom` the ground; without `touch` nothing
    can be clicked or moved.
    """

    tick: int
    pick_tick: int
    slow_tick: int
    tails: str
    rings: str
    alerts: str
    checkpoints: str
    newest: str
    lang: str
    static: tuple[tuple[str, str], ...]
    tooltip: str
    selected: int | None = None
    spot: str | None = None
    generation: int = 0
    zoom: float = VIEW["zoom"]
    scale: float = 1.0
    touch: bool = True


class SharedDeck(pydeck.Deck):  # type: ignore[misc]  # pydeck has no types
    """A deck whose JSON is made once and shown to every viewer."""

    def __init__(
        self, layers: list[pydeck.Layer], tooltip: dict[str, Any], zoom: float, *, touch: bool
    ) -> None:
        view = {**VIEW, "zoom": zoom}
        controller = {"dragRotate": False} if touch else False
        super().__init__(
            layers=layers,
            map_provider=None,
            initial_view_state=pydeck.ViewState(**view, min_zoom=7, max_zoom=16),
            views=[pydeck.View(type="MapView", controller=controller)],
            tooltip=tooltip,
        )
        self._json: str = super().to_json()

    def to_json(self) -> str:
        """The same text every time."""
        return self._json


@lru_cache(maxsize=64)
def live_deck(scene: Scene) -> SharedDeck:
    """The deck of one scene; viewers of the same tick, language and vessel share it."""
    static = dict(scene.static)
    layers = [
        *_ground(static),
        *_moving(scene),
        *_selection(scene),
        *([_pickable(scene)] if scene.touch else []),
    ]
    if scene.scale != 1.0:
        layers = [enlarge(layer, scene.scale) for layer in layers]
    return SharedDeck(layers, _tooltip(scene.tooltip), scene.zoom, touch=scene.touch)


def _pickable(scene: Scene) -> pydeck.Layer:
    return _layer(
        f"{PICK}-{scene.generation % 2}",
        f"/live/vessels.json?tick={scene.pick_tick}",
        point_type="'circle'",
        pickable=True,
        opacity=0,
        filled=True,
        stroked=False,
        get_point_radius=11,
        point_radius_units="'pixels'",
    )


def _layer(ident: str, data: str, **props: object) -> pydeck.Layer:
    return pydeck.Layer("GeoJsonLayer", id=ident, data=data, **props)


def _area(ident: str, data: str, fill: Rgba) -> pydeck.Layer:
    return _layer(
        ident,
        data,
        stroked=False,
        filled=True,
        _sub_layer_props={"polygons-fill": {"getFillColor": list(fill)}},
    )


def _line(ident: str, data: str, colour: Rgba, width: float, **props: object) -> pydeck.Layer:
    return _layer(
        ident,
        data,
        filled=False,
        stroked=True,
        get_line_color=list(colour),
        get_line_width=width,
        line_width_units="'pixels'",
        **props,
    )


def _text(ident: str, data: str, colour: Rgba, size: float, **props: object) -> pydeck.Layer:
    return _layer(
        ident,
        data,
        point_type="'text'",
        get_text="properties.label",
        get_text_color=list(colour),
        get_text_size=size,
        text_character_set="'auto'",
        text_font_family=f'"{FONT}"',
        text_font_settings=GLYPHS,
        **props,
    )


def _icons(ident: str, data: str, colour: str | list[int], smallest: int) -> pydeck.Layer:
    """Symbols that grow with the zoom, so that a busy river stays readable at first sight."""
    return _layer(
        ident,
        data,
        point_type="'icon'",
        icon_atlas=f"'/assets/symbols.png?v={symbols.version()}'",
        icon_mapping=f"'/assets/symbols.json?v={symbols.version()}'",
        get_icon="properties.icon",
        get_icon_angle="properties.angle",
        get_icon_color=colour,
        get_icon_size=SYMBOL_M,
        icon_size_units="'meters'",
        icon_size_min_pixels=smallest,
        icon_size_max_pixels=2 * smallest,
        icon_billboard=False,
    )


def _ground(static: Mapping[str, str]) -> list[pydeck.Layer]:
    """What does not move, from the bottom up; a name that is not there is left out."""
    drawn: dict[str, Callable[[str], pydeck.Layer]] = {
        "neighbours": lambda url: _area("neighbours", url, rgba("neighbour")),
        "members": lambda url: _area("members", url, rgba("member")),
        "lakes": lambda url: _area("lakes", url, rgba("lake")),
        "border-water": lambda url: _area("border-water", url, rgba("border-water", 0.16)),
        "waterways": lambda url: _line("waterways", url, rgba("water"), 4, **ROUNDED),
        "neighbour-borders": lambda url: _line("neighbour-borders", url, rgba("neighbour-line"), 1),
        "member-borders": lambda url: _line("member-borders", url, rgba("member-line", 0.75), 1.4),
        "neighbour-names": lambda url: _text("neighbour-names", url, rgba("muted", 0.6), 13),
        "member-names": lambda url: _text("member-names", url, rgba("muted"), 18),
        "water-names": lambda url: _text(
            "water-names",
            url,
            rgba("info", 0.62),
            12,
            get_text_pixel_offset="properties.offset",
            get_text_anchor="properties.anchor",
        ),
        "gate-lines": lambda url: _line("gate-lines", url, rgba("gate", 0.8), 1.2),
        "gates": lambda url: _icons("gates", url, list(rgba("gate")), 13),
    }
    return [draw(static[name]) for name, draw in drawn.items() if name in static]


def _moving(scene: Scene) -> list[pydeck.Layer]:
    tick = scene.tick
    return [
        _line("tails", f"/live/steady/{scene.tails}.json", rgba("unknown", 0.22), 1.3),
        _icons("checkpoints", f"/live/steady/{scene.checkpoints}.json", "properties.color", 13),
        _layer(
            "crossings",
            f"/live/steady/{scene.rings}.json",
            point_type="'circle'",
            filled=False,
            stroked=True,
            get_point_radius="properties.radius",
            point_radius_units="'pixels'",
            get_line_color="properties.color",
            get_line_width="properties.width",
            line_width_units="'pixels'",
        ),
        _layer(
            "alerts",
            f"/live/steady/{scene.alerts}.json",
            point_type="'icon'",
            icon_atlas=f"'/assets/symbols.png?v={symbols.version()}'",
            icon_mapping=f"'/assets/symbols.json?v={symbols.version()}'",
            get_icon="properties.icon",
            get_icon_color="properties.color",
            get_icon_size="properties.size",
            icon_size_units="'pixels'",
        ),
        _icons("vessels", f"/live/vessels.json?tick={tick}", "properties.color", 15),
        _layer(
            "newest",
            f"/live/steady/{scene.newest}.json",
            point_type="'text'",
            get_text="properties.label",
            get_text_color=list(rgba("text")),
            get_text_size=13,
            get_text_pixel_offset=[0, -34],
            get_text_alignment_baseline="'bottom'",
            text_character_set="'auto'",
            text_font_family=f'"{FONT}"',
            text_font_settings=GLYPHS,
            text_line_height=1.35,
            text_background=True,
            get_text_background_color=list(rgba("card", 0.94)),
            get_text_border_color="properties.edge",
            get_text_border_width=1,
            text_background_padding=[9, 6, 9, 6],
        ),
    ]


def _selection(scene: Scene) -> list[pydeck.Layer]:
    """The chosen vessel's track and ring; without one the layers stand empty, ids constant."""
    if scene.spot is not None:
        return [_chosen(f"/live/alert-spot/{scene.spot}.json?tick={scene.tick}&lang={scene.lang}")]
    if scene.selected is None:
        return []
    query = f"tick={scene.tick}&lang={scene.lang}"
    return [
        _line(
            "track",
            f"/live/track/{scene.selected}.json?tick={scene.slow_tick}",
            rgba("text", 0.8),
            2.4,
            **ROUNDED,
        ),
        _chosen(f"/live/chosen/{scene.selected}.json?{query}"),
    ]


def _chosen(data: str) -> pydeck.Layer:
    return _layer(
        "chosen",
        data,
        point_type="'circle+text'",
        filled=False,
        stroked=True,
        get_point_radius=15,
        point_radius_units="'pixels'",
        get_line_color=list(rgba("text")),
        get_line_width=2,
        line_width_units="'pixels'",
        get_text="properties.label",
        get_text_color=list(rgba("text")),
        get_text_size=14,
        get_text_pixel_offset=[0, 30],
        text_character_set="'auto'",
        text_font_family=f'"{FONT}"',
        text_font_settings=GLYPHS,
        text_line_height=1.3,
        text_background=True,
        get_text_background_color=list(rgba("card", 0.92)),
        text_background_padding=[8, 5, 8, 5],
    )


def _tooltip(text: str) -> dict[str, Any]:
    """Plain text: deck.gl sets it as text, never as HTML."""
    return {
        "text": text,
        "style": {
            "backgroundColor": COLOURS["card"],
            "color": COLOURS["text"],
            "border": f"1px solid {COLOURS['line']}",
            "borderRadius": "4px",
            "fontFamily": FONT,
            "fontSize": "13px",
            "lineHeight": "1.5",
            "padding": "6px 10px",
            "whiteSpace": "pre",
        },
    }
