"""In the drawers: what checkpoints measured, drawn and listed; whose passage each counts as.

A match may be undone by hand (撤销比对), and a reading given to another vessel (改配).
"""

from collections.abc import Mapping
from typing import Any, Final

from dashboard.draught_chart import chart
from dashboard.gate_reading import GateReading
from dashboard.i18n import Language, Words, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.parts import clock
from domain.draught import Limits, Load

SHOWN: Final = 8


def readings(
    seen: tuple[GateReading, ...], limits: Limits | None, mmsi: int | None, lang: Language
) -> Markup:
    """Readings of the last month and those an alert cites, the newest first.

    `mmsi`: whose drawer it is; `None` for a passage that nobody could name. What was taken back
    stands in the list, and neither in the chart nor as the picture.
    """
    _ = words(lang).gettext
    heading = tag("h3", _("Checkpoint readings"))
    if not seen:
        why = _("No checkpoint has measured this vessel in the last 30 days.")
        return join(heading, tag("p", why, class_="why"))
    counted = tuple(each for each in seen if each.counts_for(mmsi))
    picture = next((r.image for r in counted if r.image), None)
    return join(
        heading,
        tag(
            "img",
            src=f"/live/image/{picture}",
            alt=_("Picture of the checkpoint"),
            class_="shot",
            loading="lazy",
            data_key=picture,
        )
        if picture
        else None,
        chart(counted, limits, lang),
        tag("div", *(_reading(each, mmsi, lang) for each in seen[:SHOWN]), class_="readings"),
    )


def _reading(reading: GateReading, mmsi: int | None, lang: Language) -> Markup:
    tr = words(lang)
    _ = tr.gettext
    said: list[Child] = []
    if reading.draught_m is not None:
        error = "" if reading.error_m is None else f" ± {reading.error_m:.2f}"
        said.append(tag("b", f"{reading.draught_m:.2f}{error} m", class_="num"))
        said.append(load_mark(reading.verdict.load, tr))
    else:
        said.append(tag("span", _("no draught measured"), class_="muted"))
    way = {"in": _("into Zhejiang"), "out": _("out of Zhejiang")}.get(reading.entering or "")
    more = [way, reading.plate and _("plate {plate}").format(plate=reading.plate)]
    if reading.confidence is not None:
        more.append(_("confidence {n} %").format(n=f"{100 * reading.confidence:.0f}"))
    if reading.laden_raw:
        more.append(_("device says {word}").format(word=reading.laden_raw))
    told = " · ".join(each for each in more if each)
    return tag(
        "div",
        tag(
            "div",
            tag("span", reading.checkpoint_zh if lang == "zh" else reading.checkpoint_en),
            clock(reading.t),
            class_="row",
        ),
        tag("div", *said, class_="row measured"),
        tag("div", told, class_="row muted") if told else None,
        _whose(reading, mmsi, tr),
        class_="reading" if reading.counts_for(mmsi) else "reading struck",
        data_key=reading.reading_id,
        data_spot=f"reading-{reading.reading_id}",
    )


def _whose(reading: GateReading, mmsi: int | None, tr: Words) -> Markup:
    """Whose passage it counts as and by whose word, and the forms that change it."""
    _ = tr.gettext
    told: list[Child] = []
    if reading.undone_at is not None:
        told = [
            tag("b", _("match undone")),
            tag("span", reading.undone_by, class_="by"),
            clock(reading.undone_at),
            tag("span", reading.undone_note, class_="note", title=reading.undone_note),
        ]
    elif reading.mmsi is not None and (reading.by or reading.mmsi != mmsi):
        told = [
            tag("b", _("matched with MMSI {mmsi}").format(mmsi=reading.mmsi)),
            tag("span", reading.by, class_="by") if reading.by else None,
            tag("span", reading.note, class_="note", title=reading.note) if reading.note else None,
        ]
    stands = reading.mmsi is not None and reading.undone_at is None
    undo = tag("button", _("Undo match …"), type="button", class_="link", data_form_open="undo")
    assign = tag("button", _("Assign to …"), type="button", class_="link", data_form_open="assign")
    return tag(
        "div",
        tag("div", *told, class_="row told") if told else None,
        tag("div", undo if stands else None, assign, class_="row offers"),
        _form("undo", reading, _("Undo the match"), tr) if stands else None,
        _form("assign", reading, _("Assign"), tr),
        class_="whose",
    )


def _form(action: str, reading: GateReading, label: str, tr: Words) -> Markup:
    """A reason, and for another vessel its number; the browser's script sends it."""
    _ = tr.gettext
    number = None
    if action == "assign":
        number = tag(
            "input",
            type="text",
            inputmode="numeric",
            maxlength=9,
            class_="num",
            data_mmsi=True,
            placeholder="MMSI",
            aria_label=_("MMSI of the vessel it was"),
            autocomplete="off",
        )
    return tag(
        "div",
        number,
        tag(
            "input",
            type="text",
            maxlength=200,
            data_why=True,
            placeholder=_("Reason, such as: the picture shows another hull"),
            aria_label=_("Reason of the change"),
            autocomplete="off",
        ),
        tag("button", label, type="button", class_="act", data_match=action),
        class_=f"form {action}",
        data_reading=reading.reading_id,
        data_matched=reading.mmsi,
    )


def load_mark(load: Load, tr: Words) -> Markup:
    """Laden, light, or honestly neither."""
    _ = tr.gettext
    word = {
        Load.LADEN: _("laden"),
        Load.LIGHT: _("light"),
        Load.UNSURE: _("cannot tell"),
    }[load]
    return tag("span", word, class_=f"load {load}")


def declared(said: Mapping[str, Any] | None, tr: Words) -> Markup:
    """What the crew says, beside what was measured; it decides nothing."""
    _ = tr.gettext
    known = said or {}
    parts = []
    if known.get("draught_m"):
        parts.append(_("draught {n} m").format(n=f"{known['draught_m']:.1f}"))
    if known.get("loaded_raw") is not None:
        parts.append(_("loaded field {n}").format(n=known["loaded_raw"]))
    return tag(
        "p",
        tag("span", _("Declared by the crew"), " "),
        tag("b", " · ".join(parts) if parts else _("nothing"), class_="num"),
        " ",
        tag("span", _("not checked"), class_="mark mark-plain"),
        class_="declared",
    )
