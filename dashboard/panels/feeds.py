"""Bottom bar: how each source does, what was refused and why, how many vessels and crossings."""

from dashboard.i18n import Language, Words, words
from dashboard.markup import Child, Markup, join, tag
from dashboard.panels.channel import channel
from dashboard.panels.devices import devices
from dashboard.panels.pane import pane
from dashboard.panels.parts import age
from dashboard.panels.watch import lamp
from dashboard.snapshot import DeadReceiver, Feed, Snapshot
from dashboard.watched import unwatched
from domain.positions import Rejection

NAME = "feeds"


def show(lang: Language) -> None:
    """Mount the bar."""
    pane(NAME, {"lang": lang, "frame": tag("div", class_="body", data_body=True)})


def body(snapshot: Snapshot, lang: Language) -> Markup:
    """The data channel, one group per feed, watch and checkpoints, then the totals."""
    _ = words(lang).gettext
    feeds = [feed_group(feed, lang) for feed in snapshot.feeds]
    none = tag("span", _("No source has reported yet"), class_="muted")
    picture_age = tag("b", "", class_="num", data_fresh_short=True, data_script=True)
    return join(
        tag(
            "div",
            channel(snapshot, lang, "fact watch"),
            *(feeds or [none]),
            lamp(snapshot, lang, "fact watch"),
            devices(snapshot, lang),
            class_="feeds",
        ),
        tag(
            "div",
            _fact(_("Vessels"), figure(len(snapshot.vessels))),
            _fact(_("Lost"), figure(snapshot.lost)),
            _fact(_("Crossings today"), figure(snapshot.crossings_today)),
            _fact(_("Alerts"), alerts_figure(snapshot)),
            _fact(_("Picture"), picture_age),
            class_="totals",
        ),
    )


def feed_group(feed: Feed, lang: Language) -> Markup:
    """State (set by the browser's script), rate, age of the last sentence, queue, refusals."""
    tr = words(lang)
    _ = tr.gettext
    name = (feed.name_zh if lang == "zh" else feed.name_en) or feed.feed_id
    state = tag("span", "", class_="word", data_feed_word=True, data_script=True)
    lamp = tag("i", class_="lamp", aria_hidden="true")
    last = age(feed.last_sentence_at) if feed.last_sentence_at else "—"
    return tag(
        "div",
        _fact(join(lamp, tag("b", name, data_feed_name=True)), state),
        _fact(tag("b", rate_words(feed.rate), class_="num"), _("sentences/s")),
        _fact(_("last"), last),
        tag("span", _("queue"), " ", tag("b", _share(feed), class_="num"), class_="fact queue"),
        *(_dead(one, tr) for one in feed.dead_receivers),
        _refused(feed, tr),
        class_="feed",
        data_feed=feed.feed_id,
        data_key=feed.feed_id,
    )


def _dead(one: DeadReceiver, tr: Words) -> Markup:
    """A receiver that hears nobody: not its vessels are silent, it is."""
    _ = tr.gettext
    return tag(
        "span",
        tag("span", _("receiver without signal"), class_="mark mark-lost"),
        " ",
        one.station or "—",
        " ",
        age(one.since),
        class_="fact deaf",
        data_deaf=one.station,
    )


def _fact(first: Child, second: Child) -> Markup:
    return tag("span", first, " ", second, class_="fact")


def figure(number: int) -> Markup:
    """A count with thin spaces between thousands."""
    return tag("b", f"{number:,}".replace(",", "\u202f"), class_="num")


def alerts_figure(snapshot: Snapshot) -> Markup:
    """How many alerts are open; a dash while nobody looks for them."""
    return tag("b", "—", class_="num") if unwatched(snapshot) else figure(snapshot.open_alerts)


def rate_words(rate: float | None) -> str:
    """Sentences per second; a dash while that is not known."""
    if rate is None:
        return "—"
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"


def _share(feed: Feed) -> str:
    if feed.queue_limit <= 0:
        return str(feed.queued)
    return f"{100 * feed.queued / feed.queue_limit:.0f} %"


def _refused(feed: Feed, tr: Words) -> Markup:
    """Refused in the last hour as a share of all; per reason in words on hover or focus."""
    _ = tr.gettext
    reasons = [reason for reason in Rejection if feed.day.get(reason) or feed.hour.get(reason)]
    reasons.sort(key=lambda reason: -feed.hour.get(reason, 0))
    total = sum(feed.hour.get(reason, 0) for reason in reasons)
    rows = [
        tag(
            "tr",
            tag("th", reason_word(reason, tr), scope="row"),
            tag("td", str(feed.hour.get(reason, 0)), class_="num"),
            tag("td", str(feed.day.get(reason, 0)), class_="num"),
        )
        for reason in reasons
    ]
    table = tag(
        "table",
        tag(
            "thead",
            tag(
                "tr",
                tag("th", _("Refused because")),
                tag("th", _("last hour")),
                tag("th", _("today")),
            ),
        ),
        tag("tbody", *rows),
    )
    nothing = tag("p", _("Nothing was refused today."))
    return tag(
        "span",
        _("refused"),
        " ",
        tag("b", str(total), class_="num"),
        " ",
        _("in the last hour"),
        tag("div", table if rows else nothing, class_="pop", role="tooltip"),
        class_="fact refused",
        tabindex=0,
    )


def reason_word(reason: Rejection, tr: Words) -> str:
    """A reason for refusing a message, in words."""
    _ = tr.gettext
    return {
        Rejection.NOT_NMEA: _("not an NMEA sentence"),
        Rejection.TOO_LONG: _("line too long"),
        Rejection.TRUNCATED: _("sentence cut off"),
        Rejection.CHECKSUM: _("wrong checksum"),
        Rejection.EMPTY_PAYLOAD: _("no payload"),
        Rejection.ORPHAN_PART: _("part without the rest"),
        Rejection.UNDECODABLE: _("cannot be decoded"),
        Rejection.SPOOF_LENGTH: _("impossible message length"),
        Rejection.MMSI: _("impossible MMSI"),
        Rejection.POSITION: _("impossible position"),
        Rejection.DIMENSIONS: _("impossible hull size"),
        Rejection.TIME_FUTURE: _("dated in the future"),
        Rejection.TIME_EXPIRED: _("older than is kept"),
        Rejection.UNPROCESSABLE: _("could not be processed"),
    }[reason]
