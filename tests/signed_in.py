"""Somebody signed in, made straight in a store: for tests whose matter is behind the gate."""

from datetime import UTC, datetime
from uuid import uuid4

import asyncpg

from commands.add_account import AddAccount, add_account
from commands.issue_display import IssueDisplay, issue_display
from commands.sign_in import Place, sign_in_to_demo
from domain.actors import Actor, Role
from domain.sign_in import Lifetime

_OPERATOR = Actor.system("test")


async def cookie_of(
    store: asyncpg.Connection,
    role: Role = Role.CONTROLLER,
    adcode: str | None = None,
    name: str | None = None,
    at: datetime | None = None,
) -> str:
    """The value of `whistle_session` of a new account; no password is hashed for it."""
    now = at or datetime.now(UTC)
    login = f"t-{uuid4().hex[:12]}"
    command = AddAccount(login, name or login, role, now, adcode, demo=True)
    await add_account(store, _OPERATOR, command)
    made = await sign_in_to_demo(store, login, Place("127.0.0.1", "test"), now, Lifetime())
    return made.token


async def wall_cookie(
    store: asyncpg.Connection, screen: str = "A", at: datetime | None = None
) -> str:
    """The value of `whistle_display` of a new wall."""
    command = IssueDisplay(screen, at or datetime.now(UTC))
    return (await issue_display(store, _OPERATOR, command)).token
