"""Somebody signs in, changes the password, signs out.

In three steps, so that no connection waits while the password is checked: the attempt is counted
before it is judged (many at once are many), the hash is compared, the session is opened.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Final

from commands.passwords import hashed, matches, new_token, token_hash
from db import event
from db.account import (
    account_by_login,
    account_by_subject,
    hold_account,
    lock_accounts,
    set_password,
)
from db.account_session import drop_sessions, end_session, end_sessions, open_session
from db.errors import mapped_errors
from db.pool import Connection
from db.sign_in import Failures, drop_failures, forget_failures, give_back, lock_failures
from db.sign_in import put_failures as store_failures
from domain.accounts import PASSWORD_MOST, Account, check_password, is_login
from domain.errors import InvalidInput
from domain.events import NewEvent
from domain.sign_in import (
    FORGET,
    PATIENCE,
    Lifetime,
    Scope,
    SignInRefused,
    TooManyAttempts,
    agent,
    counted,
    key_hash,
    network,
)

LOGIN_MOST: Final = 64
_SWEEP_ONE_IN: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """From where somebody signs in: address and the browser's name of itself, as they came."""

    address: str
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One that was counted. `account`: whose login it is; `None`: nobody's, or not to be used."""

    login: str
    account: Account | None
    place: Place


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` in the clear, for the cookie; the store knows its hash."""

    account: Account
    token: str = field(repr=False)
    expires_at: datetime


async def begin_sign_in(connection: Connection, login: str, place: Place, now: datetime) -> Attempt:
    """Count the attempt as a failure, for now. Raises `TooManyAttempts`.

    The same for a login that nobody has: what a stranger learns is nothing.
    """
    login = login.strip().lower()[: LOGIN_MOST + 1]
    keys = [
        (Scope.LOGIN, key_hash(login)),
        (Scope.ADDRESS, key_hash(counted(place.address))),
    ]
    wait_s = 0
    async with mapped_errors(), connection.transaction():
        if secrets.randbelow(_SWEEP_ONE_IN) == 0:
            await forget_failures(connection, now - FORGET)
        for key, before in (await lock_failures(connection, keys, now)).items():
            if before.blocked_until > now:
                wait_s = max(wait_s, ceil((before.blocked_until - now).total_seconds()))
                continue
            failures = 1 + (before.failures if now - before.last_at < FORGET else 0)
            until = now + PATIENCE[key[0]].wait(failures)
            await store_failures(connection, key, Failures(failures, now, until))
        if wait_s:
            raise TooManyAttempts(wait_s)
        found = await account_by_login(connection, login) if is_login(login) else None
    usable = found is not None and found.disabled_at is None and found.password_hash is not None
    return Attempt(login, found if usable else None, place)


async def judge(attempt: Attempt, password: str) -> Account:
    """The account, if it is its password; as long if there is none. Raises `SignInRefused`."""
    known = None if attempt.account is None else attempt.account.password_hash
    right = await matches(known, password[: PASSWORD_MOST + 1])
    if not right or attempt.account is None:
        raise SignInRefused("login and password do not belong together")
    return attempt.account


async def finish_sign_in(
    connection: Connection, attempt: Attempt, now: datetime, lifetime: Lifetime
) -> SignedIn:
    """Open the session in one transaction with its event. Raises `SignInRefused`.

    Call it with what `judge` let pass; the account is looked at again.
    """
    known = attempt.account
    async with mapped_errors(), connection.transaction():
        account = None if known is None else await hold_account(connection, known.account_id)
        if known is None or account is None or account.password_hash != known.password_hash:
            raise SignInRefused("the account was changed meanwhile")
        await _forgive(connection, attempt)
        return await _open(
            connection, account, "password", place=attempt.place, now=now, lifetime=lifetime
        )


async def sign_in_by_subject(
    connection: Connection, subject: str, place: Place, now: datetime, lifetime: Lifetime
) -> SignedIn:
    """Who was signed in elsewhere (OIDC `sub`), by the account made for that; `SignInRefused`."""
    async with mapped_errors(), connection.transaction():
        account = await account_by_subject(connection, subject)
        if account is None:
            raise SignInRefused("no account here has this subject")
        return await _open(connection, account, "oidc", place=place, now=now, lifetime=lifetime)


async def sign_in_to_demo(
    connection: Connection, login: str, place: Place, now: datetime, lifetime: Lifetime
) -> SignedIn:
    """By one click, as an account that was made for a demo; `SignInRefused` for any other."""
    async with mapped_errors(), connection.transaction():
        account = await account_by_login(connection, login) if is_login(login) else None
        if account is None or not account.demo:
            raise SignInRefused("no account of a demo")
        return await _open(connection, account, "demo", place=place, now=now, lifetime=lifetime)


async def change_password(
    connection: Connection, attempt: Attempt, old: str, new: str, *, keep: bytes, now: datetime
) -> None:
    """One's own, in one transaction with its event; the sessions but `keep` (a hash) end.

    `attempt` as for signing in: who finds a page open is slowed down, too. Raises `SignInRefused`
    for a wrong old one, `InvalidInput` for a new one that will not do.
    """
    account = await judge(attempt, old)
    check_password(new, account.login)
    if new == old:
        raise InvalidInput("password", "expected another one")
    made = await hashed(new)
    async with mapped_errors(), connection.transaction():
        await lock_accounts(connection)  # before the row: it is to be written
        known = await hold_account(connection, account.account_id)
        if known is None or known.disabled_at or known.password_hash != account.password_hash:
            raise SignInRefused("the account was changed meanwhile")
        await set_password(connection, account.account_id, made, must_change=False)
        await _forgive(connection, attempt)
        ended = await end_sessions(connection, account.account_id, now, keep)
        payload: dict[str, object] = {"sessions_ended": ended}
        await event.append(connection, [_event(account, "password_changed", now, payload)])


async def sign_out(connection: Connection, token: str, account: Account, now: datetime) -> bool:
    """End the session in one transaction with its event; `False`: it had ended."""
    async with mapped_errors(), connection.transaction():
        if await end_session(connection, token_hash(token), now) is None:
            return False
        await event.append(connection, [_event(account, "signed_out", now, {})])
    return True


async def _forgive(connection: Connection, attempt: Attempt) -> None:
    """It was no failure after all."""
    await drop_failures(connection, (Scope.LOGIN, key_hash(attempt.login)))
    await give_back(connection, (Scope.ADDRESS, key_hash(counted(attempt.place.address))))


async def _open(
    connection: Connection,
    account: Account,
    how: str,
    *,
    place: Place,
    now: datetime,
    lifetime: Lifetime,
) -> SignedIn:
    if account.disabled_at is not None:
        raise SignInRefused("the account is disabled")
    token, expires_at = new_token(), now + lifetime.most
    await drop_sessions(connection, now - lifetime.most)
    where = network(place.address)
    await open_session(
        connection,
        token_hash(token),
        account.account_id,
        at=now,
        expires_at=expires_at,
        address=where,
        user_agent=agent(place.user_agent),
    )
    await event.append(connection, [_event(account, "signed_in", now, {"how": how, "from": where})])
    return SignedIn(account, token, expires_at)


def _event(account: Account, what: str, at: datetime, payload: dict[str, object]) -> NewEvent:
    return NewEvent(
        stream_kind="account",
        stream_id=str(account.account_id),
        kind=f"account.{what}",
        actor=account.name,
        occurred_at=at,
        payload=payload,
    )
