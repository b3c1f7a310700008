"""The vessel drawer: what the chosen vessel says it is, where it is, where it crossed."""

from collections.abc import Mapping

from dashboard import state
from dashboard.alert import Alert
from dashboard.console import running
from dashboard.dossier import Dossier
from dashboard.errand import Outcome
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, Words, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels import answers
from dashboard.panels.alerts import handled, mentions
from dashboard.panels.crossings import card
from dashboard.panels.gate_readings import readings
from dashboard.panels.pane import choice, pane, value
from dashboard.panels.parts import age, clock
from dashboard.shiptypes import ship_type
from dashboard.silence_words import silence_words
from dashboard.snapshot import Vessel
from domain.positions import FixFlag
from domain.silence import Cause, Silence

NAME = "drawer"


def show(lang: Language) -> None:
    """Mount the drawer; the beacon tells the browser which vessel to fetch."""
    pane(
        NAME,
        {"lang": lang, "frame": ""},
        on_close_change=_closed,
        on_vessel_change=_vessel,
        on_back_change=lambda: state.follow(choice(NAME, "back")),
        on_alert_change=_alert,
        on_handle_change=lambda: handled(NAME),
        on_match_change=_matched,
    )


def _closed() -> None:
    if choice(NAME, "close"):
        state.choose(None)


def _alert() -> None:
    state.choose_alert(choice(NAME, "alert"))


def _matched() -> None:
    console = running()
    asked = value(NAME, "match")
    outcome = console.matching.run(asked) if console else Outcome(failed=True)
    answers.keep(outcome, answers.match_answer(outcome, state.lang()))


def _vessel() -> None:
    state.choose_from(choice(NAME, "vessel"))


def body(
    dossier: Dossier,
    vessel: Vessel,
    now: float,
    lang: Language,
    gazetteer: Gazetteer,
    *,
    about: tuple[Alert, ...] = (),
) -> Markup:
    """The drawer of a vessel; `vessel` is its fix at the tick shown, `now` that tick's moment.

    `about`: the alerts of the rail that are about it.
    """
    tr = words(lang)
    _ = tr.gettext
    return join(
        _title(dossier.declared.get("name"), vessel.mmsi, tr),
        tag(
            "div",
            _position(vessel, now, dossier.silence, lang, gazetteer),
            mentions(about, lang, gazetteer),
            readings(dossier.readings, dossier.limits, vessel.mmsi, lang)
            if dossier.readings
            else None,
            _declared(dossier, tr),
            _flags(dossier.flags, tr),
            tag("h3", _("Its crossings")),
            *(card(c, lang, gazetteer, named=False) for c in dossier.crossings),
            tag("p", _("None confirmed."), class_="why") if not dossier.crossings else None,
            class_="scroll sheet",
            tabindex=0,
        ),
    )


def unknown(mmsi: int, lang: Language) -> Markup:
    """For a vessel that was never heard."""
    tr = words(lang)
    _ = tr.gettext
    return join(
        _title(None, mmsi, tr),
        tag(
            "div",
            tag("p", _("No position of this vessel is stored."), class_="why"),
            class_="sheet",
        ),
    )


def _title(name: str | None, mmsi: int, tr: Words) -> Markup:
    _ = tr.gettext
    return tag(
        "header",
        tag("h2", name or _("Vessel without a declared name"), title=name),
        tag(
            "button",
            "✕",
            type="button",
            class_="close",
            data_close=True,
            aria_label=_("Close"),
            title=_("Close"),
        ),
        tag("div", "MMSI ", _copied(str(mmsi), tr), class_="sub"),
        class_="head drawer-head",
    )


def _position(
    vessel: Vessel, now: float, silence: Silence | None, lang: Language, gazetteer: Gazetteer
) -> Markup:
    tr = words(lang)
    _ = tr.gettext
    place = gazetteer.place(vessel.lon, vessel.lat, lang)
    speed, direction = vessel.speed_kmh, vessel.direction_deg
    state_words: list[Child] = []
    others = {Cause.RECEIVER, Cause.PIPELINE}
    if vessel.lost(now) and (silence is None or silence.cause not in others):
        state_words.append(tag("span", _("lost"), class_="mark mark-lost"))
    if vessel.border_water:
        state_words.append(tag("span", _("joint inspection proposed"), class_="mark mark-border"))
    if vessel.flags & FixFlag.FAST:
        state_words.append(tag("span", flag_word(FixFlag.FAST, tr), class_="mark"))
    return tag(
        "dl",
        _row(_("Latest fix"), join(clock(vessel.t), " · ", age(vessel.t))),
        _row(
            _("Where"),
            join(tag("b", gazetteer.whereabouts(vessel.lon, vessel.lat, lang)), tag("br"), place),
        ),
        _row(_("State"), join(*state_words)) if state_words else None,
        _row(_("Silence"), silence_words(silence, lang))
        if silence is not None and vessel.lost(now)
        else None,
        _row(_("Speed"), _("unknown") if speed is None else f"{speed:.1f} km/h"),
        _row(
            _("Heading") if vessel.heading_deg is not None else _("Course"),
            _("unknown") if direction is None else f"{direction:03.0f}°",
        ),
        _row(_("Position"), _copied(f"{vessel.lat:.5f}, {vessel.lon:.5f}", tr)),
        class_="facts",
    )


def _declared(dossier: Dossier, tr: Words) -> Markup:
    """What the crew says; nobody has checked it."""
    _ = tr.gettext
    said = dossier.declared
    size = None
    if said.get("length_m"):
        size = f"{said['length_m']:.0f} m"
        if said.get("beam_m"):
            size = f"{said['length_m']:.0f} × {said['beam_m']:.1f} m"
    rows = {
        _("Call sign"): said.get("callsign"),
        "IMO": said.get("imo"),
        "ENI": said.get("eni"),
        _("Type"): ship_type(said.get("ship_type"), tr),
        _("Size"): size,
        _("Draught"): f"{said['draught_m']:.1f} m" if said.get("draught_m") else None,
        _("Destination"): said.get("destination"),
        _("Loaded field"): said.get("loaded_raw"),
    }
    known = [_row(name, str(what)) for name, what in rows.items() if what not in (None, "")]
    return join(
        tag(
            "h3", _("Declared by the crew"), tag("span", _("not checked"), class_="mark mark-plain")
        ),
        tag("dl", *known, class_="facts")
        if known
        else tag("p", _("It has not said what it is yet."), class_="why"),
    )


def _flags(flags: Mapping[FixFlag, int], tr: Words) -> Markup | None:
    _ = tr.gettext
    if not flags:
        return None
    rows = [_row(flag_word(flag, tr), str(n)) for flag, n in sorted(flags.items())]
    return join(
        tag("h3", _("Doubtful fixes, last 24 h")),
        tag("dl", *rows, class_="facts counts"),
    )


def flag_word(flag: FixFlag, tr: Words) -> str:
    """Why a fix is doubted, in words."""
    _ = tr.gettext
    return {
        FixFlag.LATE: _("late or out of order"),
        FixFlag.JUMP: _("jump: faster than 30 km/h between fixes"),
        FixFlag.CLONE: _("MMSI used in two places"),
        FixFlag.FAST: _("speed above 20 km/h"),
    }[flag]


def _row(name: str, *what: Child) -> Markup:
    return join(tag("dt", name), tag("dd", *what))


def _copied(text: str, tr: Words) -> Markup:
    """A value that a click copies."""
    return tag(
        "button",
        tag("span", text, class_="num"),
        type="button",
        class_="copy",
        data_copy=text,
        title=tr.gettext("Copy"),
    )
