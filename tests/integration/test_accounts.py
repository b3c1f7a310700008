"""Accounts over a real store: made, changed, disabled; who may, what is told, what never is."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import asyncpg
import pytest

from commands.add_account import AddAccount, AddedAccount, add_account, add_first_account
from commands.authorise import authorise
from commands.change_account import (
    ChangeRole,
    DisableAccount,
    ResetPassword,
    change_role,
    disable_account,
    reset_password,
)
from commands.issue_display import IssueDisplay, issue_display
from commands.passwords import token_hash
from commands.sign_in import (
    Place,
    SignedIn,
    begin_sign_in,
    change_password,
    finish_sign_in,
    judge,
    sign_in_by_subject,
    sign_in_to_demo,
    sign_out,
)
from db import event
from db.account import account_by_login, accounts
from db.account_session import find_session
from db.sign_in import count_failures, forget_failures
from domain.accounts import LastRegistrar, LoginTaken, UnknownAccount
from domain.actors import Actor, Deed, Forbidden, Role
from domain.errors import InvalidInput
from domain.sign_in import Lifetime, SignInRefused, TooManyAttempts

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
OPERATOR = Actor.system("operator")
DESK = Place("203.0.113.77", "Browser 1")
LIFE = Lifetime()


pytestmark = pytest.mark.usefixtures("cheap")


@pytest.fixture
async def store(pool: asyncpg.Pool):
    async with pool.acquire() as connection:
        yield connection


async def make(
    store: asyncpg.Connection, login: str, role: Role, adcode: str | None = None
) -> AddedAccount:
    command = AddAccount(login, f"{login} 的人", role, NOW, adcode)
    return await add_account(store, OPERATOR, command)


async def actor(store: asyncpg.Connection, login: str) -> Actor:
    account = await account_by_login(store, login)
    assert account is not None
    return account.actor


async def enter(
    store: asyncpg.Connection,
    login: str,
    password: str,
    at: datetime = NOW,
    place: Place = DESK,
) -> SignedIn:
    attempt = await begin_sign_in(store, login, place, at)
    await judge(attempt, password)
    return await finish_sign_in(store, attempt, at, LIFE)


async def test_the_first_account_is_made_once(pool: asyncpg.Pool) -> None:
    async def start() -> AddedAccount | None:
        async with pool.acquire() as connection:
            return await add_first_account(connection, NOW)

    made = [one for one in await asyncio.gather(*(start() for _ in range(3))) if one]
    assert [one.login for one in made] == ["admin"]
    assert made[0].password is not None
    async with pool.acquire() as store:
        (account,) = await accounts(store)
        assert (account.role, account.adcode, account.must_change) == (Role.REGISTRAR, None, True)
        assert (await enter(store, "ADMIN ", made[0].password)).account == account
        assert await add_first_account(store, NOW) is None


async def test_a_registrar_edits_the_accounts_of_the_own_district(store) -> None:
    await make(store, "all", Role.REGISTRAR)
    await make(store, "qp", Role.REGISTRAR, "310118")
    await make(store, "wj", Role.VIEWER, "320509")
    everywhere, bound = await actor(store, "all"), await actor(store, "qp")
    mine = AddAccount("duty", "值班", Role.DUTY_OFFICER, NOW, "310118")
    assert (await add_account(store, bound, mine)).login == "duty"
    for adcode in ("320509", None):
        with pytest.raises(Forbidden):
            await add_account(store, bound, AddAccount("x", "某", Role.VIEWER, NOW, adcode))
        with pytest.raises(Forbidden):
            await change_role(store, bound, ChangeRole("duty", Role.VIEWER, adcode, NOW))
    for login in ("wj", "all"):
        with pytest.raises(Forbidden):
            await disable_account(store, bound, DisableAccount(login, NOW))
        with pytest.raises(Forbidden):
            await reset_password(store, bound, ResetPassword(login, NOW))
        with pytest.raises(Forbidden):
            await change_role(store, bound, ChangeRole(login, Role.VIEWER, "310118", NOW))
    with pytest.raises(Forbidden):
        await change_role(store, bound, ChangeRole("qp", Role.COMMANDER, "310118", NOW))
    assert await change_role(store, everywhere, ChangeRole("wj", Role.CONTROLLER, None, NOW))
    assert not await change_role(store, everywhere, ChangeRole("wj", Role.CONTROLLER, None, NOW))
    for role in set(Role) - {Role.REGISTRAR}:
        await make(store, f"r-{role}".replace("_", "-"), role)
        other = await actor(store, f"r-{role}".replace("_", "-"))
        with pytest.raises(Forbidden):
            await add_account(store, other, AddAccount("x", "某", Role.VIEWER, NOW))
    assert await event.verify_all(store) == {}


async def test_a_deed_asks_the_account_as_it_stands(store) -> None:
    await make(store, "duty", Role.CONTROLLER, "310118")
    taken = await actor(store, "duty")
    await authorise(store, taken, Deed.ALERT_VALIDATE, ["310118"])
    await change_role(store, OPERATOR, ChangeRole("duty", Role.CONTROLLER, "320509", NOW))
    with pytest.raises(Forbidden, match="in 320509"):
        await authorise(store, taken, Deed.ALERT_VALIDATE, ["310118"])
    await change_role(store, OPERATOR, ChangeRole("duty", Role.VIEWER, "310118", NOW))
    with pytest.raises(Forbidden):
        await authorise(store, taken, Deed.ALERT_VALIDATE, ["310118"])
    await change_role(store, OPERATOR, ChangeRole("duty", Role.COMMANDER, None, NOW))
    await authorise(store, taken, Deed.ALERT_VALIDATE, ["310118"])
    await disable_account(store, OPERATOR, DisableAccount("duty", NOW))
    with pytest.raises(Forbidden):
        await authorise(store, taken, Deed.ALERT_VALIDATE, ["310118"])
    for made_up in (Actor("甲", Role.COMMANDER), Actor("甲", Role.COMMANDER, None, uuid4())):
        with pytest.raises(Forbidden):
            await authorise(store, made_up, Deed.ALERT_VALIDATE)
    await authorise(store, OPERATOR, Deed.ALERT_VALIDATE)


async def test_the_last_registrar_stays(store) -> None:
    await make(store, "one", Role.REGISTRAR)
    await make(store, "bound", Role.REGISTRAR, "310118")
    demo = AddAccount("demo-registrar", "演示", Role.REGISTRAR, NOW, demo=True)
    await add_account(store, OPERATOR, demo)
    for attempt in (
        disable_account(store, OPERATOR, DisableAccount("one", NOW)),
        change_role(store, OPERATOR, ChangeRole("one", Role.REGISTRAR, "310118", NOW)),
        change_role(store, OPERATOR, ChangeRole("one", Role.AUDITOR, None, NOW)),
    ):
        with pytest.raises(LastRegistrar):
            await attempt
    await make(store, "two", Role.REGISTRAR)
    assert await disable_account(store, OPERATOR, DisableAccount("one", NOW))
    assert not await disable_account(store, OPERATOR, DisableAccount("one", NOW))
    with pytest.raises(LastRegistrar):
        await disable_account(store, OPERATOR, DisableAccount("two", NOW))
    assert await disable_account(store, OPERATOR, DisableAccount("one", NOW, enable=True))


async def test_what_no_account_may_be(store) -> None:
    await make(store, "duty", Role.VIEWER)
    for command in (
        AddAccount("DUTY", "另一人", Role.VIEWER, NOW),
        AddAccount("other", "duty 的人", Role.VIEWER, NOW),
    ):
        with pytest.raises(LoginTaken):
            await add_account(store, OPERATOR, command)
    with pytest.raises(InvalidInput, match="adcode"):
        await add_account(store, OPERATOR, AddAccount("x", "某", Role.VIEWER, NOW, "*"))
    with pytest.raises(UnknownAccount):
        await reset_password(store, OPERATOR, ResetPassword("'; drop table account; --", NOW))


async def test_in_and_out(store) -> None:
    made = await make(store, "duty", Role.CONTROLLER)
    assert made.password is not None
    inside = await enter(store, "duty", made.password)
    assert inside.expires_at == NOW + LIFE.most
    session = await find_session(store, token_hash(inside.token))
    assert session is not None
    assert session.account.login == "duty"
    assert await find_session(store, token_hash(inside.token + "x")) is None
    assert await sign_out(store, inside.token, inside.account, NOW)
    assert not await sign_out(store, inside.token, inside.account, NOW)
    assert await find_session(store, token_hash(inside.token)) is None


async def test_nobody_gets_in_who_should_not(store) -> None:
    made = await make(store, "duty", Role.CONTROLLER)
    gone = await make(store, "gone", Role.CONTROLLER)
    assert made.password
    assert gone.password
    await disable_account(store, OPERATOR, DisableAccount("gone", NOW))
    subject = AddAccount("sso", "单点", Role.VIEWER, NOW, oidc_subject="idp|7")
    assert (await add_account(store, OPERATOR, subject)).password is None
    wrong = [
        ("duty", made.password + "x"),
        ("duty", ""),
        ("duty", "\x00"),
        ("duty", "\ud800"),
        ("duty", "p" * 10_000),
        ("nobody", made.password),
        ("gone", gone.password),
        ("sso", ""),
        ("d" * 10_000, made.password),
        ("' or 1=1 --", "' or 1=1 --"),
    ]
    for number, (login, password) in enumerate(wrong):
        place = Place(f"198.51.100.{number}")
        with pytest.raises(SignInRefused) as refused:
            await enter(store, login, password, place=place)
        assert str(refused.value) == "login and password do not belong together"
    for login in ("duty", "nobody", "sso"):
        with pytest.raises(SignInRefused):
            await sign_in_to_demo(store, login, DESK, NOW, LIFE)


async def test_who_is_disabled_or_reset_is_out_at_once(store) -> None:
    made = await make(store, "duty", Role.CONTROLLER)
    assert made.password
    first = await enter(store, "duty", made.password)
    again = await reset_password(store, OPERATOR, ResetPassword("duty", NOW))
    assert await find_session(store, token_hash(first.token)) is None
    with pytest.raises(SignInRefused):
        await enter(store, "duty", made.password)
    second = await enter(store, "duty", again.password)
    await disable_account(store, OPERATOR, DisableAccount("duty", NOW))
    assert await find_session(store, token_hash(second.token)) is None
    await disable_account(store, OPERATOR, DisableAccount("duty", NOW, enable=True))
    assert await find_session(store, token_hash(second.token)) is None


async def test_the_account_is_looked_at_again_after_the_password(store) -> None:
    made = await make(store, "duty", Role.CONTROLLER)
    assert made.password
    attempt = await begin_sign_in(store, "duty", DESK, NOW)
    await judge(attempt, made.password)
    await reset_password(store, OPERATOR, ResetPassword("duty", NOW))
    with pytest.raises(SignInRefused):
        await finish_sign_in(store, attempt, NOW, LIFE)


async def test_one_s_own_password(store) -> None:
    made = await make(store, "duty", Role.CONTROLLER)
    assert made.password
    here, there = (
        await enter(store, "duty", made.password),
        await enter(store, "duty", made.password),
    )
    keep = token_hash(here.token)

    async def change(old: str, new: str) -> None:
        attempt = await begin_sign_in(store, "duty", DESK, NOW)
        await change_password(store, attempt, old, new, keep=keep, now=NOW)

    with pytest.raises(SignInRefused):
        await change("wrong", "a new one that will do")
    for poor in ("short", made.password):
        with pytest.raises(InvalidInput, match="password"):
            await change(made.password, poor)
    await change(made.password, "a new one that will do")
    session = await find_session(store, keep)
    assert session is not None
    assert not session.account.must_change
    assert await find_session(store, token_hash(there.token)) is None
    await enter(store, "duty", "a new one that will do")
    with pytest.raises(SignInRefused):
        await enter(store, "duty", made.password)


async def test_by_subject_and_by_one_click(store) -> None:
    sso = AddAccount("sso", "单点", Role.VIEWER, NOW, "310118", oidc_subject="idp|7")
    await add_account(store, OPERATOR, sso)
    inside = await sign_in_by_subject(store, "idp|7", DESK, NOW, LIFE)
    assert (inside.account.login, inside.account.adcode) == ("sso", "310118")
    with pytest.raises(SignInRefused):
        await sign_in_by_subject(store, "idp|8", DESK, NOW, LIFE)
    await disable_account(store, OPERATOR, DisableAccount("sso", NOW))
    with pytest.raises(SignInRefused):
        await sign_in_by_subject(store, "idp|7", DESK, NOW, LIFE)
    demo = AddAccount("demo-viewer", "演示", Role.VIEWER, NOW, demo=True)
    assert (await add_account(store, OPERATOR, demo)).password is None
    assert (await sign_in_to_demo(store, "demo-viewer", DESK, NOW, LIFE)).account.demo


@pytest.mark.parametrize("login", ["duty", "nobody"])
async def test_failures_slow_down_whether_the_login_exists_or_not(store, login: str) -> None:
    made = await make(store, "duty", Role.CONTROLLER)
    places = (Place(f"10.0.0.{number}") for number in count())
    now, waits = NOW, []
    for _ in range(5):
        await begin_sign_in(store, login, next(places), now)
    for _ in range(11):
        await begin_sign_in(store, login, next(places), now)
        with pytest.raises(TooManyAttempts) as refused:
            await begin_sign_in(store, login, next(places), now)
        waits.append(refused.value.wait_s)
        now += timedelta(seconds=waits[-1] - 1)
        with pytest.raises(TooManyAttempts, match="wait 1 s"):
            await begin_sign_in(store, login, next(places), now)
        now += timedelta(seconds=1)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    await begin_sign_in(store, login, next(places), now)
    if login == "duty":
        assert made.password
        with pytest.raises(TooManyAttempts):
            await enter(store, "duty", made.password, now, Place("10.9.9.9"))
        await enter(store, "duty", made.password, now + timedelta(minutes=5), Place("10.9.9.9"))
        for _ in range(5):  # a success forgets them
            await begin_sign_in(store, "duty", Place("10.9.9.8"), now + timedelta(minutes=5))


async def test_an_address_that_tries_many_logins_is_slowed_down_alone(store) -> None:
    made = await make(store, "duty", Role.CONTROLLER)
    assert made.password
    for number in range(21):
        await begin_sign_in(store, f"guess-{number}", DESK, NOW)
    with pytest.raises(TooManyAttempts):
        await enter(store, "duty", made.password, NOW)
    await enter(store, "duty", made.password, NOW, Place("192.0.2.1"))
    await enter(store, "duty", made.password, NOW + timedelta(seconds=1))
    await begin_sign_in(store, "guess-again", DESK, NOW + timedelta(hours=25))


async def test_many_at_once_are_many(pool: asyncpg.Pool) -> None:
    async def attempt() -> bool:
        async with pool.acquire() as connection:
            try:
                await begin_sign_in(connection, "duty", DESK, NOW)
            except TooManyAttempts:
                return False
            return True

    assert sum(await asyncio.gather(*(attempt() for _ in range(30)))) == 6


async def test_whoever_invents_logins_fills_no_table(store) -> None:
    for number in range(30):
        at = NOW + timedelta(seconds=number)
        await begin_sign_in(store, f"guess-{number}", Place(f"10.0.0.{number}"), at)
    assert await count_failures(store) == 60
    await forget_failures(store, NOW - timedelta(days=1), most=10)
    assert await count_failures(store) == 20
    await forget_failures(store, NOW + timedelta(seconds=25), most=10)
    assert await count_failures(store) == 10


async def test_no_secret_stands_in_an_event_a_log_or_the_store(
    store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = await make(store, "duty", Role.CONTROLLER)
    assert made.password
    inside = await enter(store, "duty", made.password)
    with pytest.raises(SignInRefused):
        await enter(store, "duty", "a wrong password")
    new = "a new one that will do"
    keep = token_hash(inside.token)
    attempt = await begin_sign_in(store, "duty", DESK, NOW)
    await change_password(store, attempt, made.password, new, keep=keep, now=NOW)
    again = await reset_password(store, OPERATOR, ResetPassword("duty", NOW))
    wall = await issue_display(store, OPERATOR, IssueDisplay("大屏", NOW))
    secrets = [made.password, inside.token, new, again.password, wall.token, "a wrong password"]
    stored = await store.fetch("select convert_from(payload, 'utf8') as said, actor from event")
    assert len(stored) == 5
    texts = [f"{row['said']} {row['actor']}" for row in stored] + [caplog.text]
    rows = await store.fetch(
        """select t::text as said from account t union all
        select t::text from account_session t union all
        select t::text from sign_in_failure t union all select t::text from display_token t"""
    )
    texts += [row["said"] for row in rows]
    texts += [repr(each) for each in (made, inside, again, wall)]
    assert [secret for secret in secrets for text in texts if secret in text] == []
    assert "$argon2" not in "".join(row["said"] for row in stored)
