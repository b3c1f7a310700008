"""The Chromium that tests and measurements look through."""

from pathlib import Path

from ops.settings import RunSettings

FLAGS = [
    "--no-sandbox",  # root has none
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
"""Software rendering, and nothing that talks to anyone but the page's own host."""

_DEBIAN = Path("/usr/bin/chromium")


def chromium() -> str | None:
    """`CHROMIUM_PATH`, then Debian's; `None` leaves the choice to Playwright's own download."""
    named = RunSettings().chromium_path
    if named is not None:
        return str(named)
    return str(_DEBIAN) if _DEBIAN.exists() else None
