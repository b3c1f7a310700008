"""The house holds its shape: who may import whom, and what may stand where."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = {
    "domain": set(),
    "db": {"domain"},
    "commands": {"domain", "db"},
    "layers": {"domain"},
    "streams": {"domain", "db", "commands", "layers"},
    "dashboard": {"domain", "db", "commands", "layers"},
    "seed": {"domain", "db", "commands", "layers"},
    "ops": {"domain", "db", "commands", "layers", "streams", "dashboard", "seed"},
}
"""Room → the rooms it may import. `streams` and `dashboard` never meet."""
STREAMLIT = re.compile(
    r"dashboard/(app|asgi|state|page|server)\.py|dashboard/(app_pages|panels)/.+"
)
"""Beside the pages: `server` runs it, `page` serves its first HTML."""
STATEMENT = re.compile(
    r"\b(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from|create\s+(table|index|view)"
    r"|copy\s+\w+\s+from)\s",
    re.IGNORECASE | re.DOTALL,
)
# split, so that this file does not contain what it forbids
FOREIGN = re.compile(
    "|".join(
        [
            "py" + r"pi\.org|python" + r"hosted|deb\.deb" + "ian|registry" + r"\.npmjs",
            r"(?<!emit-)index" + r"-url|/wo" + r"rk/|/ro" + r"ot/|/ho" + r"me/\w|/tmp/ve" + "nv",
            r"tile\.open"
            + "street|base"
            + r"maps|map"
            + r"box\.com|un"
            + r"pkg|js"
            + "delivr|cdn"
            + "js",
        ]
    )
)


def tracked() -> list[Path]:
    """Every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def sources() -> list[tuple[str, ast.Module]]:
    """The product's own modules: path from the root, syntax tree."""
    names = [str(path.relative_to(ROOT)) for path in tracked() if path.suffix == ".py"]
    rooms = [name for name in names if name.split("/")[0] in ROOMS]
    return [(name, ast.parse((ROOT / name).read_text("utf-8"))) for name in rooms]


def imports(tree: ast.Module) -> set[str]:
    """First names of all that a module imports, also inside its functions."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def uses(tree: ast.Module, owner: str, *names: str) -> bool:
    """Whether a module reads `owner.name`, or imports the name from `owner`."""
    return any(
        (
            isinstance(node, ast.Attribute)
            and node.attr in names
            and getattr(node.value, "id", getattr(node.value, "attr", "")) == owner
        )
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == owner
            and any(alias.name in names for alias in node.names)
        )
        for node in ast.walk(tree)
    )


def strings(tree: ast.Module) -> list[str]:
    """Every string that is no docstring."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


def offenders(rule) -> list[str]:
    return [name for name, tree in sources() if rule(name, tree)]


def test_rooms_import_in_one_direction() -> None:
    def wrong(name: str, tree: ast.Module) -> set[str]:
        room = name.split("/", maxsplit=1)[0]
        return (imports(tree) & ROOMS.keys()) - ROOMS[room] - {room}

    assert offenders(wrong) == []


def test_streams_take_no_drawing_from_layers() -> None:
    drawing = {"deck", "palette", "symbols", "basemap"}

    def draws(tree: ast.Module) -> set[str]:
        found = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
        return {
            part
            for node in found
            if node.module and node.module.split(".")[0] == "layers"
            for part in (*node.module.split(".")[1:], *(alias.name for alias in node.names))
        } & drawing

    assert offenders(lambda n, t: n.startswith(("streams/", "seed/")) and draws(t)) == []


def test_the_domain_is_standard_library_only() -> None:
    allowed = set(sys.stdlib_module_names) | {"domain"}
    assert offenders(lambda n, t: n.startswith("domain/") and imports(t) - allowed) == []


def test_sql_stands_in_db_only() -> None:
    said = offenders(
        lambda n, t: not n.startswith("db/") and any(map(STATEMENT.search, strings(t)))
    )
    assert said == []


def test_the_environment_is_read_by_settings_only() -> None:
    reads = offenders(lambda _, t: uses(t, "os", "environ", "getenv"))
    assert [name for name in reads if not name.endswith("/settings.py")] == []


def test_only_the_clock_asks_for_the_time() -> None:
    asks = offenders(lambda _, t: uses(t, "datetime", "now", "utcnow", "today"))
    asks += offenders(lambda _, t: uses(t, "time", "time", "time_ns") or uses(t, "date", "today"))
    assert set(asks) <= {"domain/clock.py"}


def test_streamlit_stays_in_its_corner() -> None:
    outside = offenders(lambda n, t: "streamlit" in imports(t) and not STREAMLIT.fullmatch(n))
    assert outside == []


def test_no_file_is_long_and_none_is_a_drawer() -> None:
    python = [path for path in tracked() if path.suffix == ".py"]
    assert [p.name for p in python if len(p.read_text("utf-8").splitlines()) > 400] == []
    assert [
        p.name for p in python if p.stem in {"utils", "util", "helpers", "misc", "common"}
    ] == []


def test_no_registry_no_machine_path_no_address_beyond_the_host() -> None:
    texts = {path: path.read_bytes().decode("utf-8", "replace") for path in tracked()}
    found = {str(path.relative_to(ROOT)): FOREIGN.search(text) for path, text in texts.items()}
    assert {name: hit.group() for name, hit in found.items() if hit} == {}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_versions_and_hashes_only(lock: str) -> None:
    line = re.compile(
        r"[\w.-]+==[\w.]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|# .*|    # .*"
    )
    assert [x for x in (ROOT / lock).read_text().splitlines() if not line.fullmatch(x)] == []


def test_every_test_module_has_a_name_of_its_own() -> None:
    """pytest imports them by their bare names."""
    names = [path.name for path in tracked() if "tests" in path.parts and path.suffix == ".py"]
    assert sorted(n for n in set(names) if names.count(n) > 1) == ["conftest.py"]
