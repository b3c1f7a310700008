"""`whistle devices`: the simulated checkpoints, sending as the real ones would."""

from pathlib import Path
from typing import Annotated

import typer


def devices(
    connect: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where `whistle receive` listens.")
    ],
    tokens: Annotated[
        Path, typer.Option(help="JSON file with the device token of each checkpoint.")
    ],
    barges: Annotated[int | None, typer.Option(help="How many; otherwise WHISTLE_BARGES.")] = None,
    seed: Annotated[int | None, typer.Option(help="Which world; otherwise WHISTLE_SEED.")] = None,
    dark: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Barges without AIS, a share; else WHISTLE_DARK_SHARE."),
    ] = None,
    case: Annotated[
        Path | None, typer.Option(help="The same file as of `whistle traffic --case`.")
    ] = None,
    strays: Annotated[
        bool, typer.Option(help="Strays sail, as with `whistle traffic --strays`.")
    ] = False,
    since: Annotated[
        str | None, typer.Option(help="Also send what was seen since then: 30m, 2h.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="Also write truth labels here, as JSON lines.")
    ] = None,
) -> None:
    """Watch the simulated barges pass, and post readings, stills and signs of life."""
    from domain.clock import utc_now
    from seed import device_service, service
    from seed.settings import TrafficSettings

    settings = TrafficSettings()
    host, port = service.address(connect)
    order = device_service.DeviceOrder(
        barges=settings.barges if barges is None else service.fleet_size(barges),
        seed=settings.seed if seed is None else seed,
        dark_share=settings.dark_share if dark is None else dark,
        strays=strays,
        case=case,
        since=None if since is None else service.moment(since, utc_now()),
        truth=truth,
        truth_max_bytes=int(settings.truth_max_mb * 1e6),
    )
    service.log_to_stderr()
    at = f"[{host}]" if ":" in host else host
    device_service.run(order, f"http://{at}:{port}", tokens)
