"""The alert drawer: what may be done, why and what proves it, readings, papers, earlier alerts."""

from datetime import datetime
from typing import Any

from dashboard.alert import Alert, Evidence, Reason
from dashboard.alert_file import AlertFile, Earlier
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, Words, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.alert_papers import papers
from dashboard.panels.alert_silence import silence
from dashboard.panels.alerts import buttons, rejection, state_word, state_words
from dashboard.panels.gate_readings import declared, readings
from dashboard.panels.parts import age, clock
from dashboard.reason_words import headline, reason_words, retraction_word, rule_word
from dashboard.snapshot import Snapshot
from dashboard.wechat import level_word, message


def body(file: AlertFile, snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Markup:
    """The drawer; the alert itself is the snapshot's, so that rail, map and drawer agree."""
    alert = snapshot.alert(file.alert.alert_id) or file.alert
    tr = words(lang)
    _ = tr.gettext
    return join(
        _title(alert, snapshot, lang, gazetteer),
        tag(
            "div",
            _actions(alert, snapshot, lang, gazetteer),
            _where(alert, snapshot, lang, gazetteer),
            tag(
                "h3",
                _("Why"),
                tag("span", _("rules {version}").format(version=alert.rule_set), class_="aside"),
            ),
            tag(
                "ol",
                *(_reason(each, alert.mmsi, lang, gazetteer) for each in alert.reasons),
                class_="why-list",
            ),
            readings(file.readings, file.limits, alert.mmsi, lang),
            declared(file.declared, tr),
            papers(file, lang, gazetteer) if alert.mmsi is not None else None,
            _earlier(file.earlier, lang) if alert.mmsi is not None else None,
            class_="scroll sheet",
            tabindex=0,
        ),
    )


def unknown(lang: Language) -> Markup:
    """For an id that no alert has."""
    _ = words(lang).gettext
    return join(
        tag(
            "header", tag("h2", _("No such alert")), _close(words(lang)), class_="head drawer-head"
        ),
        tag(
            "div",
            tag("p", _("The link names an alert that this store does not hold."), class_="why"),
            class_="sheet",
        ),
    )


def _close(tr: Words) -> Markup:
    label = tr.gettext("Close")
    return tag(
        "button", "✕", type="button", class_="close", data_close=True, aria_label=label, title=label
    )


def _title(alert: Alert, snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Markup:
    tr = words(lang)
    _ = tr.gettext
    title = headline(alert, lang, gazetteer)
    shape = alert.level if alert.open else "closed"
    vessel = None
    if alert.mmsi is not None:
        vessel = tag(
            "button",
            f"MMSI {alert.mmsi}",
            type="button",
            class_="link num",
            data_vessel=alert.mmsi,
            title=_("Open the vessel"),
        )
    return tag(
        "header",
        tag(
            "h2", tag("i", class_=f"key key-alert-{shape}", aria_hidden="true"), title, title=title
        ),
        _close(tr),
        tag(
            "div",
            tag("b", f"{level_word(alert.level, lang)} {alert.score}", class_="score num"),
            vessel,
            class_="sub",
        ),
        class_=f"head drawer-head alert-head {alert.level} {alert.state}",
    )


def whereabouts(alert: Alert, snapshot: Snapshot) -> tuple[float, float]:
    """Where to go: its vessel now while it is heard, else where it was seen."""
    vessel = None if alert.mmsi is None or not alert.open else snapshot.vessel(alert.mmsi)
    if vessel is None or vessel.lost(snapshot.taken_at):
        return alert.lon, alert.lat
    return vessel.lon, vessel.lat


def _actions(alert: Alert, snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Markup:
    """What may be done from this state; a decision can be corrected, a retraction is not ours."""
    tr = words(lang)
    _ = tr.gettext
    can = {
        "new": {"see", "validate", "reject"},
        "seen": {"validate", "reject"},
        "validated": {"reject"},
        "rejected": {"validate"},
    }.get(alert.state, set())
    see, validate, reject = buttons(tr)
    offered = {"see": see, "validate": validate, "reject": reject}
    return tag(
        "div",
        tag("div", *state_words(alert, lang), class_="row state"),
        tag("div", *(offered[name] for name in offered if name in can), class_="row")
        if can
        else None,
        rejection(tr) if "reject" in can else None,
        silence(alert, snapshot.taken_at, lang),
        tag(
            "button",
            _("Copy for WeChat"),
            type="button",
            class_="act copy-chat",
            data_copy=message(alert, whereabouts(alert, snapshot), lang, gazetteer),
        ),
        class_=f"actions {alert.state}",
        data_actions=alert.alert_id,
        data_key=f"actions-{alert.alert_id}",
        data_state=alert.state,
    )


def _where(alert: Alert, snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Markup:
    _ = words(lang).gettext
    began = join(clock(alert.began_at), " · ", age(alert.began_at))
    now = whereabouts(alert, snapshot)
    rows: list[Markup] = [
        _row(_("Seen at"), _spot((alert.lon, alert.lat), lang, gazetteer)),
        _row(_("Now at"), _spot(now, lang, gazetteer))
        if now != (alert.lon, alert.lat)
        else Markup(),
        _row(_("Began"), began),
        _row(_("Raised"), clock(alert.raised_at)),
    ]
    if alert.retracted_at is not None:
        rows.append(
            _row(
                _("Retracted"),
                join(clock(alert.retracted_at), " · ", retraction_word(alert.retraction, lang)),
            )
        )
    return tag("dl", *rows, class_="facts")


def _spot(at: tuple[float, float], lang: Language, gazetteer: Gazetteer) -> Markup:
    return join(tag("b", gazetteer.place(*at, lang)), tag("br"), gazetteer.whereabouts(*at, lang))


def _reason(reason: Reason, mmsi: int | None, lang: Language, gazetteer: Gazetteer) -> Markup:
    tr = words(lang)
    return tag(
        "li",
        tag("span", reason_words(reason, lang, gazetteer)),
        tag("b", f"+{reason.weight}", class_="num weight"),
        tag("div", *(_proof(each, mmsi, tr) for each in reason.evidence), class_="proofs")
        if reason.evidence
        else None,
    )


def _proof(evidence: Evidence, mmsi: int | None, tr: Words) -> Markup:
    """A button that opens what proves the reason: in this drawer, or its own."""
    _ = tr.gettext
    name = {
        "reading": _("reading"),
        "crossing": _("crossing"),
        "fix": _("fix"),
        "permit": _("paper"),
        "alert": _("alert"),
    }.get(evidence.kind, evidence.kind)
    at = _epoch(evidence.at)
    opens: dict[str, Any] = {"data_goto": f"{evidence.kind}-{evidence.id}"}
    if evidence.kind == "alert":
        opens = {"data_alert": evidence.id}
    elif evidence.kind in {"crossing", "fix"}:
        opens = {"data_vessel": mmsi}  # its crossings and fixes stand in the vessel's drawer
    return tag(
        "button",
        name,
        " " if at is not None else None,
        clock(at) if at is not None else None,
        type="button",
        class_="proof",
        **opens,
    )


def _epoch(at: str | None) -> float | None:
    try:
        return None if at is None else datetime.fromisoformat(at).timestamp()
    except (TypeError, ValueError):
        return None


def _earlier(earlier: tuple[Earlier, ...], lang: Language) -> Markup:
    tr = words(lang)
    _ = tr.gettext
    if not earlier:
        return join(
            tag("h3", _("Earlier alerts")), tag("p", _("None about this vessel."), class_="why")
        )
    return join(
        tag("h3", _("Earlier alerts")),
        *(
            tag(
                "button",
                tag("i", class_=f"key key-alert-{each.level}", aria_hidden="true"),
                tag("span", rule_word(each.rules[0], lang) if each.rules else each.alert_id),
                tag("span", state_word(each.state, tr), class_="muted"),
                clock(each.began_at, "full"),
                type="button",
                class_="earlier row",
                data_alert=each.alert_id,
                data_key=each.alert_id,
            )
            for each in earlier
        ),
    )


def _row(name: str, *what: Child) -> Markup:
    return join(tag("dt", name), tag("dd", *what))
