"""The wall's map: as large as its place, with symbols and names for five metres."""

import math
from dataclasses import replace
from typing import Final

import streamlit as st

from dashboard import state
from dashboard.console import Console, running
from dashboard.i18n import Language
from dashboard.panels import chart
from dashboard.panels.pane import beacon, pane, value
from dashboard.panels.wall import LEGEND, frame
from layers.deck import VIEW, Scene, live_deck

REFRESH_S: Final = 0.25
"""Twice as often as Live: walls are few, and what is new stands on them within two seconds."""
LIVE_MAP: Final = (952.0, 870.0)
"""The map of a Live page of 1600 × 950, CSS pixels: what it shows fills every wall too."""
LETTER_PX: Final = 12.0
"""Live's smallest names: they get the size of the wall's letters, and all else grows with them."""


def show_legend(lang: Language) -> None:
    """Mount the legend, which lies over the map and therefore knows its size."""
    size = state.wall_size()
    pane(
        LEGEND,
        {"lang": lang, "frame": frame(LEGEND, lang), "size": list(size) if size else None},
        on_size_change=lambda: state.set_wall_size(value(LEGEND, "size")),
    )


def show(lang: Language) -> None:
    """Draw the map; it goes on by itself once a second."""
    _tick(lang)


@st.fragment(run_every=REFRESH_S)
def _tick(lang: Language) -> None:
    console = running()
    newest = console.bodies.newest if console else None
    size = state.wall_size()
    if console is not None and newest is not None and size is not None:
        st.pydeck_chart(
            live_deck(scene(console, newest.tick, lang, size)),
            height="stretch",
            key="wall_map",
            on_select=lambda: None,  # keeps the canvas over ticks; nothing there can be selected
            selection_mode="single-object",
        )
    beacon(lang, newest)


def scene(console: Console, tick: int, lang: Language, size: tuple[float, float, float]) -> Scene:
    """Live's picture at `tick` for a map of that size; walls of one size and language share it."""
    zoom, scale = fitted(size)
    live = chart.scene(console, tick, lang, (None, None), 0)
    newest = console.bodies.key(f"wall-{lang}", tick)
    return replace(live, newest=newest, tooltip="", zoom=zoom, scale=scale, touch=False)


def fitted(size: tuple[float, float, float]) -> tuple[float, float]:
    """Zoom at which the three districts' waters fill the map, and how much larger all is drawn."""
    width, height, letter = size
    share = min(width / LIVE_MAP[0], height / LIVE_MAP[1])
    return round(VIEW["zoom"] + math.log2(share), 2), round(letter / LETTER_PX, 2)
