"""事件 Incidents: who knows, who comes, and what happened."""

import streamlit as st

from dashboard import state
from dashboard.panels import header, incidents


def main() -> None:
    """Lay the page out; the stylesheet places its boxes."""
    lang = state.lang()
    with st.container(key="box-header"):
        header.show(lang, here="incidents")
    with st.container(key="box-incidents"):
        incidents.show(lang)


main()
