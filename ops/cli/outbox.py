"""`whistle outbox`: what goes out is sent, looked at, sent again."""

import sys
from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl
from ops.cli.tables import print_json

outbox = typer.Typer(help="Send what goes out to people and other systems.", add_completion=False)

_ACTOR = "operator"
_STOP_S = 30.0
_ADDRESS = "127.0.0.1:10115"


@outbox.callback(invoke_without_command=True)
def send(
    context: typer.Context,
    metrics: Annotated[
        str, typer.Option(help="HOST:PORT of /metrics and /healthz; empty: none.")
    ] = _ADDRESS,
    database_url: DatabaseUrl = None,
) -> None:
    """Send notices to people, and where a broker is set crossings and alerts to Kafka.

    Until SIGTERM. Several may run: of each channel one sends, the others stand by. Without a
    subcommand this is what is done.
    """
    if context.invoked_subcommand is not None:
        return
    import asyncio
    import os
    from contextlib import AsyncExitStack

    import structlog

    from db.settings import required_url
    from streams.exposition import exposed
    from streams.lifecycle import log_to_stderr, run_until_stopped
    from streams.outbox.channels import channels
    from streams.outbox.metrics import registry_of
    from streams.outbox.outbox import Outbox
    from streams.settings import KafkaSettings, NotifySettings
    from streams.sources.address import parse_address

    url = required_url(database_url)
    log_to_stderr()
    ways = channels(KafkaSettings(), NotifySettings(), url)

    async def run() -> None:
        async with AsyncExitStack() as stack:
            work = Outbox(url, ways)
            if metrics:
                host, port = parse_address(metrics, "--metrics")
                await stack.enter_async_context(exposed(host, port, registry_of(work), work.ready))
            names = [one.name for one in ways]
            log = structlog.get_logger(__name__)
            log.info("outbox", action="outbox.started", pid=os.getpid(), channels=names)
            await run_until_stopped(work, _STOP_S)

    asyncio.run(run())


@outbox.command("list")
def list_(
    dead: Annotated[bool, typer.Option("--dead", help="Only what was given up.")] = False,
    most: Annotated[int, typer.Option(help="So many lines at most.", min=1)] = 1000,
    database_url: DatabaseUrl = None,
) -> None:
    """What was not sent, a JSON object each, the oldest first."""
    import asyncio
    from dataclasses import asdict

    from db.errors import mapped_errors
    from db.outbox import list_messages
    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)

    async def run() -> None:
        connection = await connect(url, application="whistle outbox list")
        try:
            async with mapped_errors():
                found = await list_messages(connection, dead=dead, most=most)
        finally:
            await connection.close()
        for one in found:
            told = asdict(one).items()
            print_json({name: value for name, value in told if value is not None})

    asyncio.run(run())


@outbox.command()
def resend(
    ids: Annotated[list[int] | None, typer.Argument(metavar="ID…", help="as listed")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All that were given up.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Have messages sent again, with the bytes and ids that they have."""
    import asyncio

    from commands.resend_messages import ResendMessages, resend_messages
    from db.pool import connect
    from db.settings import required_url
    from domain.errors import InvalidInput

    url = required_url(database_url)
    if bool(ids) == dead:
        raise InvalidInput("ID", "expected ids, or --dead")

    async def run() -> list[int]:
        connection = await connect(url, application="whistle outbox resend")
        try:
            return await resend_messages(connection, _ACTOR, ResendMessages(ids or None))
        finally:
            await connection.close()

    sys.stderr.write(f"{len(asyncio.run(run()))} messages are due again\n")
