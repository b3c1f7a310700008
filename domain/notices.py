"""What a person is told of an incident: where it is kept while it waits, and in which words.

A message says what, where (as officers say it, coordinates, a map), why, who else was told, and
ends with the link by which it is answered with one tap. Limits of messengers count bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final

from domain.errors import InvalidInput
from domain.events import canonical
from domain.language import Language
from domain.outgoing import Outgoing
from domain.plain_text import cut, plain, size

JSON: Final = "application/json"


class NoticeKind(StrEnum):
    """Why somebody is told."""

    ALARM = "alarm"
    """警情."""
    REMINDER = "reminder"
    """催办: nobody has answered."""
    ESCALATION = "escalation"
    """升级: another was told and has not answered."""
    STAND_DOWN = "stand_down"
    """解除."""
    TEST = "test"
    """测试: whether messages arrive."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one contact.

    `notice_id`: of this message, the same when it is sent again. `number`: of the incident, as
    people say it. `where`: as officers say it; `lon`, `lat`: degrees WGS-84. `link`: the incident
    on the console, or "". `why`: reasons in words. `told`: names of who else was told.
    `answer_link`: the one-tap link, or "". `mobiles`: telephone numbers to be mentioned.
    """

    notice_id: str
    incident_id: str
    number: str
    title: str
    what: str
    where: str
    lon: float | None
    lat: float | None
    link: str
    why: tuple[str, ...]
    told: tuple[str, ...]
    answer_link: str
    lang: Language
    kind: NoticeKind
    mobiles: tuple[str, ...] = ()


def payload_of(notice: Notice) -> bytes:
    """The notice as it waits in the outbox: canonical JSON."""
    return canonical(asdict(notice))


def notice_of(payload: bytes) -> Notice:
    """The notice that `payload_of` wrote. Raises `InvalidInput` for anything else."""
    try:
        read = json.loads(payload)
    except ValueError as error:
        raise InvalidInput("notice", "expected JSON") from error
    if not isinstance(read, dict):
        raise InvalidInput("notice", "expected a JSON object")
    values: dict[str, Any] = {one.name: _checked(one.name, read) for one in fields(Notice)}
    return Notice(**values)


def message_id_of(notice: Notice) -> str:
    """The idempotency key under which it goes out."""
    return f"notice/{notice.notice_id}"


def notice_message(channel: str, contact_id: str, notice: Notice) -> Outgoing:
    """The notice as a row of the outbox, for `db.outbox.add_messages`.

    Messages to one contact go out in the order they were written.
    """
    return Outgoing(
        channel, contact_id, contact_id, message_id_of(notice), payload_of(notice), JSON
    )


# ---- the words


def text_of(notice: Notice, most_bytes: int, lang: Language | None = None) -> str:
    """The message in at most `most_bytes` of UTF-8, in the notice's language if `lang` is None.

    What is too long is cut, the reasons first; the number of the incident and the link stay whole.
    Raises `InvalidInput` when not even these fit.
    """
    words = _WORDS[lang or notice.lang]
    head = head_of(notice, lang)
    tail = f"{words['answer']}{notice.answer_link}" if notice.answer_link else ""
    lines = [
        _Line("why", words["why"], _numbered(notice.why), 60),
        _Line("told", words["told"], _names(notice.told, words, None), 30),
        _Line("link", words["map"], notice.link, size(notice.link)),
        _Line("what", words["what"], plain(notice.what), 60),
        _Line("where", words["where"], plain(notice.where), 45),
        _Line("title", "", plain(notice.title), 45),
    ]
    lines = [one for one in lines if one.text]
    point = _point(notice, words)
    fixed = size(head) + (size(tail) + 1 if tail else 0)
    if fixed > most_bytes:
        raise InvalidInput("answer_link", f"leave room for it in {most_bytes} bytes")

    def excess(left: Sequence["_Line"]) -> int:
        beside = size(point) if any(one.name == "where" for one in left) else 0
        return fixed + beside + sum(one.bytes for one in left) - most_bytes

    for place, line in enumerate(lines):
        over = excess(lines)
        if over > 0:
            most = max(line.least, size(line.text) - over)
            text = _names(notice.told, words, most) if line.name == "told" else None
            lines[place] = _Line(line.name, line.label, text or cut(line.text, most), line.least)
    while lines and excess(lines) > 0:
        lines.pop(0)
    shown = {one.name: f"{one.label}{one.text}" for one in lines}
    if "where" in shown:
        shown["where"] += point
    parts = [shown.get(name, "") for name in ("title", "what", "where", "link", "why", "told")]
    return "\n".join(part for part in (head, *parts, tail) if part)


def head_of(notice: Notice, lang: Language | None = None) -> str:
    """The first line: that it is a whistle, of which kind, of which incident."""
    words = _WORDS[lang or notice.lang]
    return words["head"].format(kind=words[notice.kind], number=plain(notice.number))


def subject_of(notice: Notice, lang: Language | None = None, most_bytes: int = 180) -> str:
    """The subject of an e-mail: one line."""
    return cut(f"{head_of(notice, lang)} {plain(notice.title)}", most_bytes)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that may be cut down to `least` bytes of text, or left out."""

    name: str
    label: str
    text: str
    least: int

    @property
    def bytes(self) -> int:
        """With the line break before it."""
        return 1 + size(self.label) + size(self.text)


def _numbered(reasons: Sequence[str]) -> str:
    if len(reasons) == 1:
        return plain(reasons[0])
    return " ".join(f"({place}) {plain(one)}" for place, one in enumerate(reasons, 1))


def _names(names: Sequence[str], words: Mapping[str, str], most_bytes: int | None) -> str:
    """All names, or in `most_bytes` the first and how many there are."""
    shown = [plain(name) for name in names]
    if not shown:
        return words["nobody"]
    whole = words["comma"].join(shown)
    if most_bytes is None or size(whole) <= most_bytes:
        return whole
    for count in range(len(shown) - 1, 0, -1):
        some = words["comma"].join(shown[:count]) + words["of"].format(count=len(shown))
        if size(some) <= most_bytes:
            return some
    return words["count"].format(count=len(shown))


def _point(notice: Notice, words: Mapping[str, str]) -> str:
    if notice.lon is None or notice.lat is None:
        return ""
    return words["point"].format(lon=notice.lon, lat=notice.lat)


_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "zh": {
        "head": "【吹哨·{kind}】{number}",
        "what": "事项：",
        "where": "地点：",
        "map": "查看：",
        "why": "原因：",
        "told": "同时通知：",
        "answer": "一键答复：",
        "point": "（东经 {lon:.5f}，北纬 {lat:.5f}，WGS-84）",
        "comma": "、",
        "of": " 等 {count} 家",
        "count": "{count} 家",
        "nobody": "无",
        NoticeKind.ALARM: "警情",
        NoticeKind.REMINDER: "催办",
        NoticeKind.ESCALATION: "升级",
        NoticeKind.STAND_DOWN: "解除",
        NoticeKind.TEST: "测试",
    },
    "en": {
        "head": "[Whistle: {kind}] {number}",
        "what": "What: ",
        "where": "Where: ",
        "map": "See: ",
        "why": "Why: ",
        "told": "Also told: ",
        "answer": "Answer with one tap: ",
        "point": " ({lon:.5f} E, {lat:.5f} N, WGS-84)",
        "comma": ", ",
        "of": " and others, {count} in all",
        "count": "{count}",
        "nobody": "nobody",
        NoticeKind.ALARM: "alarm",
        NoticeKind.REMINDER: "reminder",
        NoticeKind.ESCALATION: "escalation",
        NoticeKind.STAND_DOWN: "stand down",
        NoticeKind.TEST: "test",
    },
}

# ---- what is read


_LISTS: Final = {"why", "told", "mobiles"}
_LINKS: Final = {"link", "answer_link"}
_NUMBERS: Final = {"lon": 180.0, "lat": 90.0}
_ONE_OF: Final[Mapping[str, tuple[str, ...]]] = {"lang": ("zh", "en"), "kind": tuple(NoticeKind)}
_NAMED: Final = {"notice_id": 100, "number": 40}


def _checked(name: str, read: Mapping[str, Any]) -> object:
    """The field of this name, of its kind and within its bounds."""
    value = read.get(name, [] if name == "mobiles" else None)
    if name in _LISTS:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        raise InvalidInput(name, "expected a list of texts")
    if name in _NUMBERS:
        if value is None or _is_number(value, _NUMBERS[name]):
            return value
        raise InvalidInput(name, "expected degrees, or null")
    if not isinstance(value, str):
        raise InvalidInput(name, "expected a text")
    if name in _ONE_OF and value not in _ONE_OF[name]:
        raise InvalidInput(name, f"expected one of {', '.join(_ONE_OF[name])}")
    if name in _LINKS and value and not _is_link(value):
        raise InvalidInput(name, "expected an http or https URL without spaces")
    if name in _NAMED and not 0 < len(value) <= _NAMED[name]:
        raise InvalidInput(name, f"expected 1 to {_NAMED[name]} characters")
    return NoticeKind(value) if name == "kind" else value


def _is_number(value: object, most: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -most <= value <= most


def _is_link(value: str) -> bool:
    plainly = value.isascii() and value.isprintable() and " " not in value
    return plainly and value.startswith(("https://", "http://"))
