"""The script that Streamlit runs for every viewer: page settings, then the page."""

import streamlit as st

from dashboard import state
from dashboard.i18n import words


def main() -> None:
    """Set the page up and run it."""
    _ = words(state.lang()).gettext
    title = _("Wall") if state.wall() else _("Live")
    st.set_page_config(page_title=f"{title} · {_('Whistle')}", layout="wide")
    script = "app_pages/wall.py" if state.wall() else "app_pages/live.py"
    st.navigation([st.Page(script, title=title, default=True)], position="hidden").run()


main()
