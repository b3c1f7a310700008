"""One-tap links: read by whoever has the key, refused in one way for everything else."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answer_links import AnswerLink, LinkRefused, SignedLinks, read_link, signed

KEY = bytes(range(32))
NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)
LINK = AnswerLink(UUID(int=7), NOW + timedelta(hours=12), 3)
TOKEN = signed(KEY, LINK)


def test_what_is_signed_is_read() -> None:
    assert read_link(KEY, TOKEN, NOW) == LINK
    assert len(TOKEN) == 52
    assert TOKEN.replace("-", "").replace("_", "").isalnum()


def refusal(key: bytes, token: str, now: datetime = NOW) -> str:
    with pytest.raises(LinkRefused) as refused:
        read_link(key, token, now)
    return str(refused.value)


def test_all_refusals_are_one() -> None:
    other = signed(bytes(32), LINK)
    words = {
        refusal(KEY, other),
        refusal(KEY, TOKEN, LINK.until),
        refusal(KEY, ""),
        refusal(KEY, "吹哨" * 26),
        refusal(KEY, "../../etc/passwd"),
        refusal(KEY, TOKEN[:-4]),
        refusal(KEY, TOKEN + "AAAA"),
        refusal(KEY, TOKEN + "="),
        refusal(KEY, TOKEN + "\n"),
        refusal(KEY, TOKEN.lower()),
    }
    assert len(words) == 1


def test_every_changed_sign_is_found() -> None:
    for place, sign in enumerate(TOKEN):
        for other in {"A", "B", "z", "0", "-"} - {sign}:
            refusal(KEY, TOKEN[:place] + other + TOKEN[place + 1 :])


def test_a_weak_key_and_a_number_that_is_none() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        signed(b"short", LINK)
    for number in (0, 2**16):
        with pytest.raises(ValueError, match="from 1"):
            signed(KEY, AnswerLink(LINK.call_id, LINK.until, number))


@given(st.uuids(), st.integers(1, 2**16 - 1), st.integers(1, 10**9))
def test_every_link_comes_back(call_id: UUID, number: int, seconds: int) -> None:
    link = AnswerLink(call_id, NOW + timedelta(seconds=seconds), number)
    assert read_link(KEY, signed(KEY, link), NOW) == link


@given(st.text(max_size=80))
def test_nothing_else_is_a_link(token: str) -> None:
    refusal(KEY, token)


def test_where_messages_lead() -> None:
    links = SignedLinks("https://console.example", "https://tap.example", KEY)
    assert links.incident(UUID(int=1)).startswith("https://console.example/?incident=0000")
    base, _, token = links.answer(LINK.call_id, 3, LINK.until).rpartition("/")
    assert (base, token) == ("https://tap.example/a", TOKEN)
    assert repr(KEY) not in repr(links)


def test_what_nobody_can_reach_is_not_offered() -> None:
    assert SignedLinks("", "https://tap.example").answer(LINK.call_id, 1, NOW) == ""
    assert SignedLinks("", "", KEY).answer(LINK.call_id, 1, NOW) == ""
    assert SignedLinks("", "", KEY).incident(UUID(int=1)) == ""
