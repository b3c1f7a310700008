"""What one viewer has chosen: language and vessel, both in the URL, so that F5 keeps them."""

import streamlit as st

from dashboard.i18n import DEFAULT, Language, language

_VESSEL = "vessel"
_LANG = "lang"
_GENERATION = "pick_generation"
MAP_KEY = "live_map"
_MAX_MMSI = 999_999_999


def lang() -> Language:
    """The page's language."""
    return language(st.query_params.get(_LANG))


def set_lang(asked: str) -> None:
    """Change the language; the default one leaves the URL bare."""
    if language(asked) == DEFAULT:
        st.query_params.pop(_LANG, None)
    else:
        st.query_params[_LANG] = language(asked)


def vessel() -> int | None:
    """MMSI of the chosen vessel; an absurd one in the URL is none."""
    asked = st.query_params.get(_VESSEL, "")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 9):
        return None
    return int(asked) or None


def choose(mmsi: int | None) -> None:
    """Choose a vessel, or none. Only the MMSI is kept: panels look it up in the newest snapshot."""
    st.session_state[_GENERATION] = generation() + 1
    if mmsi is None or not 0 < mmsi <= _MAX_MMSI:
        st.query_params.pop(_VESSEL, None)
    else:
        st.query_params[_VESSEL] = str(mmsi)


def choose_from(said: object) -> None:
    """Choose what the browser named; anything but a number is ignored."""
    if isinstance(said, int):
        choose(said)


def generation() -> int:
    """Counts choices: a new pickable layer each time makes the map forget its row index."""
    return int(st.session_state.get(_GENERATION, 0))


def picked_on_map() -> int | None:
    """MMSI of the vessel just clicked on the map, whatever row it stood in."""
    event = st.session_state.get(MAP_KEY) or {}
    for objects in event.get("selection", {}).get("objects", {}).values():
        for found in objects:
            mmsi = found.get("properties", {}).get("mmsi")
            if isinstance(mmsi, int):
                return mmsi
    return None
