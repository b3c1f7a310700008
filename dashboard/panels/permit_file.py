"""One paper of the register: what it says, what may be done with it, and all that it ever said."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from commands.amend_register import differences
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.permit_table import quantity, standing_mark, way, who
from dashboard.paper_desk import PaperFile, payload_of
from dashboard.paper_search import Paper
from dashboard.paper_words import event_word, field_word, purpose_word, value_word
from dashboard.reason_words import paper_word
from domain.clock import SHANGHAI
from domain.events import Event
from domain.permit_standing import Standing
from domain.permits import Permit
from domain.versions import Version


def file(found: PaperFile, lang: Language, gazetteer: Gazetteer) -> Markup:
    """The paper, its buttons, what was done to it, its versions."""
    _ = words(lang).gettext
    return join(
        _title(found.paper, lang),
        _facts(found.paper, lang, gazetteer),
        tag("h3", _("What was done")),
        tag(
            "ol",
            *(_event(each, lang, gazetteer) for each in reversed(found.events)),
            class_="told",
        )
        if found.events
        else tag("p", _("No event tells of it."), class_="why"),
        tag("h3", _("Versions"), tag("span", _("Shanghai time"), class_="aside")),
        _versions(found.versions, lang, gazetteer),
    )


def unknown(lang: Language) -> Markup:
    """For an id that the register never heard of."""
    return tag("p", words(lang).gettext("The register holds no such paper."), class_="empty")


def head(title: Child, lang: Language, *more: Child) -> Markup:
    """The head of whatever stands on the right, with its cross."""
    label = words(lang).gettext("Close")
    return tag(
        "header",
        tag("h2", title),
        tag(
            "button",
            "✕",
            type="button",
            class_="close",
            data_paper_close=True,
            aria_label=label,
            title=label,
        ),
        *more,
        class_="head drawer-head",
    )


def _title(paper: Paper, lang: Language) -> Markup:
    permit = paper.permit
    return head(
        permit.number,
        lang,
        tag("div", paper_word(permit.kind, lang), " ", standing_mark(paper, lang), class_="sub"),
    )


def _facts(paper: Paper, lang: Language, gazetteer: Gazetteer) -> Markup:
    _ = words(lang).gettext
    permit = paper.permit
    offers: list[Child] = []
    if paper.standing is not Standing.WITHDRAWN:
        offers = [
            tag("button", _("Change …"), type="button", class_="act", data_paper_open="edit"),
            tag(
                "button",
                _("Withdraw …"),
                type="button",
                class_="act stop",
                data_paper_open="withdraw",
            ),
        ]
    rows: list[tuple[str, Child]] = [
        (_("Holder"), permit.holder),
        (_("Carrier / vessel"), tag("div", *who(paper, lang), class_="two")),
        (_("Waste"), permit.waste),
        (_("Purpose"), purpose_word(permit.purpose, lang)),
        (_("Used / total, t"), tag("div", *quantity(paper), class_="num quantity")),
        (_("Route"), way(permit, lang, gazetteer)),
        (_("Valid"), f"{permit.first_day:%Y-%m-%d} – {permit.last_day:%Y-%m-%d}"),
    ]
    if permit.withdrawn_at is not None:
        rows.append((_("Withdrawn"), moment(permit.withdrawn_at)))
    if permit.mmsi is not None:
        link = tag("a", _("show on the map"), href=f"/?vessel={permit.mmsi}&lang={lang}")
        rows.append((_("Vessel"), link))
    return join(
        tag("div", *offers, class_="offers row") if offers else None,
        tag("dl", *(join(tag("dt", k), tag("dd", v)) for k, v in rows), class_="facts"),
    )


def _event(told: Event, lang: Language, gazetteer: Gazetteer) -> Markup:
    _ = words(lang).gettext
    said = payload_of(told)
    changes = said.get("changes")
    reason = said.get("reason")
    since = _moment_of(said.get("valid_from"))
    return tag(
        "li",
        tag(
            "div",
            tag("b", event_word(told.kind, lang)),
            tag("span", told.actor, class_="by"),
            tag("span", moment(told.recorded_at), class_="num muted at"),
            class_="row",
        ),
        tag("div", _("holds since {time}").format(time=since), class_="muted") if since else None,
        _changes(changes, lang, gazetteer) if isinstance(changes, dict) else None,
        tag("div", _("Reason"), ": ", str(reason), class_="reason") if reason else None,
    )


def _changes(changes: dict[str, Any], lang: Language, gazetteer: Gazetteer) -> Markup:
    lines = []
    for field, pair in changes.items():
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            continue
        before, after = (value_word(field, each, lang, gazetteer) for each in pair)
        lines.append(
            tag(
                "div",
                tag("span", field_word(field, lang), class_="muted"),
                tag("span", tag("s", before), " → ", tag("b", after)),
                class_="change",
            )
        )
    return join(*lines)


def _versions(versions: Sequence[Version[Permit]], lang: Language, gazetteer: Gazetteer) -> Markup:
    _ = words(lang).gettext
    lines = []
    for version in reversed(versions):
        before = _before(version, versions)
        said = {} if before is None else differences(before.content, version.content)
        lines.append(
            tag(
                "tr",
                tag("td", _span(version.valid_from, version.valid_to), class_="num"),
                tag("td", _span(version.recorded_from, version.recorded_to), class_="num"),
                tag(
                    "td",
                    ", ".join(
                        f"{field_word(name, lang)} {value_word(name, pair[1], lang, gazetteer)}"
                        for name, pair in said.items()
                    )
                    or "—",
                ),
                class_="past" if version.recorded_to else None,
            )
        )
    heads = (_("true from – to"), _("on record from – to"), _("different in"))
    return tag(
        "table",
        tag("thead", tag("tr", *(tag("th", each, scope="col") for each in heads))),
        tag("tbody", *lines),
        class_="versions",
    )


def _before(
    version: Version[Permit], versions: Sequence[Version[Permit]]
) -> Version[Permit] | None:
    """The version that this one took the place of: closed as it was recorded, for the same time."""
    for each in versions:
        if each.recorded_to == version.recorded_from and each.holds(version.valid_from):
            return each
    return None


def _span(since: datetime, until: datetime | None) -> Markup:
    return join(moment(since), tag("br"), "– ", moment(until) if until else "…")


def moment(at: datetime) -> str:
    """A moment in Shanghai, to the minute."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _moment_of(said: object) -> str | None:
    try:
        return moment(datetime.fromisoformat(said)) if isinstance(said, str) else None
    except ValueError:
        return None
