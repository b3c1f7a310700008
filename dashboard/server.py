"""Runs the console under uvicorn, with Streamlit's settings wherever it was started from."""

from pathlib import Path

import uvicorn
from streamlit import config
from streamlit.web import bootstrap

from dashboard.settings import ConsoleSettings

ROOT = Path(__file__).resolve().parent.parent


def load_theme() -> None:
    """Read the clone's `.streamlit/config.toml`, whatever the working directory.

    Streamlit looks beside the main script, so it is told that this lies at the root.
    """
    config._main_script_path = str(ROOT / "app.py")
    bootstrap.load_config_options({})


def run(settings: ConsoleSettings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    load_theme()
    from dashboard.asgi import create_app  # noqa: PLC0415  (Streamlit reads its settings first)

    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
