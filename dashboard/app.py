"""The script that Streamlit runs for every viewer: page settings, then the page."""

import streamlit as st

from dashboard import state
from dashboard.i18n import words
from dashboard.sign_in import only_shows


def main() -> None:
    """Set the page up and run it; for a wall's token, whatever was asked for, the wall."""
    shows = only_shows(st.context.cookies)
    if shows is not None:
        state.hang(shows)
    _ = words(state.lang()).gettext
    title, script = _("Live"), "live"
    if state.wall():
        title, script = _("Wall"), "wall"
    elif state.permits():
        title, script = _("Permits"), "permits"
    elif state.incidents():
        title, script = _("Incidents"), "incidents"
    st.set_page_config(page_title=f"{title} · {_('Whistle')}", layout="wide")
    page = st.Page(f"app_pages/{script}.py", title=title, default=True)
    st.navigation([page], position="hidden").run()


main()
