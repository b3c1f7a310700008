"""Notices: what a message says, in which bytes, whatever names stand in it."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.notice_digest import digest_of
from domain.notices import (
    Notice,
    NoticeKind,
    head_of,
    message_id_of,
    notice_message,
    notice_of,
    payload_of,
    subject_of,
    text_of,
)
from domain.plain_text import cut, plain, size

LEAD = Notice(
    notice_id="6c1f",
    incident_id="0f1e2d3c-0000-4000-8000-000000000001",
    number="WH-2026-0012",
    title="疑似无证渣土船出境",
    what="两艘满载驳船离开青浦，未见转移审批",
    where="太浦河，金泽站下游 1.3 km",
    lon=120.9583,
    lat=31.0266,
    link="https://console.example/Incidents?incident=0012",
    why=("船名不在名录", "实测吃水 2.6 m，满载", "夜间 23:40 出境"),
    told=("吴江区生态环境局", "嘉善县综合行政执法局", "昆山市海事处"),
    answer_link="https://ack.example/a/Zm9v_YmFy-1",
    lang="zh",
    kind=NoticeKind.ALARM,
    mobiles=("13800000000",),
)
anything = st.text(max_size=400)
notices = st.builds(
    replace,
    st.just(LEAD),
    title=anything,
    what=anything,
    where=anything,
    why=st.lists(anything, max_size=5).map(tuple),
    told=st.lists(anything, max_size=8).map(tuple),
    lang=st.sampled_from(["zh", "en"]),
    kind=st.sampled_from(NoticeKind),
)


def test_all_of_it_in_chinese() -> None:
    assert text_of(LEAD, 2048).splitlines() == [
        "【吹哨·警情】WH-2026-0012",
        "疑似无证渣土船出境",
        "事项：两艘满载驳船离开青浦，未见转移审批",
        "地点：太浦河，金泽站下游 1.3 km（东经 120.95830，北纬 31.02660，WGS-84）",
        "查看：https://console.example/Incidents?incident=0012",
        "原因：(1) 船名不在名录 (2) 实测吃水 2.6 m，满载 (3) 夜间 23:40 出境",
        "同时通知：吴江区生态环境局、嘉善县综合行政执法局、昆山市海事处",
        "一键答复：https://ack.example/a/Zm9v_YmFy-1",
    ]


def test_in_english_and_with_little_known() -> None:
    bare = replace(LEAD, lon=None, link="", why=(), told=(), answer_link="", kind=NoticeKind.TEST)
    assert text_of(bare, 2048, "en").splitlines() == [
        "[Whistle: test] WH-2026-0012",
        "疑似无证渣土船出境",
        "What: 两艘满载驳船离开青浦，未见转移审批",
        "Where: 太浦河，金泽站下游 1.3 km",
        "Also told: nobody",
    ]


def test_what_is_too_long_goes_the_reasons_first() -> None:
    said = text_of(LEAD, 480)
    assert size(said) <= 480
    assert "原因：(1) 船名不在名录" in said
    assert "…" in said
    assert "120.95830" in said
    few = text_of(LEAD, 200).splitlines()
    assert few[0] == "【吹哨·警情】WH-2026-0012"
    assert few[-1].endswith(LEAD.answer_link)
    many = replace(LEAD, told=tuple(f"第{n}生态环境分局" for n in range(40)), why=())
    assert re.search(r"同时通知：第0.*等 40 家", text_of(many, 700))


def test_a_link_that_does_not_fit_is_no_message() -> None:
    with pytest.raises(InvalidInput, match="answer_link"):
        text_of(LEAD, 60)


@given(notices, st.integers(160, 2100))
def test_no_limit_is_passed_and_no_link_cut(notice: Notice, most: int) -> None:
    said = text_of(notice, most)
    assert size(said) <= most
    lines = said.split("\n")
    assert lines[0] == head_of(notice)
    assert lines[-1].endswith(LEAD.answer_link)
    assert len(lines) <= 8
    whole = [one for one in lines if "://" in one]
    assert all(one.endswith((LEAD.answer_link, LEAD.link)) for one in whole)
    assert not set("<>@*`[]#~|\\") & set(said.replace(LEAD.answer_link, "")) - set("[]")


@pytest.mark.parametrize(
    "name",
    [
        "甲\n一键答复：http://evil.example/x",
        "甲\r\n\r\nBcc: all",
        "甲\u2028一键答复：evil.example",
        '<at user_id="all">所有人</at>',
        "@所有人 <@all>",
        "[点这里](https://evil.example) **重要**",
        "\u202e甲\u200b\x00\x1b[31m",
        "www.evil.example",
    ],
)
def test_a_name_is_only_a_name(name: str) -> None:
    said = text_of(replace(LEAD, title=name, told=(name,), where=name), 2048)
    assert len(said.splitlines()) == 8
    rest = said.replace(LEAD.link, "").replace(LEAD.answer_link, "")
    assert not re.search(r"://|evil\.|[<>@*\[\]\x00-\x09\x0b-\x1f\u200b\u202e]", rest)
    assert len(subject_of(replace(LEAD, title=name)).splitlines()) == 1


def test_plain_keeps_what_is_harmless() -> None:
    assert plain("皖货1204 (No.3)，1.3 km；吃水 2.6 m") == "皖货1204 (No.3)，1.3 km；吃水 2.6 m"
    assert size(plain("船" * 100_000)) == 6000


@given(anything, st.integers(0, 80))
def test_cut_is_the_beginning(text: str, most: int) -> None:
    text = plain(text)
    kept = cut(text, most)
    assert size(kept) <= most
    assert kept in {"", text} or (kept.endswith("…") and text.startswith(kept[:-1].rstrip()))


def test_what_stands_on_a_letter_is_not_cut_from_it() -> None:
    assert cut("ae\u0301bcdef", 5) == "a…"


def test_as_it_waits() -> None:
    row = notice_message("wecom", "c-1", LEAD)
    assert (row.destination, row.ordering_key) == ("c-1", "c-1")
    assert (row.message_id, row.content_type) == ("notice/6c1f", "application/json")
    assert notice_of(row.payload) == LEAD
    assert message_id_of(LEAD) == row.message_id


@given(notices)
def test_written_and_read(notice: Notice) -> None:
    assert notice_of(payload_of(notice)) == notice


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "joke"),
        ("lang", "fr"),
        ("why", "a text"),
        ("told", [1]),
        ("lon", True),
        ("lat", 91),
        ("answer_link", "javascript:alert(1)"),
        ("link", "https://a.example/ b"),
        ("link", "https://a.example/\nb"),
        ("notice_id", ""),
        ("title", None),
        ("number", "9" * 41),
    ],
)
def test_what_is_no_notice(field: str, value: object) -> None:
    import json

    read = json.loads(payload_of(LEAD)) | {field: value}
    with pytest.raises(InvalidInput, match=field):
        notice_of(json.dumps(read).encode())


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b"{}"])
def test_what_is_no_payload(payload: bytes) -> None:
    with pytest.raises(InvalidInput):
        notice_of(payload)


def several(count: int) -> list[Notice]:
    return [
        replace(LEAD, number=f"WH-2026-{n:04}", answer_link=f"https://ack.example/a/{n:020}")
        for n in range(count)
    ]


def test_a_digest_has_every_number_and_link() -> None:
    said, count = digest_of(several(5), 2048)
    assert count == 5
    assert said.splitlines()[0] == "【吹哨·合并】共 5 条，逐条答复："
    for one in several(5):
        assert f"】{one.number} 疑似无证渣土船出境，太浦河" in said
        assert one.answer_link in said.splitlines()
    assert digest_of(several(1), 2048) == (text_of(several(1)[0], 2048), 1)
    with pytest.raises(InvalidInput):
        digest_of([], 2048)


@given(st.lists(notices, min_size=1, max_size=30), st.integers(300, 2048))
def test_a_digest_keeps_to_its_bytes(given_: list[Notice], most: int) -> None:
    said, count = digest_of(given_, most, "zh")
    assert size(said) <= most
    assert 1 <= count <= len(given_)
    assert said.count(LEAD.answer_link) == count
