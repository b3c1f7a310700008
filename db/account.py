"""Accounts in the store."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from db.catalog import load_queries
from db.pool import Connection
from domain.accounts import Account
from domain.actors import Role

_queries = load_queries("account")
_FIELDS = tuple(field.name for field in fields(Account))


async def lock_accounts(connection: Connection) -> None:
    """Keep other editors of accounts out until the transaction ends."""
    await _queries.lock_accounts(connection)


async def add_account(connection: Connection, account: Account) -> bool:
    """Store a new one; `False` when its login, name or subject is taken."""
    made = await _queries.add_account(
        connection,
        account_id=account.account_id,
        login=account.login,
        name=account.name,
        role=str(account.role),
        adcode=account.adcode,
        password_hash=account.password_hash,
        oidc_subject=account.oidc_subject,
        must_change=account.must_change,
        demo=account.demo,
        at=account.created_at,
    )
    return made is not None


async def change_account(
    connection: Connection,
    account_id: UUID,
    role: Role,
    adcode: str | None,
    disabled_at: datetime | None,
) -> None:
    """Write what an account is from now on."""
    await _queries.change_account(
        connection, account_id=account_id, role=str(role), adcode=adcode, disabled_at=disabled_at
    )


async def set_password(
    connection: Connection, account_id: UUID, password_hash: str, *, must_change: bool
) -> None:
    """Write the hash of another password."""
    await _queries.set_password(
        connection, account_id=account_id, password_hash=password_hash, must_change=must_change
    )


async def account_by_login(connection: Connection, login: str) -> Account | None:
    """Also a disabled one."""
    row = await _queries.by_login(connection, login=login)
    return None if row is None else account_from_row(row)


async def account_by_subject(connection: Connection, subject: str) -> Account | None:
    """The account that somebody signed in elsewhere has here; also a disabled one."""
    row = await _queries.by_subject(connection, subject=subject)
    return None if row is None else account_from_row(row)


async def hold_account(connection: Connection, account_id: UUID) -> Account | None:
    """The account as it stands, held so until the transaction ends; also a disabled one."""
    row = await _queries.by_id(connection, account_id=account_id)
    return None if row is None else account_from_row(row)


async def accounts(connection: Connection) -> list[Account]:
    """All of them by login, disabled ones too."""
    return [account_from_row(row) async for row in _queries.accounts(connection)]


async def any_account(connection: Connection) -> bool:
    """Whether there is one, disabled or not."""
    found: bool = await _queries.any_account(connection)
    return found


async def other_registrars(connection: Connection, account_id: UUID) -> int:
    """How many others may edit accounts everywhere."""
    found: int = await _queries.other_registrars(connection, account_id=account_id)
    return found


def account_from_row(row: Mapping[str, Any]) -> Account:
    """A row with the columns of `account`, others beside them."""
    given = {name: row[name] for name in _FIELDS}
    return Account(**{**given, "role": Role(row["role"])})
