"""What the bars and the lists of alerts say of the watch that looks for them."""

from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.parts import age, empty
from dashboard.snapshot import Snapshot
from dashboard.watched import unwatched


def lamp(snapshot: Snapshot, lang: Language, look: str) -> Markup | None:
    """The watch in a bar, as a feed's group; `None` where none has ever run."""
    if snapshot.watched_at is None:
        return None
    _ = words(lang).gettext
    dead = unwatched(snapshot)
    return tag(
        "span",
        tag("i", class_="lamp", aria_hidden="true"),
        tag("b", _("Alert watch")),
        " ",
        tag("span", _("no sign of life") if dead else _("running"), class_="word"),
        class_=f"{look} dead" if dead else look,
        data_key="watch",
    )


def warning(snapshot: Snapshot, lang: Language) -> Markup | None:
    """Above the alerts of a dead watch: since when nobody looks, and what that means."""
    if not unwatched(snapshot):
        return None
    _ = words(lang).gettext
    last = None if snapshot.watched_at is None else age(snapshot.watched_at)
    return tag(
        "p",
        tag("b", _("Nobody looks for alerts")),
        " · ",
        *(() if last is None else (_("last looked"), " ", last, " · ")),
        _("what is new is missing here"),
        class_="unwatched",
        data_key="unwatched",
    )


def nothing(snapshot: Snapshot, lang: Language, what: str) -> Markup:
    """An empty list of alerts: `what` would be here; that none is open is said if known."""
    _ = words(lang).gettext
    if unwatched(snapshot):
        why = _("Whether anything is open now is not known.")
        return join(warning(snapshot, lang), empty(what, why))
    return empty(what, _("Nothing of that kind is open now."))
