"""Left rail: the latest crossings, newest first."""

from dashboard import state
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, Words, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.pane import choice, pane
from dashboard.panels.parts import age, clock, empty, head, vessel_name
from dashboard.snapshot import Passage, Snapshot

NAME = "crossings"


def show(lang: Language) -> None:
    """Mount the rail."""
    pane(NAME, {"lang": lang, "frame": frame(lang)}, on_vessel_change=_chosen)


def _chosen() -> None:
    state.choose_from(choice(NAME, "vessel"))


def frame(lang: Language) -> Markup:
    """Head and an empty body."""
    tr = words(lang)
    count = tag("span", "", class_="count num", data_count=NAME)
    return join(
        head(tr.gettext("Latest crossings"), count, words=tr),
        tag("div", class_="body scroll", data_body=True, tabindex=0),
    )


def body(snapshot: Snapshot, lang: Language, gazetteer: Gazetteer) -> Markup:
    """One card per crossing."""
    tr = words(lang)
    if not snapshot.crossings:
        return empty(
            tr.gettext("Barges that pass from one district into another appear here."),
            tr.gettext("No crossing has been confirmed yet."),
        )
    return join(*(card(c, lang, gazetteer) for c in snapshot.crossings))


def card(crossing: Passage, lang: Language, gazetteer: Gazetteer, *, named: bool = True) -> Markup:
    """Who, from where to where, at what place, how it was found, when."""
    tr = words(lang)
    way = route(crossing, lang, gazetteer)
    place = gazetteer.place(crossing.lon, crossing.lat, lang)
    return tag(
        "article",
        tag(
            "div",
            vessel_name(crossing.name, crossing.mmsi) if named else way,
            clock(crossing.crossed_at),
            class_="row first",
        ),
        tag("div", way, class_="row route") if named else None,
        tag("div", tag("span", place, class_="place", title=place), class_="row"),
        tag(
            "div",
            tag("span", found_by(crossing.by, tr)),
            tag("span", tr.gettext("grazing the border"), class_="mark")
            if crossing.grazing
            else None,
            age(crossing.confirmed_at, "confirmed"),
            class_="row muted last",
        ),
        class_="card grazing" if crossing.grazing else "card",
        data_vessel=crossing.mmsi if named else None,
        data_key=crossing.crossing_id,
        tabindex=0 if named else None,
        role="button" if named else None,
    )


def route(crossing: Passage, lang: Language, gazetteer: Gazetteer) -> Markup:
    """From → to, with the districts only passed on the way."""
    tr = words(lang)
    via = [gazetteer.district(adcode, lang) for adcode in crossing.via]
    passed = tr.gettext("via {districts}").format(districts=tr.gettext(", ").join(via))
    return join(
        tag("b", gazetteer.district(crossing.from_adcode, lang)),
        tag("span", " → ", class_="arrow"),
        tag("b", gazetteer.district(crossing.to_adcode, lang)),
        tag("span", passed, class_="via") if via else None,
    )


def found_by(by: str, tr: Words) -> str:
    """How the crossing became certain, in words."""
    known = {
        "gate": tr.gettext("passed a gate"),
        "depth": tr.gettext("deep inside"),
        "dwell": tr.gettext("stayed inside"),
        "segment": tr.gettext("between two fixes"),
    }
    return known.get(by, by)
