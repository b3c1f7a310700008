"""A new account; its password is made here, told once, and has to be changed."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from commands.authorise import authorise
from commands.passwords import hashed, new_password
from db import event
from db.account import add_account as store_account
from db.account import any_account, lock_accounts
from db.errors import mapped_errors
from db.pool import Connection
from domain.accounts import Account, LoginTaken, district_of, login_of, name_of
from domain.actors import EVERYWHERE, Actor, Deed, Role
from domain.errors import InvalidInput
from domain.events import NewEvent

FIRST_LOGIN: Final = "admin"
_SUBJECT_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class AddAccount:
    """`adcode`: the district that it is bound to, `None`: all.

    `oidc_subject`: who it is where people of this house sign in; such an account has no password.
    `demo`: one click lets in, no password, where the console runs as a demo.
    """

    login: str
    name: str
    role: Role
    at: datetime
    adcode: str | None = None
    oidc_subject: str | None = None
    demo: bool = False


@dataclass(frozen=True, slots=True)
class AddedAccount:
    """`password` in the clear: show it once, it cannot be found again; `None`: there is none."""

    account_id: UUID
    login: str
    password: str | None = field(repr=False)


async def add_account(connection: Connection, actor: Actor, command: AddAccount) -> AddedAccount:
    """Make it in one transaction with its event.

    Raises `InvalidInput` naming the field, `LoginTaken`, `Forbidden`.
    """
    account, password = await _made(command)
    async with mapped_errors(), connection.transaction():
        await lock_accounts(connection)
        await authorise(connection, actor, Deed.ACCOUNT_EDIT, [command.adcode or EVERYWHERE])
        await _store(connection, actor, account)
    return AddedAccount(account.account_id, account.login, password)


async def add_first_account(connection: Connection, at: datetime) -> AddedAccount | None:
    """Make `admin`, a registrar for all districts, where there is no account yet; else `None`.

    No installation has a password that another one has, and several processes make one account.
    """
    async with mapped_errors():
        if await any_account(connection):
            return None
    command = AddAccount(FIRST_LOGIN, FIRST_LOGIN, Role.REGISTRAR, at)
    account, password = await _made(command)
    async with mapped_errors(), connection.transaction():
        await lock_accounts(connection)
        if await any_account(connection):
            return None
        await _store(connection, Actor.system("first start"), account)
    return AddedAccount(account.account_id, account.login, password)


async def _made(command: AddAccount) -> tuple[Account, str | None]:
    subject = command.oidc_subject
    if subject is not None and not (0 < len(subject) <= _SUBJECT_MOST and subject.isprintable()):
        raise InvalidInput("oidc_subject", f"expected 1 to {_SUBJECT_MOST} characters")
    account = Account(
        account_id=uuid4(),
        login=login_of(command.login),
        name=name_of(command.name),
        role=command.role,
        adcode=district_of(command.adcode),
        password_hash=None,
        oidc_subject=subject,
        must_change=False,
        demo=command.demo,
        created_at=command.at,
        disabled_at=None,
    )
    if subject is not None or command.demo:
        return account, None
    password = new_password()
    return replace(account, password_hash=await hashed(password), must_change=True), password


async def _store(connection: Connection, actor: Actor, account: Account) -> None:
    if not await store_account(connection, account):
        raise LoginTaken(f"another account has the login {account.login}, the name, or the subject")
    payload: dict[str, Any] = {
        "login": account.login,
        "name": account.name,
        "role": str(account.role),
        "adcode": account.adcode,
    }
    if account.oidc_subject is not None:
        payload["oidc_subject"] = account.oidc_subject
    if account.demo:
        payload["demo"] = True
    await event.append(
        connection,
        [
            NewEvent(
                stream_kind="account",
                stream_id=str(account.account_id),
                kind="account.added",
                actor=actor.name,
                occurred_at=account.created_at,
                payload=payload,
            )
        ],
    )
