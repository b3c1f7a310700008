"""`whistle watch`: what comes in becomes alerts."""

from ops.cli.migrate import DatabaseUrl


def watch(database_url: DatabaseUrl = None) -> None:
    """Match readings, assess crossings, passages, silences and stops, raise and retract alerts.

    Runs until stopped, and goes on where the store stands.
    """
    import asyncio

    from db.settings import required_url
    from streams.lifecycle import log_to_stderr, run_until_stopped
    from streams.settings import IngestSettings
    from streams.watch import Watch

    url = required_url(database_url)
    log_to_stderr()
    asyncio.run(run_until_stopped(Watch(url), IngestSettings().stop_s))
