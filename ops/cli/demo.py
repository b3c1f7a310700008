"""`whistle demo`: the whole product on this machine."""

from typing import Annotated

import typer


def demo(
    replay_case: Annotated[
        bool, typer.Option("--replay-case", help="Let the lead case begin again in a running demo.")
    ] = False,
) -> None:
    """Run everything: a private database, the inputs, the watch, the console, simulated barges."""
    import asyncio
    import contextlib

    from dashboard.settings import ConsoleSettings
    from db.settings import DatabaseSettings
    from ops import demo as product
    from ops.settings import RunSettings
    from seed.settings import TrafficSettings
    from streams.settings import DoorSettings, IngestSettings, StreamSettings

    def show(line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone; the stop has to go on
            typer.echo(line)

    if replay_case:
        product.replay_case(RunSettings(), show)
        return
    # a child with a wrong setting would be started again and again: refuse before anything begins
    for room in (
        DatabaseSettings,
        StreamSettings,
        IngestSettings,
        DoorSettings,
        ConsoleSettings,
        TrafficSettings,
    ):
        room()
    asyncio.run(product.run(RunSettings(), show))
