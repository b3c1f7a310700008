"""Streamlit's settings hold wherever the console is started from."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASKED = {
    "runner.postScriptGC": False,
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "theme.base": "dark",
    "theme.backgroundColor": "#0A101C",
}

SCRIPT = """
import json, sys
from dashboard.server import load_theme
load_theme()
from streamlit import config
print(json.dumps({name: config.get_option(name) for name in json.loads(sys.argv[1])}))
"""


def test_they_are_read_from_any_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(list(ASKED))],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == ASKED


CLOSED_OFF = """
import json, socket, sys
from dashboard.server import close_off, load_theme
from dashboard.settings import ConsoleSettings
load_theme()
settings = ConsoleSettings(console_origins="https://whistle.example, http://other.example/")
outside = []
socket.getaddrinfo = lambda *args, **more: outside.append(args[0])
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed
said = []
for host, origin, named in json.loads(sys.argv[1]):
    close_off(settings, host)
    said.append(_is_origin_allowed(origin, named))
print(json.dumps([said, outside]))
"""
CONNECTING = {
    ("127.0.0.1", "http://localhost:8501", "localhost:8501"): True,
    ("127.0.0.1", "http://evil.example", "127.0.0.1:8501"): False,
    ("127.0.0.1", "http://evil.example:8501", "evil.example:8501"): False,
    ("127.0.0.1", "https://whistle.example", "localhost:8501"): True,
    ("127.0.0.1", "http://other.example", "other.example"): True,
    ("0.0.0.0", "http://console.lan:8501", "console.lan:8501"): True,  # noqa: S104
    ("0.0.0.0", "http://evil.example", "console.lan:8501"): False,  # noqa: S104
}
"""Where the console listens, the page that connects, the host that it asked for → allowed?"""


def test_only_own_pages_may_connect_and_nobody_outside_is_asked(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSED_OFF, json.dumps(list(CONNECTING))],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [list(CONNECTING.values()), []]
