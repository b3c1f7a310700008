"""大屏 Wall: the same picture for a whole room. Nothing to click, nothing to scroll."""

import streamlit as st

from dashboard import state
from dashboard.panels import wall, wall_map


def main() -> None:
    """Lay the wall out; every panel stands in a box of its own that the stylesheet places."""
    lang = state.lang()
    with st.container(key="box-header"):
        wall.show(wall.HEADER, lang)
    with st.container(key="box-left"):
        wall.show(wall.ALERTS, lang)
    with st.container(key="box-map"):
        wall_map.show(lang)
    with st.container(key="box-legend"):
        wall_map.show_legend(lang)
    with st.container(key="box-right"):
        wall.show(wall.CROSSINGS, lang)
    with st.container(key="box-news"):
        wall.show(wall.NEWS, lang)
    with st.container(key="box-bar"):
        wall.show(wall.FEEDS, lang)


main()
