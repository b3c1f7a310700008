"""What is wrong with a field or a cell of a permit, in the words of the screen.

The rules say in English what they expect, for the command line; here it is said in either
language. What this version does not know is shown as it came.
"""

import re
from collections.abc import Callable
from typing import Final

from dashboard.i18n import Language, Words, words
from dashboard.paper_words import purpose_word
from dashboard.reason_words import paper_word
from domain.permits import PERMIT_KINDS, PURPOSES

Say = Callable[[re.Match[str], Words, Language], str]


def expected_word(expected: str, lang: Language) -> str:
    """What was expected, in words."""
    plain = expected.removeprefix("expected ")
    for form, say in _KNOWN:
        if found := form.fullmatch(plain):
            return say(found, words(lang), lang)
    return plain


def _kinds(_: re.Match[str], tr: Words, lang: Language) -> str:
    listed = " / ".join(paper_word(kind, lang) for kind in PERMIT_KINDS)
    return tr.gettext("one of: {list}").format(list=listed)


def _purposes(_: re.Match[str], tr: Words, lang: Language) -> str:
    listed = " / ".join(purpose_word(purpose, lang) for purpose in PURPOSES)
    return tr.gettext("one of: {list}").format(list=listed)


def _fitting(found: re.Match[str], tr: Words, lang: Language) -> str:
    fits = " / ".join(purpose_word(one, lang) for one in found[1].split(" or "))
    return tr.gettext("{purposes}, for this kind of paper: {kind}").format(
        purposes=fits, kind=paper_word(found[2], lang)
    )


def _column(found: re.Match[str], tr: Words, lang: Language) -> str:
    named = found[2] if lang == "zh" else found[1]
    return tr.gettext("a column {name}").format(name=named)


def _said(make: Callable[[Callable[[str], str]], str], **groups: int) -> Say:
    """Words with what the match holds at these groups filled in."""

    def say(found: re.Match[str], tr: Words, _: Language) -> str:
        return make(tr.gettext).format(**{name: found[n] for name, n in groups.items()})

    return say


_KNOWN: Final[tuple[tuple[re.Pattern[str], Say], ...]] = tuple(
    (re.compile(form), say)
    for form, say in (
        (r"a value", _said(lambda _: _("a value: this must not be empty"))),
        (r"one line of text", _said(lambda _: _("one line of text"))),
        (r"a text of 1 to (\d+) characters", _said(lambda _: _("a text of up to {n} signs"), n=1)),
        (r"a number, as 5000 or 5,000\.5", _said(lambda _: _("a number, as 5000 or 5,000.5"))),
        (
            r"an MMSI of nine digits, written in full|a number of nine digits",
            _said(lambda _: _("an MMSI of nine digits, written in full")),
        ),
        (
            r"a day of the calendar, year first, as 2026-03-01",
            _said(lambda _: _("a day of the calendar, year first, as 2026-03-01")),
        ),
        (
            r"an adcode or its first two or four digits",
            _said(lambda _: _("an adcode, its first two or four digits, or a province by name")),
        ),
        (r"one of approval.*", _kinds),
        (r"one of storage.*", _purposes),
        (r"([a-z or]+) with kind (\w+)", _fitting),
        (
            r"a vessel or a carrier: the paper has to name one of them",
            _said(lambda _: _("a vessel or a carrier: the paper has to name one of them")),
        ),
        (
            r"the id of a carrier, or nothing|a carrier on the register",
            _said(lambda _: _("a carrier on the register")),
        ),
        (r"tonnes above 0, or nothing", _said(lambda _: _("tonnes above 0, or nothing"))),
        (r"tonnes, 0 or more", _said(lambda _: _("tonnes, 0 or more"))),
        (
            r"a year from (\d+) to (\d+)",
            _said(lambda _: _("a year from {first} to {last}"), first=1, last=2),
        ),
        (r"a day not before first_day", _said(lambda _: _("a day not before the first day"))),
        (
            r"a paper that is not on the register yet",
            _said(lambda _: _("another number: this paper is on the register already")),
        ),
        (
            r"each paper once: it stands on line (\d+), too",
            _said(lambda _: _("each paper once: it stands on line {n}, too"), n=1),
        ),
        (r"each column once", _said(lambda _: _("each column once"))),
        (r"a column of this register", _said(lambda _: _("a column of this register"))),
        (r"a column (\w+) or (.+)", _column),
        (r"(\d+) cells, as in the header", _said(lambda _: _("{n} cells, as in the header"), n=1)),
        (r"a header above it", _said(lambda _: _("a header above it"))),
        (r"a header: .*", _said(lambda _: _("a first line with the names of the columns"))),
        (r"a file of at most (\d+) MB", _said(lambda _: _("a file of at most {n} MB"), n=1)),
        (r"text in UTF-8 or GB18030", _said(lambda _: _("text in UTF-8 or GB18030"))),
        (r"CSV \(.*\)", _said(lambda _: _("a CSV file: quotes and separators do not fit"))),
    )
)
