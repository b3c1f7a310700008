"""The one-tap page as HTML: whatever stands in the store, it says it, small and harmless."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ack.given import SAYABLE, given_of
from dashboard.ack.page import answer_page, policy, refused_page, style
from dashboard.ack.sheet import Neighbour, Sheet
from dashboard.ack.shown import moment, shown
from dashboard.ack.throttle import HELD_MOST, Throttle
from dashboard.i18n import LANGUAGES, Language
from domain.authorities import Authority, Department, Level
from domain.errors import InvalidInput
from domain.incidents import Incident, IncidentState, Origin, Spot
from domain.musters import Answer, Call, CallRole
from domain.turnout import Standing, Turnout

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
KUNSHAN = Authority(
    "ks", "昆山生态环境局", "Kunshan Ecology", Level.DISTRICT, "320583", Department.ENVIRONMENT
)
HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</bdi></p><form action=https://evil.example>",
    "\u202egnorw\u2066",
    "长" * 10_000,
    "w" * 10_000,
    "&lt;b&gt; \x00\x1b[2J\n\n<!--",
)


def call(**fields: object) -> Call:
    made = Call(
        UUID(int=1), UUID(int=2), "ks", "ks-1", "陆队", CallRole.DUTY, 0, NOW - timedelta(minutes=3)
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def incident(**fields: object) -> Incident:
    made = Incident(
        incident_id=UUID(int=2),
        number="2026-1124-03",
        state=IncidentState.MUSTERING,
        matter="spoil_dumping",
        title="两船渣土出沪",
        summary="",
        origin=Origin.PHONE,
        reporter=None,
        mmsi=None,
        subject=None,
        spot=Spot(120.85385, 31.10979, "320583", words="急水港，周庄闸西"),
        began_at=NOW - timedelta(hours=1),
        opened_at=NOW,
        opened_by="王一",
        opened_for=None,
        changed_at=NOW,
        why=("无审批、无备案",),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def sheet(made: Call | None = None, told: Incident | None = None, others: int = 1) -> Sheet:
    neighbours = [
        Neighbour(f"n{n}", replace(KUNSHAN, authority_id=f"n{n}"), Turnout(f"n{n}", standing))
        for n, standing in zip(range(others), list(Standing) * 9, strict=False)
    ]
    return Sheet(made or call(), told or incident(), KUNSHAN, tuple(neighbours))


class Tags(HTMLParser):
    """The elements of a page, and whether they close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def count(self, tag: str) -> int:
        return sum(1 for name, _ in self.seen if name == tag)


def offered(page: str) -> list[str]:
    return re.findall(r'data-answer="(\w+)"', page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_offered_follows_what_was_said(lang: Language) -> None:
    said = NOW - timedelta(minutes=2)
    acknowledged = call(seen_at=said, acknowledged_at=said)
    coming = replace(acknowledged, on_the_way_at=said, eta=NOW + timedelta(minutes=20))
    table = (
        (call(), ["acknowledged", "on_the_way", "on_scene", "declined"], "acknowledged"),
        (acknowledged, ["on_the_way", "on_scene", "declined"], "on_the_way"),
        (coming, ["on_the_way", "on_scene", "declined"], "on_scene"),
        (replace(coming, on_scene_at=NOW), ["declined"], None),
        (
            call(declined_at=said, reason="船坏了"),
            ["acknowledged", "on_the_way", "on_scene", "declined"],
            "acknowledged",
        ),
    )
    for one, forms, expected in table:
        page = answer_page(sheet(one), lang, NOW)
        assert offered(page) == forms
        first = re.search(r'data-answer="(\w+)">(?:(?!</form>).)*class="go"', page)
        assert (first and first[1]) == expected
        Tags(page)
    assert set(forms) | set(table[0][1]) | {"seen"} == SAYABLE.keys()
    shown_now = answer_page(sheet(coming), lang, NOW)
    assert "12:20" in shown_now  # in Shanghai
    assert "11:58" in shown_now


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_words_of_others_stay_words(lang: Language, words: str) -> None:
    plain = Tags(answer_page(sheet(others=30), lang, NOW))
    told = incident(
        title=words, summary=words, why=(words,) * 20, spot=Spot(1, 2, "320583", words=words)
    )
    unit = replace(KUNSHAN, name=words, name_en=words)
    others = tuple(Neighbour(words, unit, Turnout(words, Standing.TOLD)) for _ in range(30))
    whom = call(name=words, declined_at=NOW, reason=words[:300], on_behalf_by=words)
    page = answer_page(Sheet(whom, told, unit, others), lang, NOW)
    got = Tags(page)
    for name in ("script", "form", "img", "input", "style", "link", "a"):
        assert got.count(name) == plain.count(name), name
    added = {name for name, _ in got.seen} - {name for name, _ in plain.seen}
    assert added <= {"section", "dl", "dt", "dd"}
    for _, attributes in got.seen:
        assert not [name for name in attributes if name.startswith("on")]
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]", page)
    assert len(page.encode()) < 20_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_chat_that_shows_the_link_learns_nothing_from_the_head(lang: Language) -> None:
    head = answer_page(sheet(), lang, NOW).split("</head>", maxsplit=1)[0]
    for told in ("2026-1124-03", "两船渣土出沪", "陆队", "og:"):
        assert told not in head
    assert "noindex" in head


def test_nothing_runs_or_loads_but_what_the_policy_lets() -> None:
    page = answer_page(sheet(), "zh", NOW)
    (script,) = [found for name, found in Tags(page).seen if name == "script"]
    assert str(script["src"]).startswith("/a/ack.js?v=")
    assert not re.search(r'\s(style|on\w+)="', page)
    assert "http" not in page + style()
    assert "unsafe" not in policy()
    assert "<" not in style()


@pytest.mark.parametrize("state", [*IncidentState])
def test_an_incident_that_is_over_is_said_to_be(state: IncidentState) -> None:
    page = answer_page(sheet(told=incident(state=state)), "zh", NOW)
    over = state in {IncidentState.CLOSED, IncidentState.RETRACTED, IncidentState.MERGED}
    assert ('class="over"' in page) is over
    assert "acknowledged" in offered(page)  # a late answer counts


def test_a_refusal_is_the_same_every_time_and_names_nothing() -> None:
    assert refused_page("zh") == refused_page("zh")
    Tags(refused_page("en"))
    assert "form" not in re.findall(r"<(\w+)", refused_page("zh"))


def test_moments_are_told_in_shanghai() -> None:
    assert moment(NOW, NOW) == "12:00"
    assert moment(NOW - timedelta(hours=13), NOW) == "11-23 23:00"


@given(st.text(max_size=500), st.integers(min_value=2, max_value=60))
def test_shown_is_one_line_of_so_many_signs(text: str, most: int) -> None:
    line = shown(text, most)
    assert len(line) <= most
    assert line == " ".join(line.split())
    assert shown(line, most) == line


def test_the_same_form_says_the_same_and_said_otherwise_another() -> None:
    form = f"id={uuid4()}&said=on_the_way&eta="
    same = {given_of(f"{form}20".encode()).command_id for _ in range(3)}
    assert len(same) == 1
    assert given_of(f"{form}30".encode()).command_id not in same
    assert given_of(f"{form}20&lon=1&lat=2&accuracy=3".encode()).command_id not in same


def test_a_reason_that_was_chosen_counts_where_none_was_typed() -> None:
    form = f"id={uuid4()}&said=declined&reason=%E4%B8%8D%E5%9C%A8&reason="
    assert given_of(form.encode()).reason == "不在"
    assert given_of(f"{form}else".encode()).reason == "else"


@given(st.binary(max_size=300))
def test_no_form_at_all_is_invalid_and_nothing_worse(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        given_of(body)


@given(
    st.dictionaries(st.sampled_from(("said", "eta", "lon", "lat", "reason")), st.text(max_size=9))
)
def test_fields_of_any_kind(fields: dict[str, str]) -> None:
    body = urlencode({"id": str(uuid4()), "said": "on_scene", **fields}, errors="replace")
    try:
        said = given_of(body.encode())
    except InvalidInput:
        return
    assert said.answer in set(Answer)


def test_the_throttle_fills_again_and_forgets_the_oldest() -> None:
    now = [0.0]
    throttle = Throttle(2, 0.5, lambda: now[0])
    assert [throttle.wait_s(b"a") for _ in range(3)] == [0, 0, 2]
    now[0] = 1.0
    assert throttle.wait_s(b"a") == 1
    now[0] = 2.0
    assert throttle.wait_s(b"a") == 0
    for number in range(HELD_MOST + 5):
        throttle.wait_s(number.to_bytes(4, "big"))
    assert len(throttle._buckets) == HELD_MOST
