"""One vessel in full: its way in pieces, never in the way of the picture."""

import asyncpg
import orjson
from console_parts import MMSI, coordinator, hear, sail

from dashboard import pictures
from dashboard.dossier import Dossiers


async def test_its_track_has_no_line_where_it_leapt(pool: asyncpg.Pool) -> None:
    await hear(pool)
    await sail(
        pool,
        [(400 - 10 * n, 120.85 + 0.0004 * n, 31.02) for n in range(10)]
        + [(300 - 10 * n, 120.95 + 0.0004 * n, 31.05) for n in range(8)],
    )
    dossier = await Dossiers(coordinator(pool)).get(MMSI, 1)
    assert dossier is not None
    assert [len(piece) for piece in dossier.track] == [10, 8]
    drawn = orjson.loads(pictures.track(*dossier.track[:1]).data)
    assert len(drawn["features"]) == 1
