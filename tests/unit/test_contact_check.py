"""Codes for contacts: one fits once, in time, for its address; guesses and repeats are slowed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.contact_check import LASTS, TRIES_MOST, TooSoon, new_check, tried
from domain.contacts import Contact, ContactKind

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
PHONE = Contact("c-1", "ks-env", "o-1", ContactKind.SMS, "10000000001")


def test_the_code_fits_in_time_and_for_its_address() -> None:
    check, code = new_check(PHONE, None, NOW)
    assert len(code) == 6
    assert code.isdecimal()
    assert code.encode() not in check.code_hash + check.salt
    assert check.fits(PHONE, code, NOW)
    assert check.fits(PHONE, f" {code[:3]} {code[3:]}\n", NOW + LASTS - timedelta(seconds=1))
    assert not check.fits(PHONE, code, NOW + LASTS)
    for moved in (replace(PHONE, address="10000000002"), replace(PHONE, kind=ContactKind.WECOM)):
        assert not check.fits(moved, code, NOW)


def test_after_five_wrong_answers_the_right_one_counts_no_more() -> None:
    check, code = new_check(PHONE, None, NOW)
    for _ in range(TRIES_MOST):
        assert check.fits(PHONE, code, NOW)
        check = tried(check)
    assert not check.fits(PHONE, code, NOW)


@settings(max_examples=20)
@given(st.text(max_size=8))
def test_no_other_text_fits(said: str) -> None:
    check, code = new_check(PHONE, None, NOW)
    assert check.fits(PHONE, said, NOW) == ("".join(said.split()) == code)


def test_codes_follow_each_other_more_slowly_and_a_day_forgets() -> None:
    check, _ = new_check(PHONE, None, NOW)
    waits = []
    for _ in range(9):
        at, wait = check.sent_at, timedelta(0)
        while True:
            try:
                check, _ = new_check(PHONE, check, at + wait)
                break
            except TooSoon:
                wait += timedelta(minutes=1)
        waits.append(int(wait.total_seconds()) // 60)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    check, _ = new_check(PHONE, check, check.sent_at + timedelta(days=1))
    assert check.sends == 1
    with pytest.raises(TooSoon, match="in 60 s"):
        new_check(PHONE, check, check.sent_at)
