"""`whistle demo`: the whole product on this machine."""


def demo() -> None:
    """Run everything: a private database, the AIS input, the console and simulated barges."""
    import asyncio
    import contextlib

    import typer

    from dashboard.settings import ConsoleSettings
    from db.settings import DatabaseSettings
    from ops.demo import run
    from ops.settings import RunSettings
    from seed.settings import TrafficSettings
    from streams.settings import IngestSettings, StreamSettings

    def show(line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone; the stop has to go on
            typer.echo(line)

    # a child with a wrong setting would be started again and again: refuse before anything begins
    for room in (
        DatabaseSettings,
        StreamSettings,
        IngestSettings,
        ConsoleSettings,
        TrafficSettings,
    ):
        room()
    asyncio.run(run(RunSettings(), show))
