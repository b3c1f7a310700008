"""In the alert drawer: papers of vessel and carrier, which of them hold, which are missed."""

from dashboard.alert_file import AlertFile
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.reason_words import fault_word, paper_word
from domain.permits import Permit, PermitCheck


def papers(file: AlertFile, lang: Language, gazetteer: Gazetteer) -> Markup:
    """The three results of the check, then each paper with why it does or does not do."""
    tr = words(lang)
    _ = tr.gettext
    hull, check = file.hull, file.check
    verdict = None
    if check is not None:
        word = {"approved": _("approved"), "filed": _("filed"), "none": _("no paper")}[check.result]
        verdict = tag("span", word, class_=f"verdict {check.result}")
    who = _("Not on the register of hulls.")
    if hull is not None:
        carrier = hull["carrier_zh" if lang == "zh" else "carrier_en"] or hull["carrier_id"]
        who = " · ".join(
            each
            for each in (
                carrier or _("no carrier registered"),
                _("spoil carrier") if hull["carries_spoil"] else None,
                f"{hull['length_m']:.1f}\u00a0×\u00a0{hull['beam_m']:.1f}\u00a0m",
                f"{hull['capacity_t']:.0f}\u00a0t",
            )
            if each
        )
    faults = _faults(check)
    absent = [m for m in (check.missed if check else ()) if m.permit_id is None]
    return join(
        tag("h3", _("Papers"), verdict),
        tag("p", who, class_="why"),
        *(_paper(permit, faults, lang, gazetteer) for permit in file.permits),
        *(
            tag(
                "div",
                tag("span", "✕", class_="no"),
                tag("span", paper_word(m.kind, lang)),
                tag("span", fault_word("missing", lang), class_="fault"),
                class_="paper row absent",
            )
            for m in absent
        ),
    )


def _faults(check: PermitCheck | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for missed in check.missed if check else ():
        if missed.permit_id is not None:
            found.setdefault(str(missed.permit_id), []).append(missed.why)
    return found


def _paper(
    permit: Permit, faults: dict[str, list[str]], lang: Language, gazetteer: Gazetteer
) -> Markup:
    _ = words(lang).gettext
    why = faults.get(str(permit.permit_id), [])
    amount = ""
    if permit.quantity_t is not None:
        amount = _("{used} of {quantity} t used").format(
            used=f"{permit.used_t:.0f}", quantity=f"{permit.quantity_t:.0f}"
        )
    term = f"{permit.first_day:%Y-%m-%d} – {permit.last_day:%Y-%m-%d}"
    return tag(
        "div",
        tag(
            "div",
            tag("span", "✕" if why else "✓", class_="no" if why else "yes"),
            tag("span", paper_word(permit.kind, lang)),
            tag(
                "a",
                permit.number,
                href=f"/?page=permits&permit={permit.permit_id}&lang={lang}",
                class_="link num",
                title=_("Open in the permit register"),
            ),
            class_="row",
        ),
        tag(
            "div",
            " · ".join(each for each in (permit.waste, term, amount) if each),
            class_="row muted",
        ),
        tag("div", " · ".join(fault_word(each, lang) for each in why), class_="row fault")
        if why
        else None,
        class_="paper",
        data_key=str(permit.permit_id),
        data_spot=f"permit-{permit.permit_id}",
    )
