"""`whistle store`: whether the database is whole."""

import sys
from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl
from ops.cli.tables import print_json

store = typer.Typer(help="The database as a whole.", no_args_is_help=True)

_STATEMENT_S = 86_400.0


@store.callback()
def group() -> None:
    """The database as a whole."""


@store.command()
def verify(
    content: Annotated[
        bool, typer.Option("--content", help="Also rows and a digest of every table: reads all.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Check migrations, triggers, indexes and counters, as after a restore; JSON on stdout.

    Two stores whose --content agree hold the same. Exit code 1 when something is wrong.
    """
    import asyncio
    from dataclasses import asdict

    from db.inspection import contents, faults, state
    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)

    async def run() -> list[str]:
        connection = await connect(
            url, application="whistle store", statement_timeout_s=_STATEMENT_S
        )
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                found = await faults(connection)
                if not found:
                    for told in await state(connection):
                        print_json(told)
                if content and not found:
                    async for table in contents(connection):
                        print_json(asdict(table))
            return found
        finally:
            await connection.close()

    found = asyncio.run(run())
    for fault in found:
        print_json({"fault": fault})
    sys.stderr.write(f"{len(found)} faults\n" if found else "the store is whole\n")
    if found:
        raise typer.Exit(1)
