"""The permit register as a table: one line per paper, all that decides about a load on it."""

from dashboard.gazetteer import Gazetteer
from dashboard.i18n import Language, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.paper_search import Paper, Wanted
from dashboard.paper_words import standing_word, tonnes
from dashboard.place_names import place_name
from dashboard.reason_words import LAW, paper_word
from domain.permits import Permit


def table(
    papers: list[Paper], total: int, wanted: Wanted, lang: Language, gazetteer: Gazetteer
) -> Markup:
    """The papers that fit, in order; or why there are none. `total`: how many fit in all."""
    _ = words(lang).gettext
    if not papers:
        sought = wanted.text or wanted.kind != "all" or wanted.look != "all"
        why = (
            _("No paper fits this search.")
            if sought
            else _("The register is empty: put papers on it one by one, or import a CSV file.")
        )
        return tag("p", why, class_="empty", data_total=total)
    columns = {
        "number": _("Number"),
        "kind": _("Kind"),
        "holder": _("Holder"),
        "who": _("Carrier / vessel"),
        "waste": _("Waste"),
        "quantity": _("Used / total, t"),
        "route": _("Route"),
        "term": _("Valid"),
        "state": _("State"),
    }
    more = None
    if total > len(papers):
        said = _("show more ({n} not shown)").format(n=total - len(papers))
        more = tag("button", said, type="button", class_="act more", data_paper_more=True)
    return join(
        tag(
            "table",
            tag(
                "thead",
                tag("tr", *(_column(name, said, wanted) for name, said in columns.items())),
            ),
            tag("tbody", *(_line(paper, lang, gazetteer) for paper in papers)),
            class_="papers",
            data_total=total,
        ),
        more,
    )


def _column(name: str, said: str, wanted: Wanted) -> Markup:
    sorted_by = wanted.order == name
    direction = ("descending" if wanted.backwards else "ascending") if sorted_by else None
    arrow = tag("i", "▾" if wanted.backwards else "▴", aria_hidden="true") if sorted_by else None
    button = tag("button", said, arrow, type="button", data_paper_order=name)
    return tag("th", button, scope="col", aria_sort=direction, class_=f"c-{name}")


def _line(paper: Paper, lang: Language, gazetteer: Gazetteer) -> Markup:
    permit = paper.permit
    route = way(permit, lang, gazetteer)
    return tag(
        "tr",
        tag("td", tag("b", permit.number, title=permit.number), class_="num"),
        tag("td", *_kind(permit, lang), class_="two", title=paper_word(permit.kind, lang)),
        tag("td", permit.holder, title=permit.holder),
        tag("td", *who(paper, lang), class_="two"),
        tag("td", permit.waste, title=permit.waste),
        tag("td", *quantity(paper), class_="num quantity"),
        tag("td", *_route(permit, lang, gazetteer), class_="two", title=route),
        tag(
            "td",
            tag("span", f"{permit.first_day:%Y-%m-%d} –"),
            tag("span", f"{permit.last_day:%Y-%m-%d}"),
            class_="num two term",
        ),
        tag("td", standing_mark(paper, lang)),
        data_paper=str(permit.permit_id),
        data_key=str(permit.permit_id),
        tabindex=0,
        class_=str(paper.standing),
    )


def who(paper: Paper, lang: Language) -> list[Child]:
    """The carrier, the vessel, or both: what the paper names."""
    permit = paper.permit
    said: list[Child] = []
    if permit.carrier_id is not None:
        name = paper.carrier[0 if lang == "zh" else 1] if paper.carrier else permit.carrier_id
        said.append(tag("span", name or permit.carrier_id, title=permit.carrier_id))
    if permit.mmsi is not None:
        vessel = f"{paper.vessel} " if paper.vessel else ""
        said.append(tag("span", vessel, tag("span", permit.mmsi, class_="num muted")))
    return said


def quantity(paper: Paper) -> list[Child]:
    """How much of how much, with a bar; a dash where nothing is limited."""
    permit = paper.permit
    if permit.quantity_t is None:
        return [tag("span", f"{tonnes(permit.used_t)} / —")]
    share = min(1.0, permit.used_t / permit.quantity_t)
    look = "bar full" if paper.used_up else "bar high" if share >= 0.9 else "bar"
    return [
        tag("span", f"{tonnes(permit.used_t)} / {tonnes(permit.quantity_t)}"),
        tag("i", tag("i", style=f"width:{share:.0%}"), class_=look, aria_hidden="true"),
    ]


def way(permit: Permit, lang: Language, gazetteer: Gazetteer) -> str:
    """From where to where, and what is passed on the way."""
    return " · ".join(_stops(permit, lang, gazetteer))


def _kind(permit: Permit, lang: Language) -> list[Child]:
    """The kind of paper; in English with the word that stands on it below."""
    said = paper_word(permit.kind, lang)
    law = LAW.get(permit.kind)
    if lang == "zh" or law is None:
        return [tag("span", said)]
    return [tag("span", said.removesuffix(law).strip()), tag("span", law, class_="muted")]


def _route(permit: Permit, lang: Language, gazetteer: Gazetteer) -> list[Child]:
    """From and to; below them what is passed on the way."""
    first, *more = _stops(permit, lang, gazetteer)
    return [tag("span", first), *(tag("span", each, class_="muted") for each in more)]


def _stops(permit: Permit, lang: Language, gazetteer: Gazetteer) -> list[str]:
    _ = words(lang).gettext
    begin, end = (
        place_name(each, lang, gazetteer) for each in (permit.from_adcode, permit.to_adcode)
    )
    passed = _(", ").join(place_name(code, lang, gazetteer) for code in permit.via)
    told = [_("via {districts}").format(districts=passed)] if passed else []
    return [f"{begin} → {end}", *told]


def standing_mark(paper: Paper, lang: Language) -> Markup:
    """State in a word with a sign, and whether nothing is left of the quantity."""
    _ = words(lang).gettext
    sign = {"in_force": "✓", "expiring": "◔", "expired": "✕", "withdrawn": "↶"}
    mark = f"{sign.get(paper.standing, '○')} {standing_word(paper.standing, lang)}"
    return join(
        tag("span", mark, class_=f"standing {paper.standing}"),
        tag("span", _("used up"), class_="mark") if paper.used_up else None,
    )
