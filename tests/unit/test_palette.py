"""The colours stand in one place, can be told apart, and everything else agrees with them."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from layers.palette import COLOURS, FONT, contrast, rgba, stylesheet

ROOT = Path(__file__).parents[2]
STYLE = (ROOT / "dashboard" / "static" / "console.css").read_text("utf-8")
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
SURFACES = ("ground", "panel", "card")


@pytest.mark.parametrize("surface", SURFACES)
def test_words_can_be_read(surface: str) -> None:
    assert contrast("text", surface) >= 7
    assert contrast("muted", surface) >= 4.5
    for state in ("alarm", "warn", "info", "good", "border-water", "gate"):
        assert contrast(state, surface) >= 4.5, state


@pytest.mark.parametrize("land", ["member", "neighbour", "lake", "water"])
def test_symbols_stand_out_from_land_and_water(land: str) -> None:
    for symbol in ("unknown", "laden", "light", "gate", "alarm"):
        assert contrast(symbol, land) >= 3, symbol


def test_no_two_colours_are_the_same_unless_they_mean_the_same() -> None:
    same = {
        frozenset(p) for p in itertools.combinations(COLOURS, 2) if COLOURS[p[0]] == COLOURS[p[1]]
    }
    assert same == {frozenset({"info", "light"})}


def test_the_theme_agrees() -> None:
    wanted = {
        "backgroundColor": "ground",
        "secondaryBackgroundColor": "panel",
        "textColor": "text",
        "borderColor": "line",
        "primaryColor": "info",
    }
    assert {key: THEME[key] for key in wanted} == {k: COLOURS[name] for k, name in wanted.items()}
    assert THEME["font"] == FONT


def test_the_stylesheet_has_no_colour_of_its_own_and_knows_every_name() -> None:
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", STYLE) == []
    used = set(re.findall(r"var\(--([a-z-]+)\)", STYLE))
    own = set(re.findall(r"--([a-z-]+):", STYLE))
    assert used - own - COLOURS.keys() == {"font"}
    assert all(f"--{name}:{code};" in stylesheet() for name, code in COLOURS.items())


def test_the_design_page_explains_every_colour() -> None:
    page = (ROOT / "docs" / "design.md").read_text("utf-8")
    assert [n for n, code in COLOURS.items() if f"`{n}` | `{code}`" not in page] == []


def test_a_colour_for_the_map() -> None:
    assert rgba("alarm") == (255, 107, 74, 255)
    assert rgba("alarm", 0.5)[3] == 128
