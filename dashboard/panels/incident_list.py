"""The list of incidents: a card each, with where every authority stands."""

from collections.abc import Mapping, Sequence

from dashboard.i18n import Language, words
from dashboard.incident_desk import IncidentRow
from dashboard.incident_words import matter_word, standing_word, state_word
from dashboard.markup import Markup, join, tag
from dashboard.panels.parts import age, empty
from domain.turnout import Standing, Turnout

SIGNS = {
    Standing.NOT_TOLD: "○",
    Standing.UNREACHED: "✕",
    Standing.DECLINED: "✕",
    Standing.TOLD: "◔",
    Standing.SEEN: "◔",
    Standing.ACKNOWLEDGED: "✓",
    Standing.ON_THE_WAY: "➤",
    Standing.ON_SCENE: "●",
}
"""Beside the colour: who cannot tell colours apart can tell these."""


def cards(rows: Sequence[IncidentRow], names: Mapping[str, str], lang: Language) -> Markup:
    """The incidents in order; or that there are none. `names`: authorities by id."""
    _ = words(lang).gettext
    if not rows:
        said = empty(
            _("No open incidents"),
            _("An incident is opened from an alert, a vessel or a call."),
        )
        return tag("div", said, data_total=0)
    return tag(
        "ol", *(_card(row, names, lang) for row in rows), class_="incidents", data_total=len(rows)
    )


def _card(row: IncidentRow, names: Mapping[str, str], lang: Language) -> Markup:
    incident = row.incident
    return tag(
        "li",
        tag(
            "div",
            tag("b", incident.title, class_="title", title=incident.title),
            tag("span", state_word(incident.state, lang), class_=f"state {incident.state}"),
            class_="row",
        ),
        tag(
            "div",
            tag("span", incident.number, class_="num"),
            tag("span", matter_word(incident.matter, lang)),
            age(incident.opened_at.timestamp()),
            class_="row muted",
        ),
        tag("div", *(_mark(one, names, lang) for one in row.turnouts), class_="marks"),
        data_incident=str(incident.incident_id),
        data_key=str(incident.incident_id),
        tabindex=0,
    )


def _mark(one: Turnout, names: Mapping[str, str], lang: Language) -> Markup:
    name = names.get(one.authority_id, one.authority_id)
    said = standing_word(one.standing, lang)
    return tag(
        "span", standing_mark(one.standing), name, class_=f"stand {one.standing}", title=said
    )


def standing_mark(standing: Standing) -> Markup:
    """The sign of a standing."""
    return join(tag("i", SIGNS[standing], aria_hidden="true"))
