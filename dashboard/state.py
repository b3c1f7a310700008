"""What one viewer has chosen: language, and a vessel or an alert; in the URL, so that F5 keeps it.

The session is what counts after the first look at the URL, and the browser writes the URL
(`static/address.js`): the map's timer sends the URL that the browser had when it fired, and that
may be older than the last choice.
"""

from uuid import UUID

import streamlit as st

from dashboard.i18n import DEFAULT, Language, language
from dashboard.public import without_phone

_VESSEL = "vessel"
_ALERT = "alert"
_LANG = "lang"
_VIEW = "view"
_PAGE = "page"
_SCREEN = "screen"
_WALL = "wall_size"
_GENERATION = "pick_generation"
MAP_KEY = "live_map"
_MAX_MMSI = 999_999_999
_SCREEN_MOST = 24
_WALL_LIMITS = ((100, 20_000), (100, 20_000), (4, 400))


def lang() -> Language:
    """The page's language."""
    return language(_kept(_LANG))


def set_lang(asked: str) -> None:
    """Change the language; the default one leaves the URL bare."""
    _keep(_LANG, None if language(asked) == DEFAULT else language(asked))


def wall() -> bool:
    """Whether this screen hangs on a wall, read from afar by people who touch nothing."""
    return _kept(_VIEW) == "wall"


def hang(name: str) -> None:
    """Show the wall under its name, whatever the URL says."""
    _keep(_VIEW, "wall")
    _keep(_SCREEN, name)


def permits() -> bool:
    """Whether this is the page of the permit register."""
    return _kept(_PAGE) == "permits"


def incidents() -> bool:
    """Whether this is the page of the incidents."""
    return _kept(_PAGE) == "incidents"


def screen() -> str:
    """What the wall calls itself, from the URL; nothing long, nothing that looks like a number."""
    asked = (_kept(_SCREEN) or "").strip()
    return asked if len(asked) <= _SCREEN_MOST and asked == without_phone(asked) else ""


def wall_size() -> tuple[float, float, float] | None:
    """Width and height of the wall's map and the size of its letters, CSS pixels; not known yet."""
    found: tuple[float, float, float] | None = st.session_state.get(_WALL)
    return found


def set_wall_size(said: object) -> None:
    """Take what the browser measured; anything absurd is ignored."""
    if not isinstance(said, list) or len(said) != len(_WALL_LIMITS):
        return
    if all(
        isinstance(each, int | float) and low <= each <= high
        for each, (low, high) in zip(said, _WALL_LIMITS, strict=True)
    ):
        st.session_state[_WALL] = tuple(float(each) for each in said)


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


def follow(address: object) -> None:
    """Choose what the URL says after the browser's back or forward button."""
    if not isinstance(address, dict):
        return
    mmsi = address.get("vessel")
    known = isinstance(mmsi, int) and 0 < mmsi <= _MAX_MMSI
    st.session_state[_GENERATION] = generation() + 1
    _keep(_ALERT, _alert_id(address.get("alert")))
    _keep(_VESSEL, str(mmsi) if known else None)


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
    """Hold `chosen`; the browser writes it into the URL when the beacon tells of it."""
    st.session_state[f"chosen_{name}"] = chosen
