"""Pieces that several panes share: a pane's head, an age, an empty state, who a vessel is."""

from dashboard.i18n import Words
from dashboard.markup import Child, Markup, tag
from dashboard.snapshot import Snapshot
from dashboard.watched import unwatched


def head(title: str, *extra: Child, words: Words) -> Markup:
    """Title left, the age of the data right; the browser's script keeps the age and marks it."""
    _ = words.gettext
    return tag(
        "header",
        tag("h2", title),
        *extra,
        tag("span", class_="fresh", data_fresh=True, title=_("Age of the data shown")),
        class_="head",
    )


def age(at: float, form: str | None = None) -> Markup:
    """How long ago; the browser's script counts on by itself. `confirmed` says what was then."""
    return tag("time", "", class_="age", data_at=f"{at:.0f}", data_form=form)


def clock(at: float, form: str = "time") -> Markup:
    """A moment in Asia/Shanghai, written by the browser's script (`time`, `full`, `short`)."""
    return tag("time", "", class_="num", data_clock=f"{at:.0f}", data_form=form)


def empty(what: str, why: str) -> Markup:
    """What would be here, and why nothing is."""
    return tag("div", tag("p", what), tag("p", why, class_="why"), class_="empty")


def vessel_name(name: str | None, mmsi: int) -> Markup:
    """The declared name, whole on hover with its MMSI; without a name the MMSI stands for it."""
    number = f"MMSI {mmsi}"
    return tag("b", name or number, class_="name num", title=f"{name} · {number}" if name else None)


def alert_figures(snapshot: Snapshot) -> Markup:
    """Open alerts and those of the last hour; the browser's script writes them into the head."""
    return tag(
        "div",
        data_key="figures",
        data_figures=True,
        data_open=snapshot.open_alerts,
        data_hour=snapshot.alerts_hour,
        data_unwatched=unwatched(snapshot),
        hidden=True,
    )
