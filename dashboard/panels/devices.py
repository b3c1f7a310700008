"""In the bottom bar: how many checkpoints are online, and which are not since when."""

from dashboard.i18n import Language, Words, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.parts import age
from dashboard.snapshot import Device, Snapshot
from domain.checkpoints import Health, System


def devices(snapshot: Snapshot, lang: Language) -> Markup | None:
    """Online of all, per system; on hover or focus those late or silent with their last contact.

    `None` where no checkpoint is registered.
    """
    every = snapshot.checkpoints
    if not every:
        return None
    tr = words(lang)
    _ = tr.gettext
    names = {System.WUJIANG: _("Wujiang"), System.JIASHAN: _("Jiashan")}
    shares = [
        join(" · " if at else " ", name, " ", tag("b", share, class_="num"))
        for at, (name, share) in enumerate(
            (names[system], online_of(every, system))
            for system in System
            if any(one.system is system for one in every)
        )
    ]
    return tag(
        "span",
        tag("i", class_="lamp", aria_hidden="true"),
        tag("b", _("Checkpoints")),
        *shares,
        tag("div", _missed(every, lang, tr), class_="pop", role="tooltip"),
        class_=f"fact refused devices {worst(every)}",
        tabindex=0,
        data_key="checkpoints",
    )


def online_of(every: tuple[Device, ...], system: System) -> str:
    """Online / registered of one system."""
    own = [one.health for one in every if one.system is system]
    return f"{own.count(Health.ONLINE)}/{len(own)}"


def worst(every: tuple[Device, ...]) -> Health:
    """How the one does that does worst."""
    return max((one.health for one in every), key=list(Health).index)


def health_word(health: Health, tr: Words) -> str:
    """How a device does, in a word."""
    _ = tr.gettext
    return {
        Health.ONLINE: _("online"),
        Health.LATE: _("late"),
        Health.SILENT: _("no contact"),
    }[health]


def _missed(every: tuple[Device, ...], lang: Language, tr: Words) -> Markup:
    """Those that are not online: the silent first, the longest silent before the others."""
    _ = tr.gettext
    missed = [one for one in every if one.health is not Health.ONLINE]
    if not missed:
        return tag("p", _("Every checkpoint is online."))
    missed.sort(key=lambda one: (one.health is Health.LATE, one.last_contact_at or 0.0))
    return tag(
        "table",
        tag(
            "thead",
            tag("tr", *(tag("th", it) for it in (_("Checkpoint"), _("State"), _("last contact")))),
        ),
        tag("tbody", *(_row(one, lang, tr) for one in missed)),
    )


def _row(one: Device, lang: Language, tr: Words) -> Markup:
    _ = tr.gettext
    heard = one.last_contact_at
    return tag(
        "tr",
        tag("th", one.name_zh if lang == "zh" else one.name_en, scope="row"),
        tag(
            "td",
            tag("i", class_=f"key key-checkpoint-{one.health}", aria_hidden="true"),
            health_word(one.health, tr),
        ),
        tag("td", _("never") if heard is None else age(heard), class_="num"),
        data_key=one.checkpoint_id,
    )
