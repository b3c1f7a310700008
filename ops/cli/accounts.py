"""`whistle accounts`: who may sign in, and as what."""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.actors import Role
from ops.cli.migrate import DatabaseUrl

if TYPE_CHECKING:
    from db.pool import Connection
    from domain.accounts import Account

accounts = typer.Typer(help="Who may sign in, and as what (docs/roles.md).", no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="what is typed to sign in: a-z, 0-9, . _ @ -")]
RoleOption = Annotated[Role, typer.Option("--role", help="what the account may do")]
District = Annotated[
    str | None, typer.Option("--district", help="adcode that it is bound to; otherwise all")
]


@accounts.command("list")
def list_(database_url: DatabaseUrl = None) -> None:
    """Every account, a JSON object each; no password and no hash."""
    from db.account import accounts as read_accounts

    async def work(connection: "Connection") -> None:
        for one in await read_accounts(connection):
            _print(_told(one))

    _run(database_url, work)


@accounts.command()
def add(
    login: Login,
    name: Annotated[str, typer.Argument(help="what screens and events call the person")],
    role: RoleOption,
    district: District = None,
    subject: Annotated[
        str | None, typer.Option("--oidc-subject", help="the person's `sub`; then no password")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an account and print its password: it is shown once and has to be changed."""
    from commands.add_account import AddAccount, add_account
    from domain.actors import Actor
    from domain.clock import utc_now

    async def work(connection: "Connection") -> None:
        command = AddAccount(login, name, role, utc_now(), district, subject)
        made = await add_account(connection, Actor.system("operator"), command)
        _print({"login": made.login, "password": made.password})

    _run(database_url, work)


@accounts.command()
def role(
    login: Login,
    role: RoleOption,
    district: District = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Give an account another role, and the district that it is bound to; from the next deed on."""
    from commands.change_account import ChangeRole, change_role
    from domain.actors import Actor
    from domain.clock import utc_now

    async def work(connection: "Connection") -> None:
        command = ChangeRole(login, role, district, utc_now())
        changed = await change_role(connection, Actor.system("operator"), command)
        _print({"login": login, "changed": changed})

    _run(database_url, work)


@accounts.command()
def disable(
    login: Login,
    enable: Annotated[bool, typer.Option("--enable", help="let it in again")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Let nobody in by this account, and end what it is signed in to."""
    from commands.change_account import DisableAccount, disable_account
    from domain.actors import Actor
    from domain.clock import utc_now

    async def work(connection: "Connection") -> None:
        command = DisableAccount(login, utc_now(), enable)
        changed = await disable_account(connection, Actor.system("operator"), command)
        _print({"login": login, "changed": changed})

    _run(database_url, work)


@accounts.command()
def reset(login: Login, database_url: DatabaseUrl = None) -> None:
    """Make a new password and print it: it is shown once and has to be changed."""
    from commands.change_account import ResetPassword, reset_password
    from domain.actors import Actor
    from domain.clock import utc_now

    async def work(connection: "Connection") -> None:
        command = ResetPassword(login, utc_now())
        made = await reset_password(connection, Actor.system("operator"), command)
        _print({"login": made.login, "password": made.password})

    _run(database_url, work)


def _run(database_url: str | None, work: "Callable[[Connection], Awaitable[None]]") -> None:
    import asyncio

    from db.errors import mapped_errors
    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)

    async def run() -> None:
        connection = await connect(url, application="whistle accounts")
        try:
            async with mapped_errors():
                await work(connection)
        finally:
            await connection.close()

    asyncio.run(run())


def _told(one: "Account") -> dict[str, Any]:
    if one.demo:
        by = "one click"
    elif one.oidc_subject is not None:
        by = "oidc"
    else:
        by = "password"
    return {
        "login": one.login,
        "name": one.name,
        "role": str(one.role),
        "adcode": one.adcode,
        "signs_in_by": by,
        "must_change": one.must_change,
        "created_at": one.created_at.isoformat(),
        "disabled_at": one.disabled_at.isoformat() if one.disabled_at else None,
    }


def _print(said: dict[str, Any]) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(said).decode() + "\n")
