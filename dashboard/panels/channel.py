"""The data channel 数据通道 in the bars: broker, workers, and the relays that need a word."""

from dashboard.channel import broker_lost_at, live_workers, silent, troubled, waiting
from dashboard.i18n import Language, Words, words
from dashboard.markup import Child, Markup, tag
from dashboard.panels.parts import age
from dashboard.snapshot import Relay, Snapshot


def channel(snapshot: Snapshot, lang: Language, look: str) -> Markup | None:
    """As a feed's group; `None` where nothing comes by a broker."""
    if not snapshot.workers and not snapshot.relays:
        return None
    tr = words(lang)
    _ = tr.gettext
    dead, state = _state(snapshot, tr)
    return tag(
        "span",
        tag("i", class_="lamp", aria_hidden="true"),
        tag("b", _("Data channel")),
        " ",
        tag("span", *state, class_="word"),
        *(_relay(one, snapshot, tr) for one in snapshot.relays if troubled(one, snapshot)),
        class_=f"{look} dead" if dead else look,
        data_key="channel",
    )


def _state(snapshot: Snapshot, tr: Words) -> tuple[bool, tuple[Child, ...]]:
    """Whether nothing comes through, and how it is in words."""
    _ = tr.gettext
    live, lost = live_workers(snapshot), broker_lost_at(snapshot)
    if not live:
        last = max((one.recorded_at for one in snapshot.workers), default=None)
        gone = _("nobody takes in what comes")
        return True, (gone,) if last is None else (gone, " · ", age(last))
    if lost is not None:
        kept = tag("span", " · ", _("the relays store what comes"), class_="kept")
        return True, (_("down"), " ", age(lost), kept if snapshot.relays else None)
    count = waiting(snapshot)
    behind = (" · ", tr.gettext("{n} waiting").format(n=f"{count:,}")) if count else ()
    return False, (_("connected"), *behind)


def _relay(relay: Relay, snapshot: Snapshot, tr: Words) -> Markup:
    """What is wrong with a relay, the gravest first."""
    _ = tr.gettext
    said: list[Child] = []
    if silent(relay, snapshot):
        said += [" · ", _("no sign of life"), " ", age(relay.heard_at)]
    if relay.spool_fault is not None:
        said += [" · ", _("its disk takes nothing")]
    if relay.dropped_messages:
        said += [" · ", _("{n} sentences lost").format(n=f"{relay.dropped_messages:,}")]
    if relay.waiting_messages:
        said += [" · ", _("{n} still to send").format(n=f"{relay.waiting_messages:,}")]
    return tag(
        "span",
        " · ",
        tag("b", _("Relay")),
        " ",
        relay.name,
        *said,
        class_="relay",
        data_relay=relay.name,
    )
