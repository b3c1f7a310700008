"""An account gets another role or district, is disabled or let in again, or a new password."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from commands.authorise import authorise
from commands.passwords import hashed, new_password
from db import event
from db.account import (
    account_by_login,
    change_account,
    lock_accounts,
    other_registrars,
    set_password,
)
from db.account_session import end_sessions
from db.errors import mapped_errors
from db.pool import Connection
from domain.accounts import Account, LastRegistrar, UnknownAccount, district_of, is_login
from domain.actors import EVERYWHERE, Actor, Deed, Forbidden, Role
from domain.errors import InvalidInput
from domain.events import NewEvent


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """What the account is from now on, and the district that it is bound to, `None`: all."""

    login: str
    role: Role
    adcode: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class DisableAccount:
    """Nobody signs in by it any more, and who is signed in is out; `enable`: the other way."""

    login: str
    at: datetime
    enable: bool = False


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """A new password at random, which has to be changed; who is signed in is out."""

    login: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NewPassword:
    """In the clear: show it once, it cannot be found again."""

    login: str
    password: str = field(repr=False)


async def change_role(connection: Connection, actor: Actor, command: ChangeRole) -> bool:
    """Change it in one transaction with its event; `False`: it was so already.

    It counts from the next deed on, also of who is signed in. Raises `UnknownAccount`,
    `LastRegistrar`, `InvalidInput`, `Forbidden` (also for one's own account).
    """
    adcode = district_of(command.adcode)
    async with mapped_errors(), connection.transaction():
        account = await _to_edit(connection, actor, command.login)
        await authorise(connection, actor, Deed.ACCOUNT_EDIT, [adcode or EVERYWHERE])
        if actor.account_id == account.account_id:
            raise Forbidden(Deed.ACCOUNT_EDIT)
        if (command.role, adcode) == (account.role, account.adcode):
            return False
        if (command.role, adcode) != (Role.REGISTRAR, None):
            await _keep_a_registrar(connection, account)
        await change_account(
            connection, account.account_id, command.role, adcode, account.disabled_at
        )
        changes: dict[str, list[str | None]] = {
            "role": [str(account.role), str(command.role)],
            "adcode": [account.adcode, adcode],
        }
        changed = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        await _tell(
            connection, actor, account, "role_changed", at=command.at, payload={"changes": changed}
        )
    return True


async def disable_account(connection: Connection, actor: Actor, command: DisableAccount) -> bool:
    """Disable or enable it in one transaction with its event; `False`: it was so already.

    Raises `UnknownAccount`, `LastRegistrar`, `Forbidden`.
    """
    async with mapped_errors(), connection.transaction():
        account = await _to_edit(connection, actor, command.login)
        if command.enable == (account.disabled_at is None):
            return False
        if not command.enable:
            await _keep_a_registrar(connection, account)
            await end_sessions(connection, account.account_id, command.at)
        await change_account(
            connection,
            account.account_id,
            account.role,
            account.adcode,
            None if command.enable else command.at,
        )
        kind = "enabled" if command.enable else "disabled"
        await _tell(connection, actor, account, kind, at=command.at, payload={})
    return True


async def reset_password(
    connection: Connection, actor: Actor, command: ResetPassword
) -> NewPassword:
    """Make a new one in one transaction with its event, which does not hold it.

    Raises `UnknownAccount`, `Forbidden`; `InvalidInput` where the account has none.
    """
    password = new_password()
    password_hash = await hashed(password)
    async with mapped_errors(), connection.transaction():
        account = await _to_edit(connection, actor, command.login)
        if account.password_hash is None:
            raise InvalidInput("login", "expected an account with a password")
        await set_password(connection, account.account_id, password_hash, must_change=True)
        await end_sessions(connection, account.account_id, command.at)
        await _tell(connection, actor, account, "password_reset", at=command.at, payload={})
    return NewPassword(account.login, password)


async def _to_edit(connection: Connection, actor: Actor, login: str) -> Account:
    await lock_accounts(connection)  # before any row: two who edit each other wait here
    await authorise(connection, actor, Deed.ACCOUNT_EDIT)
    written = login.strip().lower()
    account = await account_by_login(connection, written) if is_login(written) else None
    if account is None:
        raise UnknownAccount(f"no account has the login {login!r:.70}")
    await authorise(connection, actor, Deed.ACCOUNT_EDIT, [account.reach])
    return account


async def _keep_a_registrar(connection: Connection, account: Account) -> None:
    is_one = (account.role, account.adcode, account.disabled_at) == (Role.REGISTRAR, None, None)
    if is_one and not account.demo and not await other_registrars(connection, account.account_id):
        raise LastRegistrar(f"{account.login} is the last registrar for all districts")


async def _tell(
    connection: Connection,
    actor: Actor,
    account: Account,
    what: str,
    *,
    at: datetime,
    payload: Mapping[str, Any],
) -> None:
    await event.append(
        connection,
        [
            NewEvent(
                stream_kind="account",
                stream_id=str(account.account_id),
                kind=f"account.{what}",
                actor=actor.name,
                occurred_at=at,
                payload=payload,
            )
        ],
    )
