"""`whistle events`: whether anybody changed what was recorded."""

import sys

import typer

from ops.cli.migrate import DatabaseUrl
from ops.cli.tables import print_json

events = typer.Typer(help="The chain of events: who did and knew what.", no_args_is_help=True)

_STATEMENT_S = 7200.0  # the server sorts all events before it gives the first


@events.callback()
def group() -> None:
    """The chain of events: who did and knew what."""


@events.command()
def verify(database_url: DatabaseUrl = None) -> None:
    """Recompute the chain of every aggregate; each broken one is a JSON object on stdout.

    Exit code 1 when a chain is broken.
    """
    import asyncio

    from db.errors import mapped_errors
    from db.event import verify_each
    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)
    broken = 0

    def tell(stream_kind: str, stream_id: str, faults: list[str]) -> None:
        nonlocal broken
        broken += 1
        print_json({"stream_kind": stream_kind, "stream_id": stream_id, "faults": faults})

    async def run() -> tuple[int, int]:
        connection = await connect(
            url, application="whistle events", statement_timeout_s=_STATEMENT_S
        )
        try:
            async with mapped_errors():
                return await verify_each(connection, tell)
        finally:
            await connection.close()

    chains, found = asyncio.run(run())
    said = f"{broken} of them broken" if broken else "all hold"
    sys.stderr.write(f"{found} events in {chains} chains: {said}\n")
    if broken:
        raise typer.Exit(1)
