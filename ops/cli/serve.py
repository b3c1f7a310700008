"""`whistle serve`: the console."""

from typing import Annotated

import typer


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; else WHISTLE_CONSOLE_HOST.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; else WHISTLE_CONSOLE_PORT.")
    ] = None,
    database_url: Annotated[
        str | None, typer.Option("--database-url", help="PostgreSQL to show; else DATABASE_URL.")
    ] = None,
) -> None:
    """Serve the console until stopped."""
    from dashboard.server import run
    from dashboard.settings import ConsoleSettings

    given = {"host": host, "port": port, "database_url": database_url}
    run(ConsoleSettings().model_copy(update={k: v for k, v in given.items() if v is not None}))
