"""Reasons of an alert in words, made on the screen from rule and facts, in its language.

A rule or a fact that this version does not know is shown by its name, never dropped: an alert may
have been judged by newer rules than the page was made for. Terms of the law stand in Chinese
beside the English, since that is what is written on paper.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from dashboard.alert import Alert, Reason
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, Words, words
from domain.clock import SHANGHAI

LAW: Final = {"approval": "转移审批", "filing": "利用备案", "disposal": "处置许可"}
"""Solid Waste Law 2020, art 22, and the permit for construction waste."""
ORDER: Final = (
    "laden",
    "no_paper",
    "quantity_used",
    "load_lost",
    "no_ais",
    "silent_in_border_water",
    "loitering",
    "night_stop",
    "spoil_carrier",
    "night_entry_zhejiang",
    "upstream_of_water_source",
    "earlier_cases",
)
"""In which order an officer says them: what is seen, what is missing, who it is, what presses."""


class _Speaker:
    """One language with its place names."""

    def __init__(self, lang: Language, gazetteer: Gazetteer) -> None:
        self.lang = lang
        self.tr: Words = words(lang)
        self.gazetteer = gazetteer

    def district(self, adcode: object) -> str:
        return self.gazetteer.district(str(adcode), self.lang)

    def listed(self, parts: Sequence[str]) -> str:
        return self.tr.gettext(", ").join(parts)


def headline(alert: Alert, lang: Language, gazetteer: Gazetteer) -> str:
    """Who does what: the first line of a card. A hull nobody could name goes by its gate."""
    say = _Speaker(lang, gazetteer)
    _ = say.tr.gettext
    who, facts = subject(alert, lang), _facts(alert)
    act = alert.behaviour.split("/")[1].partition(":")[0] if "/" in alert.behaviour else ""
    if act == "leave":
        origin = str(facts.get("from", alert.adcode))
        return _("{who} leaves {province}").format(who=who, province=province(origin, say))
    by_night = any(reason.rule == "night_stop" for reason in alert.reasons)
    form = {
        "no_ais": _("{who}, no AIS"),
        "lose": _("{who}, load gone"),
        "silent": _("{who}, AIS silent"),
        "stop": _("{who}, stopped by night") if by_night else _("{who}, stopped off any wharf"),
    }.get(act, "{who}")
    return form.format(who=who)


def subject(alert: Alert, lang: Language) -> str:
    """The vessel by its registered or declared name, else plate, MMSI, or the checkpoint."""
    _ = words(lang).gettext
    known = alert.name or alert.subject
    if known:
        return known
    if alert.mmsi is not None:
        return f"MMSI {alert.mmsi}"
    if alert.checkpoint is not None:
        return alert.checkpoint[0 if lang == "zh" else 1]
    return _("unknown vessel")


def summary(alert: Alert, lang: Language, gazetteer: Gazetteer, most: int = 9) -> str:
    """Its reasons, short, side by side: "满载 2.7±0.1 m · 无审批、无备案 · 渣土船"."""
    say = _Speaker(lang, gazetteer)
    known = {rule: n for n, rule in enumerate(ORDER)}
    told = sorted(alert.reasons, key=lambda reason: known.get(reason.rule, len(known)))
    return " · ".join(_tell(_SHORT, reason, say) for reason in told[:most])


def reason_words(reason: Reason, lang: Language, gazetteer: Gazetteer) -> str:
    """One reason as a whole sentence without its stop."""
    return _tell(_FULL, reason, _Speaker(lang, gazetteer))


def rule_word(rule: str, lang: Language) -> str:
    """The name of a rule, where there are no facts to tell."""
    _ = words(lang).gettext
    return {
        "no_paper": _("left the province without paper"),
        "quantity_used": _("permitted quantity used up"),
        "load_lost": _("load gone between two checkpoints"),
        "no_ais": _("passage without AIS"),
        "silent_in_border_water": _("AIS silent in border water"),
        "loitering": _("long stop off any wharf"),
        "night_stop": _("night stop off any wharf"),
        "laden": _("laden by measured draught"),
        "spoil_carrier": _("spoil carrier"),
        "earlier_cases": _("earlier cases"),
        "upstream_of_water_source": _("upstream of the Jinze water source"),
        "night_entry_zhejiang": _("entered Zhejiang by night"),
    }.get(rule, rule)


def paper_word(kind: str, lang: Language) -> str:
    """A kind of paper; in English with the word that stands on it."""
    _ = words(lang).gettext
    plain = {
        "approval": _("transfer approval"),
        "filing": _("utilisation filing"),
        "disposal": _("disposal permit"),
    }.get(kind, kind)
    return plain if lang == "zh" or kind not in LAW else f"{plain} {LAW[kind]}"


def fault_word(why: str, lang: Language) -> str:
    """Why a paper does not cover the load."""
    _ = words(lang).gettext
    return {
        "missing": _("none on the register"),
        "withdrawn": _("withdrawn"),
        "not_yet_valid": _("not yet valid"),
        "expired": _("expired"),
        "other_vessel": _("for another vessel"),
        "other_carrier": _("for another carrier"),
        "wrong_waste": _("for another waste"),
        "wrong_purpose": _("for another purpose"),
        "wrong_route": _("for another route"),
        "used_up": _("quantity used up"),
        "exceeded": _("quantity exceeded"),
    }.get(why, why)


def retraction_word(why: str | None, lang: Language) -> str:
    """What disproved an alert; words of one's own stay as they are."""
    _ = words(lang).gettext
    return {
        "paper_found": _("a paper covers the voyage"),
        "match_changed": _("the reading belongs to another vessel"),
        "turned_back": _("it turned back in border water"),
        "grazing": _("it only grazed the border"),
        "heard_meanwhile": _("AIS was heard meanwhile"),
        "unloaded": _("it may have been unloaded at a wharf that takes it"),
        "radio_lost": _("a vessel of its size had lost its radio there just then"),
        "receiver_dead": _("not the vessel was silent, its receiver had died"),
        "pipeline_down": _("not the vessel was silent, our data link was down"),
        "not_supported": _("later data do not support it"),
    }.get(why or "", why or "")


def province(adcode: str, say: _Speaker) -> str:
    """The province of a district in one word, as officers say it: 沪, 苏, 浙."""
    _ = say.tr.gettext
    known = {"31": _("Shanghai"), "32": _("Jiangsu"), "33": _("Zhejiang"), "34": _("Anhui")}
    return known.get(adcode[:2]) or say.district(adcode)


def _facts(alert: Alert) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for reason in reversed(alert.reasons):
        found |= reason.facts
    return found


Told = Callable[[Mapping[str, Any], _Speaker], str]


def _tell(how: Mapping[str, Told], reason: Reason, say: _Speaker) -> str:
    teller = how.get(reason.rule)
    try:
        return teller(reason.facts, say) if teller else rule_word(reason.rule, say.lang)
    except (KeyError, TypeError, ValueError):
        return rule_word(reason.rule, say.lang)


def _no_paper(facts: Mapping[str, Any], say: _Speaker) -> str:
    _ = say.tr.gettext
    papers = [_lack(kind, why, say) for kind, why in _missed(facts)]
    return _("{way}, papers: {papers}").format(way=_way(facts, say), papers=say.listed(papers))


def _no_paper_short(facts: Mapping[str, Any], say: _Speaker) -> str:
    _ = say.tr.gettext
    absent = {
        "approval": _("no approval"),
        "filing": _("no filing"),
        "disposal": _("no disposal permit"),
    }
    parts = [
        absent.get(kind, kind) if why == "missing" else _lack(kind, why, say)
        for kind, why in _missed(facts)
        if kind != "disposal"
    ]
    return say.listed(parts) or rule_word("no_paper", say.lang)


def _lack(kind: str, why: str, say: _Speaker) -> str:
    """What is wrong with one kind of paper: there is none, or the one there does not do."""
    _ = say.tr.gettext
    paper = paper_word(kind, say.lang)
    if why == "missing":
        return _("no {paper}").format(paper=paper)
    return _("{paper} {fault}").format(paper=paper, fault=fault_word(why, say.lang))


def _missed(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each kind of paper that was looked for in vain, with why the nearest one does not do."""
    unfit: dict[str, str] = {}
    for each in facts.get("unfit", ()):
        kind, _, why = str(each).partition(":")
        unfit.setdefault(kind, why)
    kinds = [str(kind) for kind in facts["missing"]]
    return [(kind, unfit.get(kind, "missing")) for kind in sorted(kinds, key=_paper_order)]


def _paper_order(kind: str) -> int:
    return list(LAW).index(kind) if kind in LAW else len(LAW)


def _way(facts: Mapping[str, Any], say: _Speaker) -> str:
    _ = say.tr.gettext
    way = f"{say.district(facts['from'])} → {say.district(facts['to'])}"
    form = {
        "crossing": _("{way}, crossing confirmed"),
        "gate": _("{way}, passed the gate"),
        "border_water": _("{way}, in border water, not confirmed yet"),
    }.get(str(facts.get("stage")), "{way}")
    return form.format(way=way)


def _quantity(facts: Mapping[str, Any], say: _Speaker) -> str:
    _ = say.tr.gettext
    if "used_t" not in facts:
        return f"{_way(facts, say)}: {_('permitted quantity used up')}"
    return _("{way}: {used} t of {quantity} t permitted are used").format(
        way=_way(facts, say), used=f"{facts['used_t']:.0f}", quantity=f"{facts['quantity_t']:.0f}"
    )


def _load_lost(facts: Mapping[str, Any], say: _Speaker) -> str:
    """Both draughts, the stretch of water, and where it lay between."""
    _ = say.tr.gettext
    told = [
        _("laden {before} at {place}, light {after} at {later}, {n} min apart").format(
            before=f"{facts['draught_before_m']:.1f} ± {facts['error_before_m']:.1f} m",
            after=f"{facts['draught_after_m']:.1f} ± {facts['error_after_m']:.1f} m",
            place=_spot(facts["laden_place"], say),
            later=_spot(facts["light_place"], say),
            n=_apart_min(facts),
        ),
        _("called at a wharf without a licence for spoil")
        if "wharf" in facts
        else _("no licensed wharf between"),
    ]
    for each in facts["dwells"]:
        place, _comma, minutes = str(each).rpartition(",")
        told.append(_("lay {n} min at {place}").format(n=minutes, place=_spot(place, say)))
    if facts["unheard_minutes"]:
        told.append(_("AIS missing for {n} min").format(n=facts["unheard_minutes"]))
    return _("; ").join(told)


def _load_lost_short(facts: Mapping[str, Any], say: _Speaker) -> str:
    return say.tr.gettext("laden {before} m → light {after} m").format(
        before=f"{facts['draught_before_m']:.1f}", after=f"{facts['draught_after_m']:.1f}"
    )


def _spot(point: object, say: _Speaker) -> str:
    """Waterway and distance from something known."""
    lon, lat = (float(part) for part in str(point).split(","))
    return say.gazetteer.place(lon, lat, say.lang)


def _apart_min(facts: Mapping[str, Any]) -> int:
    since, until = (datetime.fromisoformat(str(facts[name])) for name in ("since", "until"))
    return round((until - since).total_seconds() / 60)


def _no_ais(facts: Mapping[str, Any], say: _Speaker) -> str:
    _ = say.tr.gettext
    plain = _("The checkpoint saw a vessel, no AIS track passed there")
    if "length_m" not in facts:
        return plain
    size = _("about {n} m long").format(n=f"{facts['length_m']:.0f}")
    return f"{plain}{_(', ')}{size}"


def _no_ais_short(facts: Mapping[str, Any], say: _Speaker) -> str:
    _ = say.tr.gettext
    plain = _("seen by camera, no track")
    if "length_m" not in facts:
        return plain
    size = _("about {n} m long").format(n=f"{facts['length_m']:.0f}")
    return f"{plain} · {size}"


def _silent(facts: Mapping[str, Any], say: _Speaker) -> str:
    _ = say.tr.gettext
    return _("AIS silent for {n} min in the border water of {districts}").format(
        n=facts["minutes"], districts=say.listed([say.district(code) for code in facts["adcodes"]])
    )


def _silent_short(facts: Mapping[str, Any], say: _Speaker) -> str:
    return say.tr.gettext("silent {n} min").format(n=facts["minutes"])


def _loitering(facts: Mapping[str, Any], say: _Speaker) -> str:
    return say.tr.gettext("Off any registered wharf for {n} min").format(n=facts["minutes"])


def _night_stop(facts: Mapping[str, Any], say: _Speaker) -> str:
    return say.tr.gettext("Off any registered wharf by night for {n} min").format(
        n=facts["minutes"]
    )


def _laden(facts: Mapping[str, Any], say: _Speaker) -> str:
    _ = say.tr.gettext
    draught = _draught(facts)
    if "laden_m" not in facts:
        return _("Laden: draught {draught} measured").format(draught=draught)
    return _("Laden: draught {draught} measured, this hull is laden above {limit} m").format(
        draught=draught, limit=f"{facts['laden_m']:.2f}"
    )


def _laden_short(facts: Mapping[str, Any], say: _Speaker) -> str:
    return say.tr.gettext("laden {draught}").format(draught=_draught(facts))


def _draught(facts: Mapping[str, Any]) -> str:
    return f"{facts['draught_m']:.1f} ± {facts['error_m']:.1f} m"


def _spoil(facts: Mapping[str, Any], say: _Speaker) -> str:
    return say.tr.gettext("Carries construction spoil, by the register of hulls")


def _earlier(facts: Mapping[str, Any], say: _Speaker) -> str:
    return say.tr.gettext("earlier cases validated: {n}").format(n=facts["count"])


def _upstream(facts: Mapping[str, Any], say: _Speaker) -> str:
    return say.tr.gettext("{n} min upstream of the Jinze water source").format(n=facts["minutes"])


def _night_entry(facts: Mapping[str, Any], say: _Speaker) -> str:
    at = datetime.fromisoformat(str(facts["at"])).astimezone(SHANGHAI)
    return say.tr.gettext("Entered Zhejiang by night, {time}").format(time=f"{at:%H:%M}")


_FULL: Final[Mapping[str, Told]] = {
    "no_paper": _no_paper,
    "quantity_used": _quantity,
    "load_lost": _load_lost,
    "no_ais": _no_ais,
    "silent_in_border_water": _silent,
    "loitering": _loitering,
    "night_stop": _night_stop,
    "laden": _laden,
    "spoil_carrier": _spoil,
    "earlier_cases": _earlier,
    "upstream_of_water_source": _upstream,
    "night_entry_zhejiang": _night_entry,
}
_SHORT: Final[Mapping[str, Told]] = {
    **_FULL,
    "no_paper": _no_paper_short,
    "quantity_used": lambda _, say: rule_word("quantity_used", say.lang),
    "load_lost": _load_lost_short,
    "no_ais": _no_ais_short,
    "silent_in_border_water": _silent_short,
    "laden": _laden_short,
    "spoil_carrier": lambda _, say: rule_word("spoil_carrier", say.lang),
    "night_entry_zhejiang": lambda _, say: rule_word("night_entry_zhejiang", say.lang),
}
