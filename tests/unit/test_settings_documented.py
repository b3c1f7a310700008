"""Every setting stands in docs/settings.md with its default, and nothing else does."""

import importlib
import re
from pathlib import Path

import pytest
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/settings.py"))


def settings_of(room: str) -> dict[str, object]:
    """Environment variable → default, of every settings class in a room."""
    module = importlib.import_module(f"{room}.settings")
    found: dict[str, object] = {}
    for kind in vars(module).values():
        if isinstance(kind, type) and issubclass(kind, BaseSettings) and kind is not BaseSettings:
            prefix = kind.model_config.get("env_prefix", "")
            for name, field in kind.model_fields.items():
                alias = field.validation_alias
                first = alias.choices[0] if isinstance(alias, AliasChoices) else alias
                found[str(first or f"{prefix}{name}".upper())] = field.get_default(
                    call_default_factory=False
                )
    return found


def documented(room: str) -> dict[str, str]:
    """Environment variable → default, as the page says under the room's heading."""
    part = PAGE.split(f"(`{room}/settings.py`)", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", part, re.MULTILINE))


@pytest.mark.parametrize("room", ROOMS)
def test_every_setting_is_documented(room: str) -> None:
    missing = settings_of(room).keys() - documented(room).keys()
    shared = {name for name in missing if f"`{name}`" in PAGE}  # DATABASE_URL stands with the store
    assert missing - shared == set()


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_is_documented_that_does_not_exist(room: str) -> None:
    assert documented(room).keys() - settings_of(room).keys() == set()


@pytest.mark.parametrize("room", ROOMS)
def test_the_defaults_are_the_real_ones(room: str) -> None:
    real, said = settings_of(room), documented(room)
    for name in real.keys() & said.keys():
        default = real[name]
        if isinstance(default, bool):
            assert said[name].strip("`") == str(default).lower(), name
        elif isinstance(default, int | float):
            assert float(said[name].strip("`").replace(" ", "")) == default, name
        elif isinstance(default, str) and default:
            assert said[name].strip("`") == default, name
