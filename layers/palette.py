"""The colours of every screen, in one place: the theme, the stylesheet and the map take them here.

docs/design.md says why each is what it is. Contrast is held by a test: text 7:1, muted 4.5:1.
"""

from typing import Final

FONT: Final = (
    "'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', "
    "system-ui, sans-serif"
)
"""One family with Chinese glyphs and even figures, from the system: nothing is downloaded."""

Rgba = tuple[int, int, int, int]

COLOURS: Final[dict[str, str]] = {
    # surfaces
    "ground": "#0A101C",
    "panel": "#0F1829",
    "card": "#121D31",
    "line": "#22314B",
    # words
    "text": "#E8EEF8",
    "muted": "#93A7C4",
    # states; always beside a shape or a word
    "alarm": "#FF6B4A",
    "warn": "#F0A500",
    "info": "#56B4E9",
    "good": "#22B07D",
    # barges by load
    "laden": "#E69F00",
    "light": "#56B4E9",
    "unknown": "#B4C1D6",
    # geography
    "border-water": "#CC79A7",
    "gate": "#F0E442",
    "point": "#009E73",
    "water": "#1C4266",
    "lake": "#1A3B5A",
    "member": "#132238",
    "neighbour": "#0D1624",
    "member-line": "#A79BC0",
    "neighbour-line": "#26354E",
}
"""Name → `#RRGGBB`. The same names, with two dashes before them, are the stylesheet's variables."""


def rgba(name: str, alpha: float = 1.0) -> Rgba:
    """A colour as deck.gl takes it: three channels and an opacity, 0–255 each."""
    code = COLOURS[name]
    red, green, blue = (int(code[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue, round(alpha * 255)


def stylesheet() -> str:
    """The colours as CSS variables, served before the stylesheet that uses them."""
    body = "".join(f"--{name}:{code};" for name, code in COLOURS.items())
    return f":root{{color-scheme:dark;--font:{FONT};{body}}}\n"


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two named colours (WCAG 2.2, 1.4.3): 1 equal, 21 black on white."""
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(name: str) -> float:
    """Relative luminance of a named colour, 0–1 (WCAG 2.2)."""
    channels = [value / 255 for value in rgba(name)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
