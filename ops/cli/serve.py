"""`whistle serve`: the console, or the one-tap page alone."""

from enum import StrEnum
from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl


class Only(StrEnum):
    """What can be served by itself."""

    ACK = "ack"


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
    only: Annotated[
        Only | None, typer.Option(help="ack: the one-tap page alone, for a DMZ; no console.")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Serve the console until stopped; it also starts, and says so, while the database is away."""
    from dashboard.settings import ConsoleSettings
    from ops.settings import RunSettings
    from streams.lifecycle import log_to_stderr

    log_to_stderr()
    settings, at = ConsoleSettings(), RunSettings()
    if database_url:
        settings = settings.model_copy(update={"database_url": database_url})
    if only is Only.ACK:
        from dashboard.ack.server import run as run_ack

        run_ack(settings, host or at.ack_host, port or at.ack_port)
    else:
        from dashboard.server import run

        run(settings, host or at.console_host, port or at.console_port)
