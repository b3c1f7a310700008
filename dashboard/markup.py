"""HTML that cannot be broken out of: whatever is not already markup is escaped on the way in."""

from html import escape
from typing import Final

_VOID: Final = {"br", "hr", "img", "input"}


class Markup(str):
    """Text that is already safe HTML. Made by `tag` and `join` only."""

    __slots__ = ()


Child = str | int | float | None
"""A child of an element: markup stands as it is, anything else is escaped; `None` is left out."""


def tag(name: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """One element. `class_` stands for `class`, `data_mmsi` for `data-mmsi`; `None` is left out."""
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Children side by side."""
    return Markup("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if child is None:
        return ""
    return child if isinstance(child, Markup) else escape(str(child), quote=True)


def _attribute(key: str, value: str | int | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value), quote=True)}"'
