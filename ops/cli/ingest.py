"""`whistle ingest`: AIS sentences from receivers, files and pipes into the store."""

from pathlib import Path
from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl

Listen = Annotated[
    list[str] | None,
    typer.Option("--listen", help="HOST:PORT that receivers connect to; repeatable."),
]
Connect = Annotated[
    list[str] | None,
    typer.Option("--connect", help="HOST:PORT of a receiver to connect to; repeatable."),
]
Udp = Annotated[
    list[str] | None,
    typer.Option("--udp", help="HOST:PORT that receivers send datagrams to; repeatable."),
]
File = Annotated[
    list[Path] | None,
    typer.Option("--file", help="A recording; goes on where it was left; repeatable."),
]
Speed = Annotated[
    float | None,
    typer.Option("--speed", help="Pace of a file: 1 as recorded, 10 ten times that; else at once."),
]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read standard input.")]
Kafka = Annotated[
    bool, typer.Option("--kafka", help="Read the broker's topics, as one worker of a group.")
]
Metrics = Annotated[
    str, typer.Option("--metrics", help="With --kafka: HOST:PORT of /metrics and /healthz.")
]
FeedId = Annotated[str, typer.Option("--feed", help="Name of the feed; further ones get -2, -3 …")]


def ingest(
    listen: Listen = None,
    connect: Connect = None,
    udp: Udp = None,
    file: File = None,
    speed: Speed = None,
    stdin: Stdin = False,
    kafka: Kafka = False,
    feed: FeedId = "ais",
    metrics: Metrics = "",
    database_url: DatabaseUrl = None,
) -> None:
    """Store what comes in; ends when files and standard input have ended, else at SIGTERM.

    Whatever was taken is stored before it ends. Several inputs at once are several feeds.
    """
    import asyncio
    from contextlib import AsyncExitStack

    from db.settings import required_url
    from domain.errors import InvalidInput
    from streams.exposition import exposed
    from streams.ingest import Ingest
    from streams.inputs import open_inputs
    from streams.kafka.ingest import KafkaIngest
    from streams.lifecycle import calm_collector, log_to_stderr, run_until_stopped
    from streams.settings import IngestSettings
    from streams.sources.address import parse_address

    url = required_url(database_url)
    log_to_stderr()

    async def run() -> None:
        if kafka:
            if listen or connect or udp or file or stdin:
                raise InvalidInput("--kafka", "expected alone: a relay takes the other inputs")
            work = KafkaIngest(url)
            async with AsyncExitStack() as stack:
                if metrics:
                    host, port = parse_address(metrics, "--metrics")
                    await stack.enter_async_context(
                        exposed(host, port, work.meter.registry, work.ready)
                    )
                calm_collector()
                await run_until_stopped(work, IngestSettings().stop_s)
            return
        inputs = open_inputs(
            feed,
            listen=listen or [],
            connect=connect or [],
            udp=udp or [],
            files=file or [],
            speed=speed,
            stdin=stdin,
        )
        calm_collector()
        await run_until_stopped(Ingest(url, inputs), IngestSettings().stop_s)

    asyncio.run(run())
