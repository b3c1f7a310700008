"""态势 Live: the map in the middle, alerts and crossings left, vessels right, the feeds below."""

import streamlit as st

from dashboard import state
from dashboard.panels import alerts, chart, crossings, drawer, feeds, header, legend, vessels


def main() -> None:
    """Lay the page out; every panel stands in a box of its own that the stylesheet places."""
    lang = state.lang()
    with st.container(key="box-header"):
        header.show(lang)
    with st.container(key="box-left"):
        alerts.show(lang)
        crossings.show(lang)
    with st.container(key="box-map"):
        chart.show(lang)
    with st.container(key="box-legend"):
        legend.show(lang)
    with st.container(key="box-right"):
        drawer.show(lang)
        vessels.show(lang)
    with st.container(key="box-bar"):
        feeds.show(lang)


main()
