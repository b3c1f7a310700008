"""`whistle compact`: days of positions that are old become blocks."""

import typer

from ops.cli.migrate import DatabaseUrl


def compact(database_url: DatabaseUrl = None) -> None:
    """Compact every day older than WHISTLE_RETENTION_DAYS, drop blocks beyond retention, end.

    The ingest does the same by itself unless WHISTLE_COMPACT is false; only one does it at a time.
    """
    import asyncio

    from db.settings import required_url
    from streams.compaction import Compaction
    from streams.lifecycle import log_to_stderr
    from streams.settings import StreamSettings

    url = required_url(database_url)
    log_to_stderr()
    done = asyncio.run(Compaction(url, StreamSettings().retention).run())
    for one in done:
        ratio = f"{one.size / one.rows:.1f} bytes each" if one.rows else "no rows"
        typer.echo(
            f"{one.day}: {one.vessels} vessels, {one.rows} positions, {one.fixes} kept, {ratio}"
        )
    if not done:
        typer.echo("nothing is due, or another worker compacts")
