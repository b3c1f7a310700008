"""The map: one fragment a second that tells the browser which tick to fetch, and the beacon."""

from typing import Final

import streamlit as st

from dashboard import state
from dashboard.console import Console, running
from dashboard.i18n import Language
from dashboard.panels.pane import pane
from layers.deck import Scene, live_deck

REFRESH_S: Final = 0.5
"""How often a page asks for the newest tick: half a tick, so that it lags by no more."""


def show(lang: Language) -> None:
    """Draw the map; it goes on by itself once a second."""
    _tick(lang)


@st.fragment(run_every=REFRESH_S)
def _tick(lang: Language) -> None:
    console = running()
    newest = console.bodies.newest if console else None
    chosen = state.vessel()
    if console is not None and newest is not None:
        st.pydeck_chart(
            live_deck(scene(console, newest.tick, lang, chosen, state.generation())),
            height="stretch",
            key=state.MAP_KEY,
            on_select=_picked,
            selection_mode="single-object",
        )
    pane(
        "beacon",
        {
            "lang": lang,
            "tick": newest.tick if newest else 0,
            "taken": newest.taken_at if newest else None,
            "vessel": chosen,
        },
    )


def _picked() -> None:
    mmsi = state.picked_on_map()
    if mmsi is not None:
        state.choose(mmsi)


def scene(
    console: Console, tick: int, lang: Language, chosen: int | None, generation: int
) -> Scene:
    """What the map shows at `tick`; tails and tracks are renewed every `tails_every` ticks."""
    bodies = console.bodies
    return Scene(
        tick=tick,
        pick_tick=bodies.pick_tick,
        slow_tick=bodies.slow_tick,
        tails=bodies.key("tails"),
        rings=bodies.key("rings"),
        newest=bodies.key(f"newest-{lang}"),
        lang=lang,
        static=console.atlas.urls(lang),
        tooltip="{label}\nMMSI {mmsi}\n{speed} km/h  {course}",
        selected=chosen,
        generation=generation % 2,
    )
