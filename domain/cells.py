"""Cells of tables: how a number, a day, a place or a word is read from one, and written back."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeVar

from domain.clock import SHANGHAI
from domain.csv_table import WrongCell, guarded, plain, text_of
from domain.place_names import adcode_of
from domain.registers import PLACE_EXPECTED, is_place

T = TypeVar("T", bound=str)

_NUMBER: Final = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)(\.\d+)?(?:吨|t|米|m)?", re.ASCII)
_DAY: Final = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})"
    r"|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))(?:[T ]0?0:00(?::00)?)?",
    re.ASCII,
)
_MOMENT: Final = re.compile(
    r"(?P<day>\S+?)(?:T|\s+|(?<=日))(?P<h>\d\d?):(?P<m>\d\d)(?::(?P<s>\d\d)(?:\.(?P<f>\d{1,6}))?)?"
    r"(?P<offset>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_PHONE: Final = re.compile(r"\+?\d+", re.ASCII)
_BETWEEN: Final = re.compile(r"[\s;,、|/]+")
_YES: Final = frozenset({"yes", "true", "1", "y", "是"})
_NO: Final = frozenset({"no", "false", "0", "n", "否"})


def line_of_text(cell: str) -> str:
    """One printable line."""
    said = text_of(cell)
    if not said or not said.isprintable():
        raise WrongCell("one line of text")
    return said


def number(cell: str) -> float:
    """A number of tonnes, metres or degrees: `5000`, `5,000.5`, `5000吨`; no exponent."""
    said = plain(cell).removeprefix("'").replace(" ", "")
    if not _NUMBER.fullmatch(said):
        raise WrongCell("a number, as 5000 or 5,000.5")
    return float(said.rstrip("吨t米m").replace(",", ""))


def mmsi(cell: str) -> int:
    """A vessel's number of nine digits. Excel likes to shorten it to 4.14E+08: that is refused."""
    said = plain(cell).removeprefix("'").strip()
    if not re.fullmatch(r"[1-9]\d{8}", said, re.ASCII):
        raise WrongCell("an MMSI of nine digits, written in full")
    return int(said)


def day(cell: str) -> date:
    """A day with the year first: `2026-03-01`, `2026/3/1`, `2026年3月1日`, `20260301`."""
    said = _DAY.fullmatch(plain(cell).removeprefix("'"))
    try:
        if said is None:
            raise WrongCell("")
        year, month, of_month = (int(part) for part in said.groups() if part is not None)
        return date(year, month, of_month)
    except ValueError:
        raise WrongCell("a day of the calendar, year first, as 2026-03-01") from None


def moment(cell: str) -> datetime:
    """A day and a time, UTC: `2026-03-01 08:30`, `2026/3/1 8:30`, `2026年3月1日 24:00`.

    Shanghai's, unless an offset follows as in ISO 8601.
    """
    said = _MOMENT.fullmatch(plain(cell).removeprefix("'"))
    try:
        if said is None:
            raise WrongCell("")
        hour, minute, second = int(said["h"]), int(said["m"]), int(said["s"] or 0)
        micros = int((said["f"] or "0").ljust(6, "0"))
        midnight = (hour, minute, second, micros) == (24, 0, 0, 0)
        of_day = time() if midnight else time(hour, minute, second, micros)
        found = datetime.combine(day(said["day"]), of_day, SHANGHAI)
        if said["offset"]:
            found = found.replace(tzinfo=datetime.strptime(said["offset"], "%z").tzinfo)
        return (found + timedelta(days=1) if midnight else found).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongCell("a day and a time, year first, as 2026-03-01 08:30") from None


def phone(cell: str) -> str:
    """A telephone number without what people put between its digits; a masked one is none."""
    said = re.sub(r"[\s()-]", "", plain(cell).removeprefix("'"))
    if not _PHONE.fullmatch(said):
        raise WrongCell("a telephone number in full, as 13800000000")
    return said


def whole(cell: str) -> str:
    """One line of text that is no mask: a list may not come back as the register."""
    said = line_of_text(cell)
    if "***" in said:
        raise WrongCell("the whole text, not the mask that stands for it")
    return said


def names(cell: str) -> tuple[str, ...]:
    """Several ids, between spaces, semicolons or 、."""
    return tuple(part for part in _BETWEEN.split(text_of(cell)) if part)


def place(cell: str) -> str:
    """An adcode or its first digits; provinces, cities and districts around also by name."""
    said = plain(cell).removeprefix("'").strip()
    code = adcode_of(said) or said
    if not is_place(code):
        raise WrongCell(f"{PLACE_EXPECTED}, or a name around, as 青浦区")
    return code


def places(cell: str) -> tuple[str, ...]:
    """Several of them, between spaces, semicolons or 、."""
    return tuple(place(part) for part in _BETWEEN.split(plain(cell).removeprefix("'")) if part)


def yes_or_no(cell: str) -> bool:
    """`yes` or `no`, `是` or `否`."""
    said = plain(cell).lower()
    if said not in _YES | _NO:
        raise WrongCell("yes or no, 是 or 否")
    return said in _YES


def word(words: Mapping[str, tuple[str, ...]]) -> Callable[[str], str]:
    """One of a few words: the code itself, or what people write for it."""
    codes = {said: code for code, all_said in words.items() for said in (code, *all_said)}
    listed = ", ".join(f"{code} {said[0]}" for code, said in words.items())

    def read(cell: str) -> str:
        code = codes.get(plain(cell).lower())
        if code is None:
            raise WrongCell(f"one of {listed}")
        return code

    return read


def chinese(words: Mapping[str, tuple[str, ...]]) -> Callable[[str], str]:
    """Writes a code in Chinese; one without a word as it is."""
    return lambda code: words[code][0] if code in words else guarded(code)


def written_number(value: float) -> str:
    """A number without an exponent and without a needless end, exact."""
    said = format(Decimal(repr(float(value))), "f")
    return said.rstrip("0").rstrip(".") if "." in said else said


def written_moment(value: datetime) -> str:
    """A day and a time in Shanghai, exact, without needless seconds."""
    said = value.astimezone(SHANGHAI).replace(tzinfo=None)
    return said.isoformat(" ", "auto" if said.second or said.microsecond else "minutes")


def written_places(codes: tuple[str, ...]) -> str:
    """Several places in one cell."""
    return " ".join(codes)
