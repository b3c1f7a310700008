"""A pane: a frame that Streamlit mounts once and a body that the browser fetches each tick."""

from typing import Any, Final

import streamlit as st

_BRIDGE: Final = """
export default function ({ data, parentElement, setStateValue }) {
  return window.whistle.mount(parentElement, data, setStateValue)
}
"""

_mount = st.components.v2.component("whistle.pane", js=_BRIDGE, isolate_styles=False)


def pane(name: str, data: dict[str, Any], **on_events: Any) -> None:  # noqa: ANN401
    """Mount pane `name`; `data` changes its frame, events come back as `on_<event>_change`."""
    _mount(key=name, data={"pane": name, **data}, **on_events)


def value(name: str, event: str) -> object:
    """What the browser sent with `event`, inside the callback.

    Events are numbered states, not Streamlit's triggers: a trigger is sent once, and is gone if
    that one request is; a state goes with every later request too.
    """
    said = (st.session_state.get(name) or {}).get(event)
    return said.get("value") if isinstance(said, dict) else None
