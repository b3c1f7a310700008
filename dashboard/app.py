"""The script that Streamlit runs for every viewer: page settings, then the page."""

import streamlit as st

from dashboard import state
from dashboard.i18n import words


def main() -> None:
    """Set the page up and run it."""
    _ = words(state.lang()).gettext
    title, script = _("Live"), "live"
    if state.wall():
        title, script = _("Wall"), "wall"
    elif state.permits():
        title, script = _("Permits"), "permits"
    st.set_page_config(page_title=f"{title} · {_('Whistle')}", layout="wide")
    page = st.Page(f"app_pages/{script}.py", title=title, default=True)
    st.navigation([page], position="hidden").run()


main()
