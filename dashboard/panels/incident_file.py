"""One incident: what and where, the muster matrix authority × state with delays, the timeline."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from dashboard.i18n import Language, words
from dashboard.incident_desk import IncidentFile, called
from dashboard.incident_words import (
    about_word,
    actor_word,
    call_word,
    event_word,
    matter_word,
    reason_word,
    role_word,
    standing_word,
    state_word,
    whom_word,
)
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.incident_list import standing_mark
from dashboard.panels.parts import clock
from domain.incidents import Part
from domain.musters import Call, CallState
from domain.turnout import Standing, Turnout

SHOWN = {
    CallState.QUEUED: Standing.TOLD,
    CallState.ACCEPTED: Standing.TOLD,
    CallState.RECEIPT: Standing.TOLD,
    CallState.SEEN: Standing.SEEN,
    CallState.ACKNOWLEDGED: Standing.ACKNOWLEDGED,
    CallState.ON_THE_WAY: Standing.ON_THE_WAY,
    CallState.ON_SCENE: Standing.ON_SCENE,
    CallState.DECLINED: Standing.DECLINED,
    CallState.FAILED: Standing.UNREACHED,
}
"""In which colour a call stands: that of an authority with this call alone."""
_NOTICED = timedelta(seconds=1)
_STATES = ("told_at", "accepted_at", "seen_at", "acknowledged_at", "on_the_way_at", "on_scene_at")


def file(found: IncidentFile, lang: Language) -> Markup:
    """The whole incident."""
    _ = words(lang).gettext
    names = called(found.register, lang)
    return join(
        _head(found, lang),
        tag("h3", _("Who knows, who comes")),
        _matrix(found, names, lang),
        tag("h3", _("Who was called")),
        _calls(found, names, lang),
        tag("h3", _("What happened"), tag("span", _("Shanghai time"), class_="aside")),
        _timeline(found, names, lang),
    )


def unknown(lang: Language) -> Markup:
    """For an id that no incident has."""
    return tag("p", words(lang).gettext("There is no such incident."), class_="empty")


def _head(found: IncidentFile, lang: Language) -> Markup:
    _ = words(lang).gettext
    incident = found.row.incident
    spot = incident.spot
    facts: list[Child] = [
        _fact(_("Where"), spot.words or f"{spot.lon:.5f}, {spot.lat:.5f}"),
        _fact(_("Coordinates"), f"{spot.lon:.5f}, {spot.lat:.5f} (WGS-84)") if spot.words else None,
        _fact(_("Told as"), f"{spot.said} ({spot.datum.upper()})") if spot.said else None,
        _fact(_("Vessel"), _vessel(incident.subject, incident.mmsi)),
        _fact(_("Reported by"), incident.reporter) if incident.reporter else None,
        _fact(_("What"), incident.summary) if incident.summary else None,
        _fact(_("Why"), " · ".join(incident.why)) if incident.why else None,
        _fact(_("Began"), clock(incident.began_at.timestamp(), "full")),
        _fact(
            _("Opened"),
            join(clock(incident.opened_at.timestamp(), "full"), f" · {incident.opened_by}"),
        ),
    ]
    return join(
        tag(
            "header",
            tag("h2", incident.title),
            tag("span", state_word(incident.state, lang), class_=f"state {incident.state}"),
            class_="incident-head",
        ),
        tag(
            "p",
            tag("span", incident.number, class_="num"),
            " · ",
            matter_word(incident.matter, lang),
            class_="muted",
        ),
        tag("dl", *facts, class_="facts-grid"),
    )


def _vessel(subject: str | None, mmsi: int | None) -> str:
    said = [subject or "", f"MMSI {mmsi}" if mmsi else ""]
    return " · ".join(one for one in said if one) or "—"


def _fact(name: str, value: Child) -> Markup:
    return join(tag("dt", name), tag("dd", value))


def _matrix(found: IncidentFile, names: Mapping[str, str], lang: Language) -> Markup:
    """A row per authority, a column per state; each cell its time and how long it took."""
    _ = words(lang).gettext
    columns = (
        _("told"),
        _("message taken"),
        _("seen"),
        _("acknowledged"),
        _("on the way"),
        _("there"),
        _("own part"),
    )
    head = tag(
        "tr",
        tag("th", _("Authority"), scope="col"),
        tag("th", _("stands"), scope="col"),
        *(tag("th", one, scope="col") for one in columns),
    )
    rows = [
        _authority(part, one, names, lang)
        for part, one in zip(found.row.incident.parts, found.row.turnouts, strict=True)
    ]
    return tag(
        "div",
        tag("table", tag("thead", head), tag("tbody", *rows), class_="matrix"),
        class_="wide",
    )


def _authority(part: Part, one: Turnout, names: Mapping[str, str], lang: Language) -> Markup:
    _ = words(lang).gettext
    why = " · ".join(reason_word(reason, lang) for reason in part.reasons)
    done: Child = tag("span", "—", class_="muted")
    if part.closed_at is not None:
        done = join(_("closed"), " ", clock(part.closed_at.timestamp(), "short"))
    cells = [_cell(getattr(one, name), one.told_at, lang) for name in _STATES]
    if one.eta is not None and one.on_scene_at is None:
        eta = join(_("expected"), " ", clock(one.eta.timestamp(), "short"))
        cells[-1] = tag("td", tag("span", eta, class_="eta"))
    return tag(
        "tr",
        tag(
            "th",
            tag("b", names.get(part.authority_id, part.authority_id)),
            tag("span", why, class_="muted"),
            scope="row",
        ),
        tag(
            "td",
            standing_mark(one.standing),
            standing_word(one.standing, lang),
            class_=f"stand {one.standing}",
        ),
        *cells,
        tag("td", done, title=part.closing_note),
        data_authority=part.authority_id,
        data_standing=str(one.standing),
    )


def _cell(at: datetime | None, told: datetime | None, lang: Language) -> Markup:
    if at is None:
        return tag("td", tag("span", "—", class_="muted"))
    delay = None
    if told is not None and at - told >= _NOTICED:
        delay = tag("span", took(int((at - told).total_seconds()), lang), class_="delay num")
    return tag("td", clock(at.timestamp()), delay)


def took(seconds: int, lang: Language) -> str:
    """How long something took: `+3:07`, or hours."""
    _ = words(lang).gettext
    if seconds < 3600:
        return f"+{seconds // 60}:{seconds % 60:02d}"
    return "+" + _("{n} h").format(n=f"{seconds / 3600:.1f}")


def _calls(found: IncidentFile, names: Mapping[str, str], lang: Language) -> Markup:
    _ = words(lang).gettext
    if not found.calls:
        return tag("p", _("Nobody was called yet."), class_="why")
    due = [rung for rung in found.rungs if rung.outcome is None]
    return join(
        tag("ol", *(_call(one, found, names, lang) for one in found.calls), class_="told"),
        tag(
            "p",
            _("Next, if silence lasts:"),
            " ",
            *(
                tag(
                    "span",
                    names.get(rung.authority_id, rung.authority_id),
                    " → ",
                    whom_word(rung.whom, lang),
                    " ",
                    clock(rung.due_at.timestamp(), "short"),
                    class_="due",
                )
                for rung in due[:6]
            ),
            class_="why",
        )
        if due
        else None,
    )


def _call(one: Call, found: IncidentFile, names: Mapping[str, str], lang: Language) -> Markup:
    _ = words(lang).gettext
    own = [message for message in found.messages if message.call_id == one.call_id]
    lost = [message.failure for message in own if message.failure]
    said: list[Child] = [
        tag("b", one.name),
        tag("span", names.get(one.authority_id, one.authority_id), class_="muted"),
        tag("span", role_word(one.role, lang), class_="muted"),
        clock(one.called_at.timestamp()),
        tag("span", call_word(one.state, lang), class_=f"stand {SHOWN[one.state]}"),
    ]
    if one.on_behalf_by:
        said.append(tag("span", _("entered by {name}").format(name=one.on_behalf_by)))
    if one.reason:
        said.append(tag("span", one.reason, class_="reason"))
    for why in lost:
        said.append(tag("span", why, class_="fault"))
    if one.failure and not lost:
        said.append(tag("span", _("no way to reach them is on the register"), class_="fault"))
    return tag("li", tag("div", *said, class_="row"), data_key=str(one.call_id))


def _timeline(found: IncidentFile, names: Mapping[str, str], lang: Language) -> Markup:
    people = {str(call.call_id): call.name for call in found.calls}
    lines = []
    for one in reversed(found.events):
        payload = json.loads(one.payload)
        about = about_word(payload, names, people, lang)
        lines.append(
            tag(
                "li",
                tag(
                    "div",
                    tag("b", event_word(one.kind, lang)),
                    tag("span", about),
                    tag("span", actor_word(one.actor, lang), class_="by"),
                    tag("span", clock(one.occurred_at.timestamp(), "full"), class_="at"),
                    class_="row",
                ),
                data_key=str(one.seq),
                class_="silent" if one.kind == "escalation.not_needed" else None,
            )
        )
    return tag("ol", *lines, class_="told timeline")
