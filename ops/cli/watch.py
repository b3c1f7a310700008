"""`whistle watch`: what comes in becomes alerts."""

from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl

_FRESH_S = 15


def watch(
    check: Annotated[
        bool, typer.Option("--check", help="Only say by the exit code whether a watch is at work.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Match readings, assess crossings, passages, silences and stops, raise and retract alerts.

    Looks after musters as well: what became of messages, and who is called next. Runs until
    stopped, and goes on where the store stands.
    """
    import asyncio
    from datetime import timedelta

    from commands.settings import LinkSettings
    from db.pool import connect
    from db.settings import required_url
    from db.watch import APPLICATION, is_watching
    from streams.escalations import Escalations
    from streams.lifecycle import log_to_stderr, run_until_stopped
    from streams.settings import IngestSettings
    from streams.together import Together
    from streams.watch import Watch

    url = required_url(database_url)
    log_to_stderr()

    async def ask() -> bool:
        connection = await connect(url, application=f"{APPLICATION} --check")
        try:
            return await is_watching(connection, timedelta(seconds=_FRESH_S))
        finally:
            await connection.close()

    if check:
        raise typer.Exit(0 if asyncio.run(ask()) else 1)
    work = Together([Watch(url), Escalations(url, LinkSettings().links())])
    asyncio.run(run_until_stopped(work, IngestSettings().stop_s))
