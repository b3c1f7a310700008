"""docs/operations.md names only what there is: settings, services, files, commands, log actions."""

import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from ops.cli.app import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL)
INLINE = re.findall(r"`([^`\n]+)`", re.sub(r"^```.+?^```", "", PAGE, flags=re.M | re.S))
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
LINES = [line.split("#")[0] for block in BLOCKS for line in block.splitlines()] + INLINE


def test_settings_are_those_that_there_are() -> None:
    known = (ROOT / "docs" / "settings.md").read_text("utf-8")
    known += (ROOT / "deploy" / "env.example").read_text("utf-8")
    known += (ROOT / "deploy" / "kafka" / "start.sh").read_text("utf-8")
    named = set(re.findall(r"\b(?:WHISTLE|KAFKA)_[A-Z_]+", PAGE)) - {"KAFKA_HEAP_OPTS"}
    assert len(named) > 15
    assert [name for name in sorted(named) if name not in known] == []


def test_log_actions_are_those_that_are_logged() -> None:
    (told,) = re.findall(r"^Logs are lines with an `action`\.(.+)$", PAGE, re.MULTILINE)
    source = "".join(
        path.read_text("utf-8")
        for room in ("streams", "dashboard", "commands", "db", "ops")
        for path in (ROOT / room).rglob("*.py")
    )
    actions = re.findall(r"`([a-z]+\.[a-z_]+)`", told)
    assert len(actions) > 10
    assert [one for one in actions if f'"{one}"' not in source] == []


def test_links_and_files_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", PAGE)
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
    files = re.findall(r"`((?:tests|deploy)/[\w/.]+)`", PAGE)
    assert files
    assert [name for name in files if not (ROOT / name).exists()] == []
    scripts = re.findall(r"/etc/whistle/(\w+\.sh)", PAGE)
    assert {"base.sh", "restore.sh"} <= set(scripts)
    assert all((ROOT / "deploy" / "store" / name).exists() for name in scripts)


def test_compose_is_asked_for_services_of_the_file() -> None:
    asked = 0
    for line in LINES:
        for words in re.findall(
            r"docker compose (?:up|stop|rm|logs|restart|exec|run)\b([^|;<]*)", line
        ):
            for word in _arguments(words):
                assert word in SERVICES, (word, line)
                asked += 1
    assert asked > 15


def _arguments(words: str) -> list[str]:
    """The services that are named; of `exec` and `run` the first, what follows is inside."""
    options_with_value = {"-e", "--scale", "--entrypoint"}
    found, skip = [], False
    for word in words.split():
        if skip or word.startswith("-"):
            skip = word in options_with_value
            continue
        found.append(word)
    inside = [n for n, word in enumerate(found) if word in {"sh", "psql", "whistle", "pg_dump"}]
    inside += [n for n, word in enumerate(found) if word not in SERVICES]
    return found[: max(1, min(inside, default=len(found)))]


def _commands() -> list[str]:
    """Every `whistle …` of the page, up to what a shell would make of the rest."""
    found = []
    for line in LINES:
        found += re.findall(r"\bwhistle ((?:[a-z]+ )?[a-z]+[^|;<>()]*)", line)
    return sorted({one.strip() for one in found if one.split()[0] in _names()})


def _names() -> set[str]:
    return set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", _commands())
def test_commands_and_options_are_those_of_the_program(line: str) -> None:
    command = typer.main.get_command(app)
    words = shlex.split(line.replace("…", "X"))
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    known = {name for one in command.params for name in one.opts}
    assert [word for word in words if word.startswith("--") and word not in known] == []
