"""What became of a load between two checkpoints: the readings, the track and the wharves."""

from db.pool import Connection
from db.reading import readings_of_vessel
from db.register import wharves
from db.watch import track_between
from domain.checkpoints import Checkpoint, Reading
from domain.draught import LOAD_HOLDS
from domain.load_lost import Berth, LoadLost, Weighed, laden_before, load_lost
from streams.watching.dossier import hull_of, measured_by, paper_for

_LICENSED = "spoil_licensed"


async def lost_by(
    connection: Connection, mmsi: int, reading: Reading, checkpoints: dict[str, Checkpoint]
) -> LoadLost | None:
    """The load that the vessel had at an earlier checkpoint and has no more at this one."""
    hull = await hull_of(connection, mmsi, reading.t)
    light = measured_by(reading, hull)
    if light is None:
        return None
    stored = await readings_of_vessel(connection, mmsi, reading.t - LOAD_HOLDS)
    by_id = {str(one.reading.reading_id): one.reading for one in stored}
    history = [one for r in stored if (one := measured_by(r.reading, hull)) is not None]
    laden = laden_before(history, light)
    if laden is None:
        return None
    points = [checkpoints.get(by_id[laden.reading_id].checkpoint_id)]
    points.append(checkpoints.get(reading.checkpoint_id))
    before, after = points
    if before is None or after is None:
        return None
    return load_lost(
        Weighed(laden, before.checkpoint_id, (before.lon, before.lat)),
        Weighed(light, after.checkpoint_id, (after.lon, after.lat)),
        await track_between(connection, mmsi, laden.at, light.at),
        await _berths(connection, mmsi, reading),
    )


async def _berths(connection: Connection, mmsi: int, reading: Reading) -> list[Berth]:
    """A wharf licensed for spoil takes every load; any other one if the vessel has its papers.

    Within a province that is the disposal permit (处置许可) alone.
    """
    hull = await hull_of(connection, mmsi, reading.t)
    paper = await paper_for(connection, mmsi, hull, (None, None), reading.t)
    permitted = paper.result != "none" or "disposal" not in paper.missing
    in_order = permitted and not paper.used_up
    known = await wharves(connection, None, reading.t)
    return [
        Berth(one.wharf_id, (one.lon, one.lat), in_order or one.kind == _LICENSED)
        for one in known.values()
    ]
