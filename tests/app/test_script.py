"""The script that Streamlit runs for a viewer comes up, in both languages, and keeps a choice."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = Path(__file__).parents[2] / "dashboard" / "app.py"
PANES = {"header", "crossings", "legend", "drawer", "vessels", "feeds", "beacon"}


def run(**query: str) -> AppTest:
    test = AppTest.from_file(str(SCRIPT), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    return test.run()


def keys(test: AppTest) -> set[str]:
    """Keys of the mounted panes."""
    found: set[str] = set()

    def walk(block: object) -> None:
        for child in getattr(block, "children", {}).values():
            if getattr(child, "key", None):
                found.add(child.key)
            walk(child)

    walk(test.main)
    return found


@pytest.mark.parametrize("query", [{}, {"lang": "en"}, {"vessel": "413000001"}, {"vessel": "<b>"}])
def test_every_pane_is_mounted_even_before_there_is_a_picture(query: dict[str, str]) -> None:
    test = run(**query)
    assert not test.exception
    assert keys(test) >= PANES


def test_a_choice_in_the_address_stays() -> None:
    test = run(vessel="413000001", lang="en")
    test.run()
    assert test.query_params["vessel"] == "413000001"
    assert test.query_params["lang"] == "en"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_permit_register_has_a_page_of_its_own(lang: str) -> None:
    test = run(page="permits", lang=lang)
    assert not test.exception
    found = keys(test)
    assert found >= {"header", "permits", "beacon"}
    assert not found & {"alerts", "drawer", "vessels", "feeds"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wall_has_panes_of_its_own(lang: str) -> None:
    test = run(view="wall", lang=lang)
    assert not test.exception
    found = keys(test)
    assert {f"wall-{n}" for n in ("header", "alerts", "crossings", "news", "feeds")} < found
    assert not found & {"header", "alerts", "drawer", "vessels"}
