"""Nothing that comes from outside can become markup."""

import pytest

from dashboard.markup import Markup, join, tag

HOSTILE = "<IMG SRC=X ONERROR=ALERT(1)>"


def test_children_and_attributes_are_escaped() -> None:
    made = tag("b", HOSTILE, title='" onmouseover="x', data_mmsi=7)
    assert made == (
        '<b title="&quot; onmouseover=&quot;x" data-mmsi="7">&lt;IMG SRC=X ONERROR=ALERT(1)&gt;</b>'
    )


def test_only_what_was_made_here_stands_unescaped() -> None:
    inner = tag("i", "a & b")
    assert isinstance(inner, Markup)
    assert join(inner, str(inner)[:3], None, 3) == "<i>a &amp; b</i>&lt;i&gt;3"


def test_joining_markup_to_text_gives_text_again() -> None:
    assert not isinstance(tag("i", "x") + HOSTILE, Markup)
    assert not isinstance(f"{tag('i', 'x')}", Markup)


@pytest.mark.parametrize(
    ("value", "said"), [(True, " hidden"), (False, ""), (None, ""), (0, ' hidden="0"')]
)
def test_attributes_that_are_there_or_not(value: bool | int | None, said: str) -> None:
    assert tag("div", hidden=value) == f"<div{said}></div>"


def test_names_of_attributes() -> None:
    made = tag("input", class_="search", aria_label="x", data_search=True)
    assert made == '<input class="search" aria-label="x" data-search>'
