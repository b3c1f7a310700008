"""The wall's bottom bar: whether to trust the picture, and the figures of the day."""

from collections.abc import Callable

from dashboard.i18n import Language, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.channel import channel
from dashboard.panels.devices import online_of, worst
from dashboard.panels.feeds import alerts_figure, figure, rate_words
from dashboard.panels.watch import lamp
from dashboard.public import without_phone
from dashboard.snapshot import DeadReceiver, Feed, Snapshot
from domain.checkpoints import System


def body(snapshot: Snapshot, lang: Language) -> Markup:
    """Each feed with its state, data channel, alert watch, then the counts, which are Live's."""
    _ = words(lang).gettext
    groups = [_feed(each, lang) for each in snapshot.feeds]
    none = tag("span", _("No source has reported yet"), class_="fact")
    beside = (
        channel(snapshot, lang, "feed fact"),
        lamp(snapshot, lang, "feed fact"),
        _checkpoints(snapshot, lang),
    )
    picture = tag("b", "", class_="num", data_fresh_short=True, data_script=True)
    return join(
        tag(
            "div",
            *(groups or [none]),
            *beside,
            class_="feeds",
            data_fit=True,
            data_total=len(snapshot.feeds) + sum(each is not None for each in beside),
        ),
        tag("span", "", class_="rest num", data_rest=True, data_script=True),
        tag(
            "div",
            _fact(_("Vessels"), figure(len(snapshot.vessels))),
            _fact(_("Lost"), figure(snapshot.lost)),
            _fact(_("Crossings today"), figure(snapshot.crossings_today)),
            _fact(_("Alerts"), alerts_figure(snapshot)),
            _fact(_("Picture"), picture),
            class_="totals",
        ),
    )


def _feed(feed: Feed, lang: Language) -> Markup:
    """State (set by the browser's script), name, rate."""
    _ = words(lang).gettext
    name = (feed.name_zh if lang == "zh" else feed.name_en) or feed.feed_id
    return tag(
        "span",
        tag("i", class_="lamp", aria_hidden="true"),
        tag("b", without_phone(name), data_feed_name=True),
        " ",
        tag("span", "", class_="word", data_feed_word=True, data_script=True),
        " ",
        tag("b", rate_words(feed.rate), class_="num"),
        " ",
        _("sentences/s"),
        *(_dead(one, _) for one in feed.dead_receivers),
        class_="feed fact",
        data_feed=feed.feed_id,
        data_key=feed.feed_id,
    )


def _dead(one: DeadReceiver, _: Callable[[str], str]) -> Markup:
    """A receiver that hears nobody, in the feed's own group."""
    return tag("span", " · ", tag("b", _("receiver without signal")), " ", one.station or "—")


def _checkpoints(snapshot: Snapshot, lang: Language) -> Markup | None:
    """Online of all, per system; the map shows which are not."""
    every = snapshot.checkpoints
    if not every:
        return None
    _ = words(lang).gettext
    names = {System.WUJIANG: _("Wujiang"), System.JIASHAN: _("Jiashan")}
    told = " · ".join(
        f"{names[system]} {online_of(every, system)}"
        for system in System
        if any(one.system is system for one in every)
    )
    return tag(
        "span",
        tag("i", class_="lamp", aria_hidden="true"),
        tag("b", _("Checkpoints")),
        " ",
        tag("span", told, class_="num word"),
        class_=f"feed fact devices {worst(every)}",
        data_key="checkpoints",
    )


def _fact(name: Child, what: Child) -> Markup:
    return tag("span", name, " ", what, class_="fact")
