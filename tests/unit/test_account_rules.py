"""Accounts and signing in, the rules: what may be typed, how failures slow down, what is kept."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from hypothesis import given
from hypothesis import strategies as st

from commands import passwords
from domain.accounts import Account, check_password, district_of, login_of, name_of
from domain.actors import EVERYWHERE, Role
from domain.errors import InvalidInput
from domain.sign_in import PATIENCE, Lifetime, Patience, Scope, agent, counted, network

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOSTILE = [
    "",
    " ",
    "a" * 65,
    "a b",
    "a\x00",
    "张三",
    "a'; drop table account; --",
    "-a",
    "<b>",
    "a\n",
]


def test_a_login_is_written_in_one_way() -> None:
    assert login_of(" Zhang.San@Qingpu ") == "zhang.san@qingpu"


@pytest.mark.parametrize("said", [one for one in HOSTILE if one != "a\n"])
def test_no_login(said: str) -> None:
    with pytest.raises(InvalidInput, match="login"):
        login_of(said)


@pytest.mark.parametrize("said", ["", " ", "甲" * 41, "甲\x00乙", "甲\n乙", "\u202e甲"])
def test_no_name(said: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        name_of(said)


@pytest.mark.parametrize("said", ["", "*", "31011", "3101188", "３１０１１８", "31011x"])
def test_no_district(said: str) -> None:
    with pytest.raises(InvalidInput, match="adcode"):
        district_of(said)
    assert (district_of(None), district_of("310118")) == (None, "310118")


@pytest.mark.parametrize(
    "password", ["short", "x" * 201, "aaaaaaaaaaaaaaa", "zhangsan", "zhangsan123"]
)
def test_no_password(password: str) -> None:
    with pytest.raises(InvalidInput, match="password"):
        check_password(password, "zhangsan")


@pytest.mark.parametrize(
    "password", ["青浦的水很清很清澈呢", "correct horse battery", "k3p-p9x-77q-aa"]
)
def test_a_password(password: str) -> None:
    check_password(password, "zhangsan")


@given(st.integers(0, 10_000))
def test_the_wait_grows_and_ends_growing(failures: int) -> None:
    for patience in PATIENCE.values():
        assert patience.wait(failures) <= patience.wait(failures + 1) <= patience.longest
        assert bool(patience.wait(failures)) == (failures > patience.free)


def test_waits() -> None:
    patience = Patience(5, timedelta(minutes=5))
    waits = [patience.wait(n).total_seconds() for n in (5, 6, 7, 8, 14, 15, 10**9)]
    assert waits == [0, 1, 2, 4, 256, 300, 300]
    assert PATIENCE[Scope.LOGIN].longest < PATIENCE[Scope.ADDRESS].longest


def test_a_session_ends_idle_and_at_last() -> None:
    life = Lifetime(timedelta(hours=12), timedelta(days=7))
    end = NOW + life.most
    assert life.lasts(NOW, end, NOW + timedelta(hours=12) - timedelta(seconds=1))
    assert not life.lasts(NOW, end, NOW + timedelta(hours=12))
    assert life.lasts(end - timedelta(hours=1), end, end - timedelta(seconds=1))
    assert not life.lasts(end - timedelta(seconds=1), end, end)


@pytest.mark.parametrize(
    ("address", "of", "by"),
    [
        ("203.0.113.77", "203.0.113.0/24", "203.0.113.77/32"),
        ("2001:db8:1:2:3::9", "2001:db8:1::/48", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24", "203.0.113.77/32"),
        ("", "unknown", "unknown"),
        ("203.0.113.77, 10.0.0.1", "unknown", "unknown"),
    ],
)
def test_what_is_kept_of_an_address(address: str, of: str, by: str) -> None:
    assert (network(address), counted(address)) == (of, by)


@given(st.text())
def test_a_browser_s_name_can_be_shown(said: str) -> None:
    assert len(agent(said)) <= 80
    assert agent(said).isprintable()


def test_an_account_shows_no_hash() -> None:
    account = Account(
        account_id=None,  # type: ignore[arg-type]
        login="jia",
        name="甲",
        role=Role.VIEWER,
        adcode=None,
        password_hash="$argon2id$secret",  # noqa: S106
        oidc_subject=None,
        must_change=False,
        demo=False,
        created_at=NOW,
        disabled_at=None,
    )
    assert "argon2" not in repr(account)
    assert account.reach == EVERYWHERE


async def test_nobody_s_password_costs_what_somebody_s_does() -> None:
    real = await passwords.hashed("correct horse battery")
    assert extract_parameters(passwords._nobodys()) == extract_parameters(real)
    assert extract_parameters(real) == RFC_9106_LOW_MEMORY
    assert await passwords.matches(real, "correct horse battery")
    for known, said in (
        (real, "correct horse batterx"),
        (None, ""),
        ("broken", "x"),
        (real, "\ud800"),
    ):
        assert not await passwords.matches(known, said)


def test_passwords_and_tokens_are_random() -> None:
    made = {passwords.new_password() for _ in range(50)} | {
        passwords.new_token() for _ in range(50)
    }
    assert len(made) == 100
    for password in (passwords.new_password() for _ in range(50)):
        check_password(password, "admin")
        assert len(password) == 24
