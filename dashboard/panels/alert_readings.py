"""In the alert drawer: what checkpoints measured, drawn and listed; what is declared."""

from dashboard.alert_file import AlertFile, GateReading
from dashboard.draught_chart import chart
from dashboard.i18n import Language, Words, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.parts import clock
from domain.draught import Load


def readings(file: AlertFile, lang: Language) -> Markup:
    """Readings of the last month and those the alert cites, the newest first."""
    tr = words(lang)
    _ = tr.gettext
    heading = tag("h3", _("Checkpoint readings"))
    if not file.readings:
        why = _("No checkpoint has measured this vessel in the last 30 days.")
        return join(heading, tag("p", why, class_="why"), _declared(file, tr))
    picture = next((r.image for r in file.readings if r.image), None)
    return join(
        heading,
        tag(
            "img",
            src=f"/live/image/{picture}",
            alt=_("Picture of the checkpoint"),
            class_="shot",
            loading="lazy",
        )
        if picture
        else None,
        chart(file.readings, file.limits, lang),
        tag("div", *(_reading(each, lang) for each in file.readings[:8]), class_="readings"),
        _declared(file, tr),
    )


def _reading(reading: GateReading, lang: Language) -> Markup:
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
        tag("div", *said, class_="row"),
        tag("div", told, class_="row muted") if told else None,
        class_="reading",
        data_key=reading.reading_id,
        data_spot=f"reading-{reading.reading_id}",
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


def _declared(file: AlertFile, tr: Words) -> Markup | None:
    """What the crew says, beside what was measured; it decides nothing."""
    _ = tr.gettext
    said = file.declared or {}
    parts = []
    if said.get("draught_m"):
        parts.append(_("draught {n} m").format(n=f"{said['draught_m']:.1f}"))
    if said.get("loaded_raw") is not None:
        parts.append(_("loaded field {n}").format(n=said["loaded_raw"]))
    return tag(
        "p",
        tag("span", _("Declared by the crew"), " "),
        tag("b", " · ".join(parts) if parts else _("nothing"), class_="num"),
        " ",
        tag("span", _("not checked"), class_="mark mark-plain"),
        class_="declared",
    )
