"""许可登记 Permit register: every paper in a table, one of them in full beside it."""

import streamlit as st

from dashboard import state
from dashboard.panels import header, permits


def main() -> None:
    """Lay the page out; the stylesheet places its boxes."""
    lang = state.lang()
    with st.container(key="box-header"):
        header.show(lang, here="permits")
    with st.container(key="box-permits"):
        permits.show(lang)


main()
