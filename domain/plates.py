"""How well a hull's name, as a camera read it, agrees with what the vessel calls itself.

The hull says 青货1204, AIS says QING HUO 1204: only the digits are common to both scripts, and they
are what tells the barges of one fleet apart.
"""

import unicodedata
from collections.abc import Sequence
from typing import Final

_HIT: Final = 8.0
"""A digit that agrees: read right nine times in ten, equal by chance once in ten; with caution."""
_MISS: Final = 0.12
_WORD: Final = 4.0
"""Fleets share their word, so it says less than the number."""
_STRONGEST: Final = 1000.0
_WEAKEST: Final = 0.002
"""A camera may read another hull's name, and a vessel may send another than it carries."""


def digits(text: str) -> str:
    """The decimal digits of `text` without leading zeros, full-width ones as plain ones."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if c.isascii() and c.isdigit()).lstrip("0")


def letters(text: str) -> str:
    """The letters of `text` in upper case, full-width ones as plain ones."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalpha())


def distance(a: str, b: str) -> int:
    """Levenshtein's: the fewest signs to change, add or drop that make `b` of `a`."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def likelihood_ratio(plate: str, names: Sequence[str]) -> float:
    """How much likelier `plate` is on a vessel of one of these names than on any other.

    1 when nothing can be compared; from 0.002 to 1000 otherwise, the best of all names.
    """
    known = [_one(plate, name) for name in names]
    compared = [ratio for ratio in known if ratio is not None]
    return min(max(*compared, _WEAKEST), _STRONGEST) if compared else 1.0


def _one(plate: str, name: str) -> float | None:
    ratio: float | None = None
    a, b = digits(plate), digits(name)
    if a and b:
        errors = distance(a, b)
        ratio = _HIT ** (max(len(a), len(b)) - errors) * _MISS**errors
    a, b = letters(plate), letters(name)
    if a and b and a.isascii() == b.isascii():
        likeness = 1.0 - distance(a, b) / max(len(a), len(b))
        # from one word in four signs alike upwards it speaks for the vessel
        ratio = (ratio or 1.0) * _WORD ** (2.0 * likeness - 1.0)
    return ratio
