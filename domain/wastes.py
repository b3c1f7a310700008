"""Kinds of solid waste as papers and officers write them, and which word covers which.

Construction waste (建筑垃圾) is the sum of five kinds: CJJ/T 134-2019, 2.0.1. Words that are not
known here are kept as written and cover only themselves.
"""

from typing import Final

CONSTRUCTION: Final = "construction"
"""建筑垃圾: a paper for it covers each of the five."""

WORDS: Final[dict[str, tuple[str, ...]]] = {
    CONSTRUCTION: ("建筑垃圾", "建筑废弃物", "construction waste"),
    "spoil": ("工程渣土", "渣土", "建筑渣土", "construction spoil"),
    "slurry": ("工程泥浆", "泥浆"),
    "engineering": ("工程垃圾",),
    "demolition": ("拆除垃圾",),
    "decoration": ("装修垃圾",),
    "industrial": ("一般工业固体废物", "一般工业固废"),
    "sludge": ("污泥",),
    "household": ("生活垃圾",),
}
"""Code → the words for it, the one to show in Chinese first."""

_PARTS: Final = frozenset({"spoil", "slurry", "engineering", "demolition", "decoration"})
_CODES: Final = {word: code for code, words in WORDS.items() for word in (code, *words)}


def waste_code(text: str) -> str:
    """The code of a kind of waste, or the text itself where it has none."""
    plain = " ".join(text.split())
    return _CODES.get(plain.lower(), plain)


def covers(written: str, load: str) -> bool:
    """Whether a paper for `written` is one for `load`."""
    paper, cargo = waste_code(written), waste_code(load)
    return paper == cargo or (paper == CONSTRUCTION and cargo in _PARTS)
