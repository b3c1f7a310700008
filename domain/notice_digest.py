"""Several notices in one message, for a robot that may say no more for a while."""

from collections.abc import Sequence
from typing import Final

from domain.errors import InvalidInput
from domain.language import Language
from domain.notices import Notice, head_of, text_of
from domain.plain_text import cut, plain, size

_LEAST: Final = 60
"""Bytes of words beside number and link, below which the rest goes into another digest."""
_HEAD: Final[dict[Language, str]] = {
    "zh": "【吹哨·合并】共 {count} 条，逐条答复：",
    "en": "[Whistle: {count} messages in one], each with its own answer:",
}


def digest_of(
    notices: Sequence[Notice], most_bytes: int, lang: Language | None = None
) -> tuple[str, int]:
    """As many of the first `notices` as fit in `most_bytes` with their links; how many these are.

    One alone is said in full. Raises `InvalidInput` when none is given, or the first does not fit.
    """
    if not notices:
        raise InvalidInput("notices", "expected one or more")
    lang = lang or notices[0].lang
    room = most_bytes - size(_HEAD[lang].format(count=len(notices)))
    count, needed = 0, 0
    for one in notices:
        needed += size(_fixed(one, count + 1, lang)) + 2 + min(_LEAST, size(_free(one)))
        if needed > room:
            break
        count += 1
    if count <= 1:
        return text_of(notices[0], most_bytes, lang), 1
    taken = notices[:count]
    left = room - sum(size(_fixed(one, place, lang)) + 2 for place, one in enumerate(taken, 1))
    entries = []
    for place, one in enumerate(taken, 1):
        share = left // (count - place + 1)  # what one does not need the others get
        words = cut(_free(one), share)
        left -= size(words)
        first, _, link = _fixed(one, place, lang).partition("\n")
        entries.append("\n".join(part for part in (f"{first} {words}", link) if part))
    return "\n".join([_HEAD[lang].format(count=count), *entries]), count


def _fixed(notice: Notice, place: int, lang: Language) -> str:
    """What is never cut: number and link."""
    return f"{place}. {head_of(notice, lang)}\n{notice.answer_link}"


def _free(notice: Notice) -> str:
    return "，".join(part for part in (plain(notice.title), plain(notice.where)) if part)
