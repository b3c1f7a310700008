"""`whistle receive`: the door for checkpoints."""

from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl


def receive(
    listen: Annotated[
        str, typer.Option("--listen", help="HOST:PORT that devices post to.")
    ] = "127.0.0.1:10112",
    database_url: DatabaseUrl = None,
) -> None:
    """Take readings, images and heartbeats of checkpoints by HTTP until stopped."""
    import asyncio

    from db.settings import required_url
    from streams.lifecycle import log_to_stderr
    from streams.settings import DoorSettings
    from streams.sources.address import parse_address
    from streams.sources.http import server

    url = required_url(database_url)
    host, port = parse_address(listen, "--listen")
    log_to_stderr()
    with server.listen(host, port) as socket:
        asyncio.run(server.receive(url, socket, DoorSettings()))
