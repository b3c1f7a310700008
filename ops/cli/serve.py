"""`whistle serve`: the console."""

from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Serve the console until stopped; it also starts, and says so, while the database is away."""
    from dashboard.server import run
    from dashboard.settings import ConsoleSettings
    from ops.settings import RunSettings
    from streams.lifecycle import log_to_stderr

    log_to_stderr()
    settings, at = ConsoleSettings(), RunSettings()
    if database_url:
        settings = settings.model_copy(update={"database_url": database_url})
    run(settings, host or at.console_host, port or at.console_port)
