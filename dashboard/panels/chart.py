"""The map: one fragment a second that tells the browser which tick to fetch, and the beacon."""

from typing import Final

import streamlit as st

from dashboard import state
from dashboard.console import Console, running
from dashboard.i18n import Language
from dashboard.panels.pane import beacon
from dashboard.snapshot import Snapshot
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
    alert = state.alert()
    marked = target(newest, state.vessel(), alert)
    if console is not None and newest is not None:
        st.pydeck_chart(
            live_deck(scene(console, newest.tick, lang, marked, state.generation())),
            height="stretch",
            key=state.MAP_KEY,
            on_select=_picked,
            selection_mode="single-object",
        )
    beacon(lang, newest, state.vessel(), alert)


def _picked() -> None:
    mmsi = state.picked_on_map()
    if mmsi is not None:
        state.choose(mmsi)


def target(
    snapshot: Snapshot | None, vessel: int | None, alert: str | None
) -> tuple[int | None, str | None]:
    """MMSI to mark on the map, or the alert without a vessel whose place is marked instead."""
    found = snapshot.alert(alert) if snapshot and alert else None
    if found is None:
        return vessel, None
    return (None, found.alert_id) if found.mmsi is None else (found.mmsi, None)


def scene(
    console: Console,
    tick: int,
    lang: Language,
    marked: tuple[int | None, str | None],
    generation: int,
) -> Scene:
    """What the map shows at `tick`; tails and tracks are renewed every `tails_every` ticks."""
    bodies = console.bodies
    return Scene(
        tick=tick,
        pick_tick=bodies.pick_tick,
        slow_tick=bodies.slow_tick,
        tails=bodies.key("tails", tick),
        rings=bodies.key("rings", tick),
        alerts=bodies.key("alerts", tick),
        checkpoints=bodies.key("checkpoints", tick),
        newest=bodies.key(f"newest-{lang}", tick),
        lang=lang,
        static=console.atlas.urls(lang),
        tooltip="{label}\nMMSI {mmsi}\n{speed} km/h  {course}",
        selected=marked[0],
        spot=marked[1],
        generation=generation % 2,
    )
