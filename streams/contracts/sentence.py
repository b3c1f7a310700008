"""NMEA 0183 framing: tag blocks, checksum, fields (IEC 61162-1, IEC 61162-450 tag blocks).

pyais accepts a wrong checksum and takes the tag block as a by-product, so both are checked here;
the bits inside the payload are left to pyais.
"""

import re
from typing import NamedTuple

from domain.positions import Rejection

LINE_LIMIT = 1024
"""Bytes. A sentence has at most 82 characters and its tag block 80; more than this is none."""

BLANK = b" \t\r\n\x0b\x0c\x00"
"""What may stand around a sentence and means nothing; links that idle send zero bytes."""

_YEAR_2000 = 946_684_800
_MILLISECONDS_FROM = 100_000_000_000
_BACKSLASH = 0x5C
_STARTS = (0x21, 0x24)  # "!" carries encapsulated data, "$" everything else
_TAG_CACHE_LIMIT = 512
_STATION = re.compile(rb"\\(?:[^\\*]*,)?s:([^\\*,]{1,15})")
_FOLD_BITS = 512
_FOLD_MASK = (1 << _FOLD_BITS) - 1


class BadSentence(ValueError):
    """A line that is no whole, sound NMEA sentence: the reason by name and a sentence about it."""

    def __init__(self, reason: Rejection, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class TagBlock(NamedTuple):
    """What stands before a sentence between backslashes.

    `time_s`: the receiver's clock, epoch seconds (`c:`, in s or ms); `None` where it says nothing
    or counts from before 2000, which is a receiver that has no clock. `station`: `s:`. `group`:
    the identifier of `g:part-total-identifier`.
    """

    time_s: int | None = None
    station: bytes | None = None
    group: bytes | None = None


class Frame(NamedTuple):
    """A sentence whose checksum is right. `fields[0]` is the address (`AIVDM`)."""

    start: int
    fields: list[bytes]
    tag: TagBlock | None


def spelt(field: bytes) -> str:
    """The beginning of a field for a sentence to the operator, whatever bytes it holds."""
    return repr(field[:8])[2:-1]


def station_of(raw: bytes) -> str:
    """The receiver that a sentence's tag block names (`s:`), '' where none does.

    Of sentences that `parse` has found sound; IEC 61162-450 gives the name 15 characters.
    """
    found = _STATION.match(raw.lstrip(BLANK))
    return "" if found is None else found[1].decode("ascii", "replace").replace("\0", "?")


def checksum(body: bytes) -> int:
    """XOR of all bytes, as NMEA asks; `body` without `!`, `*` and what follows."""
    # Folding one large integer onto itself is three times as fast as a loop over its bytes.
    folded = int.from_bytes(body, "little")
    while folded > _FOLD_MASK:
        folded = (folded >> _FOLD_BITS) ^ (folded & _FOLD_MASK)
    folded ^= folded >> 256
    folded ^= folded >> 128
    folded ^= folded >> 64
    folded ^= folded >> 32
    folded ^= folded >> 16
    return (folded ^ folded >> 8) & 0xFF


def parse(raw: bytes, length: int | None = None) -> Frame:
    """Take a line apart and check its checksums; `length`: of the whole line if `raw` was cut.

    Raises `BadSentence` with `not_nmea`, `too_long`, `truncated` or `checksum`.
    """
    if length is not None or len(raw) > LINE_LIMIT:
        raise BadSentence(
            Rejection.TOO_LONG, f"{length or len(raw)} bytes, at most {LINE_LIMIT} are read"
        )
    raw = raw.strip(BLANK)
    tag = None
    while raw[:1] == b"\\":
        end = raw.find(b"\\", 1)
        if end < 0:
            raise BadSentence(Rejection.TRUNCATED, "the tag block has no end")
        tag = _tag_block(raw[1:end])
        raw = raw[end + 1 :].lstrip()
    if not raw or raw[0] not in _STARTS:
        if tag is not None and not raw:
            raise BadSentence(Rejection.TRUNCATED, "a tag block without a sentence")
        raise BadSentence(Rejection.NOT_NMEA, "a sentence starts with ! or $")
    body, star, given = raw[1:].rpartition(b"*")
    if not star or len(given) < 2:
        raise BadSentence(Rejection.TRUNCATED, "the line ends before its checksum")
    _compare(body, given, "the sentence")
    return Frame(raw[0], body.split(b","), tag)


_HEX = {f"{n:02X}".encode(): n for n in range(256)} | {f"{n:02x}".encode(): n for n in range(256)}
_tag_cache: dict[bytes, TagBlock] = {}


def _compare(body: bytes, given: bytes, what: str) -> None:
    expected = checksum(body)
    if _HEX.get(given) != expected:
        raise BadSentence(
            Rejection.CHECKSUM, f"{what} says *{spelt(given)}, its bytes give *{expected:02X}"
        )


def _tag_block(block: bytes) -> TagBlock:
    # One station repeats the same block for every sentence of a second.
    known = _tag_cache.get(block)
    if known is not None:
        return known
    body, star, given = block.rpartition(b"*")
    if not star:
        raise BadSentence(Rejection.CHECKSUM, "the tag block has no checksum")
    _compare(body, given, "the tag block")
    found: dict[bytes, bytes] = {}
    for field in body.split(b","):
        code, _, value = field.partition(b":")
        found[code] = value
    group = found.get(b"g", b"").split(b"-")
    tag = TagBlock(
        time_s=_clock(found.get(b"c")),
        station=found.get(b"s") or None,
        group=group[2] if len(group) == 3 else None,
    )
    if len(_tag_cache) >= _TAG_CACHE_LIMIT:
        _tag_cache.clear()
    _tag_cache[block] = tag
    return tag


def _clock(value: bytes | None) -> int | None:
    if value is None or not value.isdigit() or len(value) > 18:
        return None
    seconds = int(value)
    if seconds >= _MILLISECONDS_FROM:
        seconds //= 1000
    return seconds if seconds >= _YEAR_2000 else None
