"""What one viewer has chosen: language, and a vessel or an alert; in the URL, so that F5 keeps it.

The session is what counts after the first look at the URL: the map's timer sends the URL that the
browser had when it fired, and that may be older than the last choice.
"""

from uuid import UUID

import streamlit as st

from dashboard.i18n import DEFAULT, Language, language

_VESSEL = "vessel"
_ALERT = "alert"
_LANG = "lang"
_GENERATION = "pick_generation"
MAP_KEY = "live_map"
_MAX_MMSI = 999_999_999


def lang() -> Language:
    """The page's language."""
    return language(_kept(_LANG))


def set_lang(asked: str) -> None:
    """Change the language; the default one leaves the URL bare."""
    _keep(_LANG, None if language(asked) == DEFAULT else language(asked))


def vessel() -> int | None:
    """MMSI of the chosen vessel; an absurd one in the URL is none."""
    asked = _kept(_VESSEL) or ""
    if not (asked.isascii() and asked.isdigit() and len(asked) <= 9):
        return None
    return int(asked) or None


def alert() -> str | None:
    """Id of the chosen alert; what is no UUID is none."""
    return _alert_id(_kept(_ALERT))


def choose(mmsi: int | None) -> None:
    """Choose a vessel, or none, in place of an alert.

    Only the MMSI is kept: panels look it up in the newest snapshot.
    """
    st.session_state[_GENERATION] = generation() + 1
    _keep(_ALERT, None)
    _keep(_VESSEL, str(mmsi) if mmsi is not None and 0 < mmsi <= _MAX_MMSI else None)


def choose_from(said: object) -> None:
    """Choose what the browser named; anything but a number is ignored."""
    if isinstance(said, int):
        choose(said)


def choose_alert(said: object) -> None:
    """Choose the alert that the browser named, in place of a vessel."""
    found = _alert_id(said)
    if found is None:
        return
    st.session_state[_GENERATION] = generation() + 1
    _keep(_VESSEL, None)
    _keep(_ALERT, found)


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


def _alert_id(said: object) -> str | None:
    try:
        return str(UUID(said)) if isinstance(said, str) else None
    except ValueError:
        return None


def _kept(name: str) -> str | None:
    """What the session holds under `name`; at its first run what the URL says."""
    key = f"chosen_{name}"
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(name)
    found: str | None = st.session_state[key]
    return found


def _keep(name: str, chosen: str | None) -> None:
    """Hold `chosen`, and write it into the URL for the next visit."""
    st.session_state[f"chosen_{name}"] = chosen
    if chosen is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != chosen:
        st.query_params[name] = chosen
