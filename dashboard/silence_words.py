"""Whose silence it is, in words: three different statements, and a fourth that nobody can tell."""

from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from dashboard.panels.parts import age, clock
from domain.silence import Cause, Silence


def cause_word(cause: Cause, lang: Language) -> str:
    """The statement in a word or three; in English beside the word that officers use."""
    _ = words(lang).gettext
    return {
        Cause.VESSEL: _("AIS lost, its receiver works"),
        Cause.RECEIVER: _("receiver without signal"),
        Cause.PIPELINE: _("data link down"),
        Cause.UNSURE: _("cannot tell whose silence"),
    }[cause]


def silence_words(silence: Silence, lang: Language) -> Markup:
    """The statement, since when it holds, the receiver, and for how long the silence is proved."""
    _ = words(lang).gettext
    since = silence.since.timestamp()
    told = [
        tag("span", cause_word(silence.cause, lang), class_="mark mark-lost"),
        tag("br"),
        _("since"),
        " ",
        clock(since),
        " · ",
        age(since),
    ]
    if silence.receiver is not None:
        told += [" · ", _("receiver {name}").format(name=silence.receiver)]
    if silence.cause is Cause.VESSEL:
        minutes = round(silence.proven.total_seconds() / 60)
        told += [" · ", _("others heard there for {n} min meanwhile").format(n=minutes)]
    return tag("span", join(*told), data_silence=silence.cause.value)
