"""`whistle displays`: the tokens of walls, which only look."""

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from ops.cli.migrate import DatabaseUrl

if TYPE_CHECKING:
    from db.pool import Connection

displays = typer.Typer(help="Tokens of walls: read-only, one per screen.", no_args_is_help=True)


@displays.command("list")
def list_(database_url: DatabaseUrl = None) -> None:
    """Every token that was issued, a JSON object each, revoked ones too."""
    from db.display import displays as read_displays

    async def work(connection: "Connection") -> None:
        for one in await read_displays(connection):
            _print(
                {
                    "display_id": str(one.display_id),
                    "screen": one.screen,
                    "issued_by": one.issued_by,
                    "issued_at": one.issued_at.isoformat(),
                    "last_seen_at": one.last_seen_at.isoformat() if one.last_seen_at else None,
                    "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
                }
            )

    _run(database_url, work)


@displays.command()
def issue(
    screen: Annotated[str, typer.Argument(help="what the wall calls itself, for all to read")],
    database_url: DatabaseUrl = None,
) -> None:
    """Issue a token and print it: it is shown once. Type it in at /display on that screen."""
    from commands.issue_display import IssueDisplay, issue_display
    from domain.actors import Actor
    from domain.clock import utc_now

    async def work(connection: "Connection") -> None:
        command = IssueDisplay(screen, utc_now())
        made = await issue_display(connection, Actor.system("operator"), command)
        _print({"display_id": str(made.display_id), "screen": made.screen, "token": made.token})

    _run(database_url, work)


@displays.command()
def revoke(
    display_id: Annotated[UUID, typer.Argument(help="as `whistle displays list` tells it")],
    database_url: DatabaseUrl = None,
) -> None:
    """Take a token back; the screen goes dark within seconds."""
    from commands.issue_display import RevokeDisplay, revoke_display
    from domain.actors import Actor
    from domain.clock import utc_now

    async def work(connection: "Connection") -> None:
        command = RevokeDisplay(display_id, utc_now())
        revoked = await revoke_display(connection, Actor.system("operator"), command)
        _print({"display_id": str(display_id), "revoked": revoked})

    _run(database_url, work)


def _run(database_url: str | None, work: "Callable[[Connection], Awaitable[None]]") -> None:
    import asyncio

    from db.errors import mapped_errors
    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)

    async def run() -> None:
        connection = await connect(url, application="whistle displays")
        try:
            async with mapped_errors():
                await work(connection)
        finally:
            await connection.close()

    asyncio.run(run())


def _print(said: dict[str, Any]) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(said).decode() + "\n")
