"""A pane: a frame that Streamlit mounts once and a body that the browser fetches each tick."""

from typing import Any, Final

import streamlit as st

from dashboard.i18n import Language
from dashboard.snapshot import Snapshot

_HEARD: Final = "events_heard"
_CHOSEN: Final = "newest_choice"
_BRIDGE: Final = """
export default function ({ data, parentElement, setStateValue }) {
  return window.whistle.mount(parentElement, data, setStateValue)
}
"""

_mount = st.components.v2.component("whistle.pane", js=_BRIDGE, isolate_styles=False)


def pane(name: str, data: dict[str, Any], **on_events: Any) -> None:  # noqa: ANN401
    """Mount pane `name`; `data` changes its frame, events come back as `on_<event>_change`."""
    _mount(key=name, data={"pane": name, **data}, **on_events)


def beacon(
    lang: Language, newest: Snapshot | None, vessel: int | None = None, alert: str | None = None
) -> None:
    """Tell the browser which tick to fetch, what is chosen, and which of its events were heard."""
    pane(
        "beacon",
        {
            "lang": lang,
            "tick": newest.tick if newest else 0,
            "taken": newest.taken_at if newest else None,
            "vessel": vessel,
            "alert": alert,
            "heard": dict(st.session_state.get(_HEARD, {})),
        },
    )


def value(name: str, event: str) -> object:
    """What the browser sent with `event`, inside the callback.

    Events are numbered states, not Streamlit's triggers: a trigger is sent once, and is gone if
    that one request is; a state goes with every later request too. The number goes back with the
    beacon, and what is not heard is sent again; doing the same twice must therefore do no harm.
    """
    said = (st.session_state.get(name) or {}).get(event)
    if not isinstance(said, dict):
        return None
    st.session_state.setdefault(_HEARD, {})[f"{name}/{event}"] = said.get("n")
    return said.get("value")


def choice(name: str, event: str) -> object:
    """Like `value`, but `None` when a later choice was heard already, from whichever pane.

    A page that comes back to a restarted server sends all it ever said, in no order.
    """
    said = (st.session_state.get(name) or {}).get(event)
    number = said.get("n") if isinstance(said, dict) else None
    chosen = value(name, event)
    newest = st.session_state.get(_CHOSEN, 0)
    if not isinstance(number, int) or number < newest:
        return None
    st.session_state[_CHOSEN] = number
    return chosen
