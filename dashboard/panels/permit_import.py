"""What became of a CSV file: faults by line and column, or what it changed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from commands.amend_register import RegisterChange
from dashboard.fault_words import expected_word
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.paper_words import field_word, value_word
from domain.permits import Permit
from domain.tables import Fault

SHOWN: Final = 400
CHANGES_SHOWN: Final = 100


def faults(found: Sequence[Fault], lang: Language) -> Markup:
    """Every fault with its line, column, what was expected and what stands there."""
    _ = words(lang).gettext
    heads = (_("Line"), _("Column"), _("expected"), _("found"))
    return join(
        tag("p", _("{n} faults; nothing was stored.").format(n=len(found)), class_="fault"),
        tag(
            "table",
            tag("thead", tag("tr", *(tag("th", each, scope="col") for each in heads))),
            tag(
                "tbody",
                *(
                    tag(
                        "tr",
                        tag("td", each.line, class_="num"),
                        tag("td", each.column or "—"),
                        tag("td", expected_word(each.expected, lang)),
                        tag("td", each.got or "—"),
                    )
                    for each in found[:SHOWN]
                ),
            ),
            class_="faults",
        ),
        tag("p", _("+{n} not shown").format(n=len(found) - SHOWN), class_="why")
        if len(found) > SHOWN
        else None,
    )


def done(
    change: RegisterChange,
    papers: Mapping[UUID, Permit],
    lang: Language,
    gazetteer: Gazetteer,
    *,
    tried: bool,
) -> Markup:
    """What the file changed, or would change if it were `tried` only."""
    _ = words(lang).gettext
    figures = {
        _("new"): len(change.added),
        _("changed"): len(change.changed),
        _("restored"): len(change.restored),
        _("unchanged"): change.unchanged,
    }
    if tried:
        title = _("No fault. This would be stored:")
    else:
        title = _("Nothing new.") if change.nothing else _("Stored.")
    return join(
        tag("p", tag("b", title), class_="why"),
        tag(
            "dl",
            *(join(tag("dt", name), tag("dd", n, class_="num")) for name, n in figures.items()),
            class_="facts",
        ),
        *(
            _changed(papers[key], dict(changes), lang, gazetteer)
            for key, changes in list(change.changed.items())[:CHANGES_SHOWN]
            if key in papers
        ),
    )


def _changed(
    permit: Permit, changes: dict[str, Any], lang: Language, gazetteer: Gazetteer
) -> Markup:
    return tag(
        "div",
        tag("b", permit.number, class_="num"),
        *(
            tag(
                "div",
                tag("span", field_word(name, lang), class_="muted"),
                tag(
                    "span",
                    tag("s", value_word(name, pair[0], lang, gazetteer)),
                    " → ",
                    tag("b", value_word(name, pair[1], lang, gazetteer)),
                ),
                class_="change",
            )
            for name, pair in changes.items()
        ),
        class_="changed",
    )
