"""Lines over time as an SVG that a document can hold."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 16, 40, 44
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # told apart without red and green
_TEXT = 'font-family="sans-serif" font-size="12" fill="#333"'


def drawn(title: str, series: Mapping[str, Points], *, across: str, upwards: str) -> str:
    """The picture; both axes begin at 0. `across` and `upwards` say what they are, with units."""
    most_x = max(x for points in series.values() for x, _ in points)
    most_y = _round_up(max(y for points in series.values() for _, y in points))
    wide, high = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        return _LEFT + wide * x / most_x, _TOP + high * (1 - y / most_y)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for value in np.linspace(0, most_y, 6).tolist():
        _, y = at(0, value)
        parts.append(f'<path d="M{_LEFT} {y:.1f}h{wide}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" {_TEXT}>')
        parts.append(f"{value:g}</text>")
    for value in np.arange(0, 1.001 * most_x, _round_up(most_x / 6.5)).tolist():
        x, _ = at(value, 0)
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT - 24}" text-anchor="middle" {_TEXT}>')
        parts.append(f"{value:g}</text>")
    middle = _LEFT + wide / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle" {_TEXT}>')
    parts.append(f"{escape(across)}</text>")
    parts.append(f'<text x="8" y="{_TOP - 10}" {_TEXT}>{escape(upwards)}</text>')
    for number, (name, points) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in points))
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
        x, y = _LEFT + 160 + 190 * number, _TOP - 14
        parts.append(f'<path d="M{x} {y}h20" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{x + 26}" y="{y + 4}" {_TEXT}>{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _round_up(value: float) -> float:
    """The next number that divides well into five."""
    step = 10.0 ** np.floor(np.log10(value))
    return float(next(step * n for n in (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10) if step * n >= value))
