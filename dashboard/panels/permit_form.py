"""The forms of the permit register: a new paper, a change, a withdrawal, a file."""

from collections.abc import Mapping, Sequence

from dashboard.i18n import Language, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.permit_file import head
from dashboard.paper_entry import FIELDS, written
from dashboard.paper_search import Paper
from dashboard.paper_words import field_word, purpose_word
from dashboard.reason_words import paper_word
from domain.permits import PERMIT_KINDS, PURPOSES
from domain.wastes import WORDS

Carriers = Sequence[tuple[str, str, str]]
HINTS = {
    "mmsi": "413000000",
    "from_adcode": "310118",
    "to_adcode": "3212",
    "via": "320509 3204",
    "first_day": "2026-03-01",
    "last_day": "2026-12-31",
    "quantity_t": "5000",
    "used_t": "0",
}


def entry(paper: Paper | None, carriers: Carriers, lang: Language) -> Markup:
    """A form for a new paper, or to change this one; kind and number make it what it is."""
    _ = words(lang).gettext
    texts: Mapping[str, str] = {} if paper is None else written(paper.permit)
    title = _("New paper") if paper is None else _("Change {number}").format(number=texts["number"])
    fields = [
        _field(name, texts.get(name, ""), carriers, lang)
        for name in FIELDS
        if paper is None or name not in {"number", "kind"}
    ]
    if paper is not None:
        fields.append(_since(_("from now on; or a day, such as 2026-03-01"), lang))
    fields.append(_reason(lang))
    action = "new" if paper is None else "change"
    return _form(action, [head(title, lang), *fields], paper, lang)


def withdrawal(paper: Paper, lang: Language) -> Markup:
    """A form that ends a paper, whatever its term says."""
    _ = words(lang).gettext
    title = _("Withdraw {number}").format(number=paper.permit.number)
    fields = [_since(_("now; or a day, such as 2026-03-01"), lang), _reason(lang)]
    return _form("withdraw", [head(title, lang), *fields], paper, lang)


def bring_in(lang: Language) -> Markup:
    """A form that takes a CSV file, first to look what it would change."""
    _ = words(lang).gettext
    return tag(
        "form",
        head(_("Import CSV"), lang),
        tag(
            "p",
            _(
                "All or nothing: with one fault nothing is stored. Papers that the file does not"
                " name stay as they are. The columns are those of the export."
            ),
            class_="why",
        ),
        tag(
            "label",
            tag("span", _("File")),
            tag(
                "span",
                tag("input", type="file", name="file", accept=".csv,.txt,text/csv"),
                tag("span", _("Choose a file"), class_="act"),
                tag("span", "", data_file_name=True),
                class_="file",
            ),
            tag("em", "", data_fault="file"),
        ),
        _since(_("changes hold from now on; or from a day"), lang),
        _reason(lang),
        tag("div", "", class_="form-fault", data_fault="", role="alert"),
        tag(
            "div",
            tag("button", _("Check the file"), type="button", class_="act", data_paper_try=True),
            tag(
                "button",
                _("Import"),
                type="submit",
                class_="act go",
                disabled=True,
                data_paper_import=True,
            ),
            class_="row",
        ),
        tag("div", "", class_="import-answer", data_paper_answer=True),
        class_="paper-form",
        data_paper_form="import",
        novalidate=True,
    )


def _form(action: str, parts: list[Markup], paper: Paper | None, lang: Language) -> Markup:
    _ = words(lang).gettext
    label = {"new": _("Put on the register"), "change": _("Change"), "withdraw": _("Withdraw")}
    return tag(
        "form",
        *parts,
        tag("div", "", class_="form-fault", data_fault="", role="alert"),
        tag("div", tag("button", label[action], type="submit", class_="act go"), class_="row"),
        class_="paper-form",
        data_paper_form=action,
        data_permit=str(paper.permit.permit_id) if paper else None,
        data_seen=paper.changed_at.isoformat() if paper else None,
        novalidate=True,
        autocomplete="off",
    )


def _field(name: str, text: str, carriers: Carriers, lang: Language) -> Markup:
    """One field with the place for what is wrong with it."""
    _ = words(lang).gettext
    if name == "kind":
        control = _choice(name, text, [(k, paper_word(k, lang)) for k in PERMIT_KINDS])
    elif name == "purpose":
        control = _choice(name, text, [(p, purpose_word(p, lang)) for p in PURPOSES])
    elif name == "carrier_id":
        named = [(key, f"{zh if lang == 'zh' else en or zh} ({key})") for key, zh, en in carriers]
        if text and text not in {key for key, _label in named}:
            named.append((text, text))
        control = _choice(name, text, [("", "—"), *named])
    else:
        more: Child = None
        if name == "waste":
            options = [tag("option", value=said[0]) for said in WORDS.values()]
            more = tag("datalist", *options, id="paper-wastes")
        control = join(
            tag(
                "input",
                type="text",
                name=name,
                value=text,
                maxlength=220,
                placeholder=HINTS.get(name),
                list="paper-wastes" if name == "waste" else None,
                spellcheck="false",
            ),
            more,
        )
    return _labelled(name, control, lang)


def _choice(name: str, text: str, options: list[tuple[str, str]]) -> Markup:
    return tag(
        "select",
        *(tag("option", said, value=key, selected=key == text) for key, said in options),
        name=name,
    )


def _since(hint: str, lang: Language) -> Markup:
    return _labelled("since", tag("input", type="text", name="since", placeholder=hint), lang)


def _reason(lang: Language) -> Markup:
    _ = words(lang).gettext
    hint = _("on which document, by whose word")
    control = tag("input", type="text", name="reason", maxlength=300, placeholder=hint)
    return _labelled("reason", control, lang)


def _labelled(name: str, control: Markup, lang: Language) -> Markup:
    return tag(
        "label",
        tag("span", field_word(name, lang)),
        control,
        tag("em", "", data_fault=name),
        class_=f"f-{name}",
    )
