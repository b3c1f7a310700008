"""Left rail, above: what calls for a decision, the gravest first; filters, bulk actions, sound.

The body is the same for every viewer. What one viewer filters or selects is the browser's own
affair (`static/alerts.js`), so that nothing is fetched or drawn anew for it.
"""

from functools import lru_cache

from dashboard import state
from dashboard.alert import LEVELS, Alert
from dashboard.console import running
from dashboard.errand import Outcome
from dashboard.gazetteer import Gazetteer
from dashboard.handling import NOBODY
from dashboard.i18n import Language, Words, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels import answers
from dashboard.panels.pane import choice, pane, value
from dashboard.panels.parts import age, alert_figures, clock, head
from dashboard.panels.watch import nothing, warning
from dashboard.reason_words import headline, retraction_word, summary
from dashboard.snapshot import Snapshot
from dashboard.wechat import level_word

NAME = "alerts"


def show(lang: Language) -> None:
    """Mount the rail, with what came of the last action."""
    console = running()
    newest = console.bodies.newest if console else None
    pane(
        NAME,
        {
            "lang": lang,
            "frame": frame(lang, absent=newest is not None and never_watched(newest)),
            "said": answers.kept(),
        },
        on_alert_change=_chosen,
        on_handle_change=lambda: handled(NAME),
    )


def _chosen() -> None:
    state.choose_alert(choice(NAME, "alert"))


def handled(name: str) -> None:
    """Do what pane `name` asks, and keep the answer for the next look at the page."""
    console = running()
    asked = value(name, "handle")
    answers.keep(console.handling.run(asked) if console else Outcome(failed=True))


def never_watched(snapshot: Snapshot) -> bool:
    """Whether nobody has ever looked for alerts: an empty rail would be a false comfort."""
    return snapshot.watched_at is None and not snapshot.alerts


def frame(lang: Language, *, absent: bool = False) -> Markup:
    """Head, filters, an empty body, and the bar for several alerts at once."""
    tr = words(lang)
    _ = tr.gettext
    count = tag("span", "", class_="count num", data_count=NAME)
    sound = tag(
        "button",
        type="button",
        class_="sound",
        data_sound=True,
        data_label_on=_("Sound on: a new high alert rings once"),
        data_label_off=_("Sound off"),
        data_label_locked=_("Click once anywhere, then it can ring"),
    )
    states = {
        "open": _("open"),
        "new": _("new"),
        "seen": _("seen"),
        "validated": _("validated"),
        "silenced": _("silenced"),
        "closed": _("closed"),
        "all": _("all"),
    }
    return join(
        head(_("Alerts"), count, sound, words=tr),
        tag(
            "div",
            tag(
                "div",
                *(_level_button(level, lang) for level in LEVELS),
                class_="levels",
                role="group",
                aria_label=_("Level"),
            ),
            tag(
                "select",
                *(tag("option", label, value=key) for key, label in states.items()),
                data_filter_state=True,
                aria_label=_("State"),
            ),
            tag(
                "button",
                _("mine"),
                type="button",
                class_="chip",
                data_filter_mine=True,
                aria_pressed="false",
                title=_("Handled by me"),
            ),
            class_="tools filters",
        ),
        tag("div", class_="body scroll", data_body=True, data_absent=absent, tabindex=0),
        _bulk(tr),
    )


def _level_button(level: str, lang: Language) -> Markup:
    """The ring of the map, and how many of that level are open (written by the script)."""
    return tag(
        "button",
        tag("i", class_=f"key key-alert-{level}", aria_hidden="true"),
        tag("span", "", class_="num", data_level_count=level),
        type="button",
        class_="chip",
        title=level_word(level, lang),
        aria_label=level_word(level, lang),
        data_filter_level=level,
        aria_pressed="true",
    )


def _bulk(tr: Words) -> Markup:
    """Stands at the rail's foot while something is selected."""
    _ = tr.gettext
    return tag(
        "div",
        tag(
            "div",
            tag("b", "", class_="num", data_selected=True),
            tag("button", _("all shown"), type="button", class_="link", data_select_all=True),
            tag("button", _("clear"), type="button", class_="link", data_select_none=True),
            class_="row",
        ),
        tag("div", *buttons(tr), class_="row"),
        rejection(tr),
        class_="bulk",
        data_bulk=True,
    )


def buttons(tr: Words) -> tuple[Markup, ...]:
    """Seen, validate, reject: the last opens its form."""
    _ = tr.gettext
    return (
        _button("see", _("Seen"), ""),
        _button("validate", _("Validate"), "go"),
        tag("button", _("Reject …"), type="button", class_="act stop", data_reject_open=True),
    )


def _button(action: str, label: str, look: str) -> Markup:
    return tag("button", label, type="button", class_=f"act {look}".strip(), data_act=action)


def rejection(tr: Words) -> Markup:
    """Why: one of the usual reasons, words of one's own, or both. Nothing is rejected without."""
    _ = tr.gettext
    usual = (
        _("papers exist, seen on paper"),
        _("draught misread"),
        _("wrong vessel matched"),
        _("permitted work"),
        _("fault of the device"),
    )
    return tag(
        "div",
        tag(
            "select",
            tag("option", _("Reason …"), value=""),
            *(tag("option", each, value=each) for each in usual),
            data_reason=True,
            aria_label=_("Reason of the rejection"),
        ),
        tag(
            "input",
            type="text",
            maxlength=200,
            data_reason_text=True,
            placeholder=_("in your own words"),
            aria_label=_("Reason of the rejection in your own words"),
            autocomplete="off",
        ),
        tag("button", _("Reject"), type="button", class_="act stop", data_act="reject"),
        class_="form reject",
    )


def body(snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Markup:
    """One card per alert in the order of the rail; nothing at all where nobody watches."""
    tr = words(lang)
    _ = tr.gettext
    if never_watched(snapshot):
        return Markup("")
    if not snapshot.alerts:
        return join(
            alert_figures(snapshot),
            nothing(
                snapshot,
                lang,
                _(
                    "Suspicions that need a decision appear here: laden spoil barges that leave"
                    " their province without paper, passages without AIS, long stops off wharves."
                ),
            ),
        )
    none_fits = tag("p", _("No alert fits these filters."), class_="empty none-fits")
    cards = (card(a, lang, gazetteer) for a in snapshot.alerts)
    told = alert_figures(snapshot), warning(snapshot, lang)
    return join(*told, *cards, none_fits, _unlisted(snapshot, tr))


def _unlisted(snapshot: Snapshot, tr: Words) -> Markup | None:
    """So many that the lightest have no card: what is not shown is said."""
    n = snapshot.unlisted_alerts
    if n <= 0:
        return None
    said = tr.gettext("{n} lighter ones are open too, and not listed.").format(n=n)
    return tag("p", said, class_="empty why", data_key="unlisted")


@lru_cache(maxsize=4096)
def card(alert: Alert, lang: Language, gazetteer: Gazetteer) -> Markup:
    """Who does what, why, where, since when, and where it stands."""
    tr = words(lang)
    _ = tr.gettext
    place = gazetteer.place(alert.lon, alert.lat, lang)
    why = summary(alert, lang, gazetteer)
    title = headline(alert, lang, gazetteer)
    return tag(
        "article",
        tag(
            "button",
            type="button",
            class_="pick",
            data_pick=alert.alert_id,
            role="checkbox",
            aria_checked="false",
            aria_label=_("Select {name}").format(name=title),
        ),
        tag(
            "div",
            _glyph(alert, lang),
            tag("b", title, class_="name", title=title),
            tag("b", alert.score if alert.open else "—", class_="score num"),
            class_="row first",
        ),
        tag("div", tag("span", why, class_="why-line", title=why), class_="row"),
        tag("div", tag("span", place, class_="place", title=place), class_="row"),
        tag(
            "div",
            *state_words(alert, lang),
            *silence_words(alert, lang),
            age(alert.began_at),
            class_="row last state",
        ),
        class_=f"card alert {alert.level} {alert.state}" + (" silenced" if alert.silenced else ""),
        data_alert=alert.alert_id,
        data_key=alert.alert_id,
        data_level=alert.level,
        data_state=alert.state,
        data_open="1" if alert.open else "0",
        data_by=alert.handled_by,
        data_owner=alert.silence_owner if alert.silenced else None,
        data_raised=f"{alert.raised_at:.0f}",
        data_quiet="1" if alert.silenced else None,
        tabindex=0,
        role="button",
    )


def _glyph(alert: Alert, lang: Language) -> Markup:
    """Level as a shape, the same ring as on the map."""
    shape = alert.level if alert.open else "closed"
    word = level_word(alert.level, lang)
    return tag("i", class_=f"key key-alert-{shape}", title=word, role="img", aria_label=word)


def state_word(name: str, tr: Words) -> str:
    """Where an alert stands."""
    _ = tr.gettext
    return {
        "new": _("new"),
        "seen": _("seen"),
        "validated": _("validated"),
        "rejected": _("rejected"),
        "retracted": _("retracted"),
    }.get(name, name)


def state_words(alert: Alert, lang: Language) -> list[Child]:
    """State with its glyph, who, when; for a closed one why."""
    tr = words(lang)
    _ = tr.gettext
    glyph = {"new": "●", "seen": "◐", "validated": "✓", "rejected": "✕", "retracted": "↶"}
    said: list[Child] = [
        tag("span", f"{glyph.get(alert.state, '')} {state_word(alert.state, tr)}", class_="st")
    ]
    if alert.state == "retracted" and alert.retracted_at is not None:
        said.append(clock(alert.retracted_at))
        why = retraction_word(alert.retraction, lang)
        said.append(tag("span", why, class_="note", title=why))
    elif alert.state != "new" and alert.handled_by:
        if alert.handled_by != NOBODY:
            said.append(tag("span", alert.handled_by, class_="by"))
        if alert.handled_at is not None:
            said.append(clock(alert.handled_at))
    if alert.state == "rejected" and alert.note:
        said.append(tag("span", alert.note, class_="note", title=alert.note))
    if alert.reopened and alert.open:
        said.append(tag("span", _("back again"), class_="mark"))
    return said


def silence_words(alert: Alert, lang: Language) -> list[Child]:
    """Until when it is silent, by whose word and why; nothing for one that is heard."""
    _ = words(lang).gettext
    if not alert.silenced or alert.silence_until is None:
        return []
    return [
        tag("span", _("silenced until"), " ", clock(alert.silence_until, "short"), class_="mark"),
        tag("span", alert.silence_owner, class_="by"),
        tag("span", alert.silence_reason, class_="note", title=alert.silence_reason),
    ]


def mentions(found: tuple[Alert, ...], lang: Language, gazetteer: Gazetteer) -> Markup | None:
    """The alerts of one vessel as lines of its drawer; each opens its own."""
    tr = words(lang)
    _ = tr.gettext
    if not found:
        return None
    return join(
        tag("h3", _("Its alerts")),
        *(
            tag(
                "button",
                _glyph(alert, lang),
                tag("span", summary(alert, lang, gazetteer, 3)),
                tag("b", alert.score if alert.open else "—", class_=f"score num {alert.level}"),
                tag("span", state_word(alert.state, tr), class_="muted"),
                type="button",
                class_=f"earlier row {alert.level}",
                data_alert=alert.alert_id,
                data_key=alert.alert_id,
            )
            for alert in found
        ),
    )
