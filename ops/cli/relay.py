"""`whistle relay`: what receivers send, to the broker."""

from typing import Annotated

import typer

from ops.cli.ingest import Connect, FeedId, File, Listen, Speed, Stdin, Udp


def relay(
    listen: Listen = None,
    connect: Connect = None,
    udp: Udp = None,
    file: File = None,
    speed: Speed = None,
    stdin: Stdin = False,
    feed: FeedId = "ais",
    metrics: Annotated[
        str, typer.Option(help="HOST:PORT of /metrics and /healthz; empty: none.")
    ] = "127.0.0.1:10114",
) -> None:
    """Send what comes in to Kafka; ends when files and standard input have ended, else at SIGTERM.

    While the broker is away everything is kept in a spool on disk. A file is read from its start.
    """
    import asyncio
    from contextlib import AsyncExitStack

    from streams.exposition import exposed
    from streams.inputs import open_inputs
    from streams.kafka.client import options
    from streams.lifecycle import calm_collector, log_to_stderr, run_until_stopped
    from streams.relay.metrics import registry_of
    from streams.relay.relay import Relay
    from streams.settings import KafkaSettings, RelaySettings
    from streams.sources.address import parse_address

    log_to_stderr()
    kafka, settings = KafkaSettings(), RelaySettings()
    options(kafka)  # a setting that cannot be is said before anything is taken

    async def run() -> None:
        async with AsyncExitStack() as stack:
            inputs = open_inputs(
                feed,
                listen=listen or [],
                connect=connect or [],
                udp=udp or [],
                files=file or [],
                speed=speed,
                stdin=stdin,
            )
            work = Relay(inputs, kafka, settings=settings)
            if metrics:
                host, port = parse_address(metrics, "--metrics")
                await stack.enter_async_context(exposed(host, port, registry_of(work), work.ready))
            calm_collector()
            await run_until_stopped(work, settings.relay_drain_s + _GRACE_S)

    asyncio.run(run())


_GRACE_S = 30.0
"""Seconds that sources and decoder have beside the broker's."""
