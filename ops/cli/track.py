"""`whistle track`: where a vessel was, from rows and from blocks, as CSV."""

import sys
from datetime import datetime
from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl

Moment = Annotated[str, typer.Option(help="ISO 8601 with an offset: 2026-05-04T20:00+08:00")]


_COLUMNS = (
    "mmsi", "t", "lon", "lat", "sog", "cog", "heading", "status", "type", "flags", "feed",
    "recorded_at", "bound_m",
)  # fmt: skip


def track(
    mmsi: Annotated[int, typer.Argument(help="vessel")],
    since: Moment,
    until: Moment,
    database_url: DatabaseUrl = None,
) -> None:
    """Print its fixes between two times, flagged ones too; `whistle crossings -` reads it.

    `bound_m` is empty where every fix is there; else fixes between these were left out that are
    so many metres at most from the straight way between them.
    """
    import asyncio
    import csv

    from db.pool import connect
    from db.settings import required_url
    from db.track import StoredPosition, fixes_between

    url = required_url(database_url)
    between = _moment("--since", since), _moment("--until", until)

    async def read() -> list[StoredPosition]:
        connection = await connect(url, application="whistle track")
        try:
            return await fixes_between(connection, mmsi, *between)
        finally:
            await connection.close()

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(_COLUMNS)
    for one in asyncio.run(read()):
        _, _, *said, recorded_at, bound_m = one
        out.writerow([mmsi, one.t.isoformat(), *said, recorded_at.isoformat(), bound_m])


def _moment(field: str, text: str) -> datetime:
    from domain.errors import InvalidInput

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(field, f"expected 2026-05-04T20:00+08:00, not {text!r}") from None
    if found.tzinfo is None:
        raise InvalidInput(field, "expected an offset such as +08:00")
    return found
