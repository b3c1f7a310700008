"""The measured draughts of one hull as a small picture: error bars, and the band between loads."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from dashboard.gate_reading import GateReading
from dashboard.i18n import Language, words
from dashboard.markup import Child, Markup, tag
from domain.clock import SHANGHAI
from domain.draught import Limits

WIDTH: Final = 280
HEIGHT: Final = 118
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 8, 10, 18
Scale = Callable[[float], float]
"""Metres to a coordinate of the picture."""


def chart(
    readings: tuple[GateReading, ...], limits: Limits | None, lang: Language
) -> Markup | None:
    """An SVG of all readings that have a draught, oldest left; `None` when there is none.

    One column per reading, since passages bunch: a true time axis would heap them up.
    """
    _ = words(lang).gettext
    measured = sorted((r for r in readings if r.draught_m is not None), key=lambda r: r.t)[-14:]
    if not measured:
        return None
    deepest = max((r.draught_m or 0) + 2 * (r.error_m or 0) for r in measured)
    top = max(deepest, (limits.laden_m if limits else 0.0)) + 0.35
    span_x, span_y = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def y(metres: float) -> float:
        return round(_TOP + span_y * metres / top, 1)  # deeper is lower, as in the water

    def x(place: int) -> float:
        return round(_LEFT + span_x * (place + 0.5) / len(measured), 1)

    parts: list[Child] = [
        tag("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y(0), y2=y(0), class_="surface"),
        *(_tick(metres, y(metres)) for metres in range(int(top) + 1)),
    ]
    if limits is not None:
        parts.append(
            tag(
                "rect",
                x=_LEFT,
                y=y(limits.light_m),
                width=span_x,
                height=round(y(limits.laden_m) - y(limits.light_m), 1),
                class_="band",
            )
        )
        parts.append(_word(_("light"), y(limits.light_m) - 4, "light"))
        parts.append(_word(_("laden"), y(limits.laden_m) + 12, "laden"))
    for place, reading in enumerate(measured):
        parts += _point(reading, x(place), y)
    for place in sorted({0, len(measured) - 1}):
        day = datetime.fromtimestamp(measured[place].t, SHANGHAI)
        anchor = "middle" if len(measured) == 1 else "start" if place == 0 else "end"
        edge = x(0) if len(measured) == 1 else _LEFT if place == 0 else WIDTH - _RIGHT
        parts.append(tag("text", f"{day:%m-%d %H:%M}", x=edge, y=HEIGHT - 5, text_anchor=anchor))
    return tag(
        "svg",
        tag("title", _("Measured draughts, deeper is lower; bars are two standard errors")),
        *parts,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="draughts",
        role="img",
    )


def _tick(metres: int, y: float) -> Markup:
    return tag("text", f"{metres} m", x=_LEFT - 5, y=round(y + 4, 1), text_anchor="end")


def _word(text: str, y: float, name: str) -> Markup:
    return tag("text", text, x=_LEFT + 4, y=round(y, 1), class_=f"word {name}")


def _point(reading: GateReading, x: float, y: Scale) -> list[Child]:
    """Filled when laden, hollow when light, grey and small when nobody can tell."""
    draught, error = reading.draught_m or 0.0, reading.error_m or 0.0
    load = str(reading.verdict.load)
    return [
        tag(
            "line",
            x1=x,
            x2=x,
            y1=y(max(0.0, draught - 2 * error)),
            y2=y(draught + 2 * error),
            class_=f"error {load}",
        ),
        tag("circle", cx=x, cy=y(draught), r=4, class_=f"dot {load}"),
    ]
