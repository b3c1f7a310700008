"""Tokens of walls over a real store: who issues them, what they are known by, how they end."""

from datetime import UTC, datetime

import asyncpg
import pytest

from commands.add_account import AddAccount, add_account
from commands.issue_display import IssueDisplay, RevokeDisplay, issue_display, revoke_display
from commands.passwords import token_hash
from db.account import accounts
from db.display import displays, find_display
from domain.actors import Actor, Forbidden, Role
from domain.errors import InvalidInput

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


async def registrars(store: asyncpg.Connection) -> tuple[Actor, Actor]:
    """One for all districts, and one that is bound."""
    for login, name, adcode in (("all", "甲", None), ("bound", "乙", "310118")):
        command = AddAccount(login, name, Role.REGISTRAR, NOW, adcode, demo=True)
        await add_account(store, Actor.system("operator"), command)
    first, second = await accounts(store)
    return first.actor, second.actor


async def test_walls(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as store:
        registrar, bound = await registrars(store)
        await see(store, registrar, bound)


async def see(store: asyncpg.Connection, registrar: Actor, bound: Actor) -> None:
    issued = await issue_display(store, registrar, IssueDisplay(" 三楼大屏 ", NOW))
    known = await find_display(store, token_hash(issued.token))
    assert known is not None
    assert (known.screen, known.issued_by) == ("三楼大屏", "甲")
    with pytest.raises(Forbidden):
        await issue_display(store, bound, IssueDisplay("大屏", NOW))
    with pytest.raises(Forbidden):
        await revoke_display(store, bound, RevokeDisplay(issued.display_id, NOW))
    for screen in ("", "x" * 25, "a\x00"):
        with pytest.raises(InvalidInput, match="screen"):
            await issue_display(store, registrar, IssueDisplay(screen, NOW))
    assert await revoke_display(store, registrar, RevokeDisplay(issued.display_id, NOW))
    assert not await revoke_display(store, registrar, RevokeDisplay(issued.display_id, NOW))
    assert await find_display(store, token_hash(issued.token)) is None
    assert [one.revoked_at for one in await displays(store)] == [NOW]
