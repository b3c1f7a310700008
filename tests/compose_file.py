"""docker-compose.yml as Compose would read it: the values of .env put in, every service by name."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, one in SERVICES.items() if one["image"].startswith("whistle:"))
"""Services that run our program."""
_VALUE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<rest>[^}]*))?\}")


class Unset(Exception):
    """A value that has to be set is not."""


def filled(word: str, values: Mapping[str, str]) -> str:
    """A word with `${NAME}`, `${NAME:-default}` and `${NAME:?why}` replaced. Raises `Unset`."""

    def value(found: re.Match[str]) -> str:
        known = values.get(found["name"], "")
        if not known and found["how"] == "?":
            raise Unset(found["rest"])
        return known or (found["rest"] if found["how"] == "-" else "")

    return _VALUE.sub(value, word)


def variables() -> set[str]:
    """Names of all values that the file asks for."""
    return {found["name"] for found in _VALUE.finditer(TEXT)}


def demanded() -> set[str]:
    """Names of those without which nothing starts."""
    return {found["name"] for found in _VALUE.finditer(TEXT) if found["how"] == "?"}


def order() -> list[str]:
    """The services, each after those that it waits for."""
    done: list[str] = []
    while len(done) < len(SERVICES):
        ready = [
            name
            for name, one in SERVICES.items()
            if name not in done and set(one.get("depends_on", {})) <= set(done)
        ]
        assert ready, "services wait for each other"
        done += ready
    return done
