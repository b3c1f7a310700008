"""`whistle traffic`: simulated barges, sent as the receivers on the bank would."""

from pathlib import Path
from typing import Annotated

import typer


def traffic(
    connect: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Send over TCP to this listener.")
    ] = None,
    barges: Annotated[int | None, typer.Option(help="How many; otherwise WHISTLE_BARGES.")] = None,
    seed: Annotated[int | None, typer.Option(help="Which world; otherwise WHISTLE_SEED.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Begin in the past: 90s, 30m, 2h or ISO 8601 with offset.")
    ] = None,
    rate: Annotated[
        float,
        typer.Option(min=1, help="With --since: times as fast, until it is now."),
    ] = 1.0,
    every: Annotated[
        int | None, typer.Option(min=1, help="Seconds between reports under way, for load tests.")
    ] = None,
    history: Annotated[
        str | None, typer.Option(help="Write the past instead of sending: 30m, 2h, 1d.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --history: the file to write.")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="Also write truth labels here, as JSON lines.")
    ] = None,
    case: Annotated[
        Path | None,
        typer.Option(help="Also sail the lead case; this file holds when it was begun."),
    ] = None,
    strays: Annotated[
        bool, typer.Option(help="Also sail those that stop where nobody stops, or fall silent.")
    ] = False,
) -> None:
    """Sail simulated barges and send what the receivers hear: AIVDM with tag blocks."""
    from domain.clock import utc_now
    from domain.errors import InvalidInput
    from seed import service
    from seed.settings import TrafficSettings

    if (connect is None) == (history is None):
        raise InvalidInput("--connect", "either --connect HOST:PORT or --history DURATION")
    if history is not None and out is None:
        raise InvalidInput("--out", "the file that --history writes")
    settings = TrafficSettings()
    order = service.Order(
        barges=settings.barges if barges is None else service.fleet_size(barges),
        seed=settings.seed if seed is None else seed,
        every_s=every,
        truth=truth,
        truth_max_bytes=int(settings.truth_max_mb * 1e6),
        case=case,
        strays=strays,
    )
    now = utc_now()
    if history is not None and out is not None:
        service.write(order, service.seconds(history, "--history"), out, now)
    elif connect is not None:
        host, port = service.address(connect)
        start = None if since is None else service.moment(since, now)
        service.send(order, host, port, since=start, rate=rate)
