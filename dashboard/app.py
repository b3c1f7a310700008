"""The script that Streamlit runs for every viewer: page settings, then the page."""

import streamlit as st

from dashboard import state
from dashboard.i18n import words


def main() -> None:
    """Set the page up and run it."""
    _ = words(state.lang()).gettext
    st.set_page_config(page_title=f"{_('Live')} · {_('Whistle')}", layout="wide")
    live = st.Page("app_pages/live.py", title=_("Live"), default=True)
    st.navigation([live], position="hidden").run()


main()
