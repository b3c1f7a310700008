"""Runs the console under uvicorn, with Streamlit's settings wherever it was started from."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from streamlit import config, net_util
from streamlit.web import bootstrap

from dashboard.settings import ConsoleSettings

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def load_theme() -> None:
    """Read the clone's `.streamlit/config.toml`, whatever the working directory.

    Streamlit looks beside the main script, so it is told that this lies at the root.
    """
    config._main_script_path = str(ROOT / "app.py")
    bootstrap.load_config_options({})


def close_off(settings: ConsoleSettings, host: str) -> None:
    """Who may open a page's connection: pages of this server, and of the origins that are set.

    On loopback only names of this machine count, so that no page elsewhere can reach the console
    through a name of its own that leads here.
    """
    # Streamlit would ask a host on the internet who we are, on the event loop, for every origin
    # that is not ours
    net_util._external_ip = ""
    config.set_option("server.corsAllowedOrigins", settings.origins)
    names = [name for origin in settings.origins if (name := urlsplit(origin).hostname)]
    config.set_option("server.allowedHosts", [*LOOPBACK, *names] if host in LOOPBACK else [])


def run(settings: ConsoleSettings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    load_theme()
    close_off(settings, host)
    from dashboard.asgi import create_app  # noqa: PLC0415  (Streamlit reads its settings first)

    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        forwarded_allow_ips=settings.console_proxies,
        timeout_graceful_shutdown=2,
    )
