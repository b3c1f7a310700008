"""Accounts of the demo: one per role, let in by one click, and the first real one."""

from datetime import datetime
from typing import Final

from commands.add_account import AddAccount, AddedAccount, add_account, add_first_account
from db.account import accounts
from db.pool import Connection
from domain.actors import Actor, Role

_ACTOR: Final = Actor.system("demo")
_PEOPLE: Final = {
    Role.VIEWER: "演示·查看",
    Role.DUTY_OFFICER: "演示·值班员",
    Role.CONTROLLER: "演示·指挥调度员",
    Role.COMMANDER: "演示·指挥长",
    Role.REGISTRAR: "演示·名录管理员",
    Role.AUDITOR: "演示·审计员",
}


async def load_accounts(connection: Connection, at: datetime) -> AddedAccount | None:
    """Make those that are missing; the first one where there was none, with its password."""
    first = await add_first_account(connection, at)
    known = {one.login for one in await accounts(connection)}
    for role, name in _PEOPLE.items():
        login = f"demo-{role}".replace("_", "-")
        if login not in known:
            await add_account(connection, _ACTOR, AddAccount(login, name, role, at, demo=True))
    return first
