"""A passage of a checkpoint, matched: whose it was, and what it proves."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from db.checkpoint import checkpoints
from db.pool import Connection
from db.watch import hull_named, next_fix
from domain.alerts import Evidence, Facts, Subject, Unmatched
from domain.checkpoints import Checkpoint, Entering, Reading
from domain.draught import Load
from domain.matches import Outcome
from domain.registers import Hull
from domain.water_source import WaterSource
from streams.watching.case import Case
from streams.watching.dossier import measured_by
from streams.watching.leaving import gate_leaving, leaving_facts
from streams.watching.unheard import radio_lost, spoke
from streams.watching.unloaded import lost_by

RADIO_BACK: Final = timedelta(hours=1)
"""A radio that fails is heard again within the hour."""


async def passage_case(
    connection: Connection,
    source: WaterSource | None,
    reading: Reading,
    match: tuple[Outcome, int | None] | None,
) -> Case | None:
    """The case of a reading by its match as it stands; `None` while nobody can say who it was."""
    points = await checkpoints(connection)
    checkpoint = points.get(reading.checkpoint_id)
    if match is None or checkpoint is None:
        return None
    outcome, mmsi = match
    if outcome is Outcome.NOBODY:
        facts = await _nobody(connection, source, reading, checkpoint)
    elif mmsi is not None:
        leaving = await gate_leaving(connection, mmsi, reading, checkpoint)
        place = checkpoint.lon, checkpoint.lat
        entering = _entering(reading)
        facts = await leaving_facts(
            connection, source, mmsi, reading.t, leaving=leaving, place=place, entering=entering
        )
        if facts.spoil_carrier:
            facts = replace(facts, lost=await lost_by(connection, mmsi, reading, points))
    else:
        return None
    where = facts.lost.place if facts.lost else (checkpoint.lon, checkpoint.lat)
    return Case(facts, "reading", str(reading.reading_id), *where)


async def _nobody(
    connection: Connection, source: WaterSource | None, reading: Reading, checkpoint: Checkpoint
) -> Facts:
    """A hull without AIS. Fusion says *nobody* only while AIS was heard, so it was."""
    hull = await hull_named(connection, reading.plate, reading.t) if reading.plate else None
    load = measured_by(reading, hull)
    return Facts(
        subject=Subject(
            plate=reading.plate,
            reading_id=str(reading.reading_id),
            name=hull.name if hull else None,
        ),
        at=reading.t,
        spoil_carrier=hull.carries_spoil if hull else None,
        load=load if load is not None and load.verdict.load is not Load.UNSURE else None,
        unmatched=Unmatched(
            checkpoint_id=reading.checkpoint_id,
            reading_id=str(reading.reading_id),
            at=reading.t,
            heard=True,
            length_m=reading.length_m,
            radio_lost=await _radio_lost(connection, hull, reading, checkpoint),
            spoke=await spoke(connection, reading, checkpoint),
        ),
        source_minutes=(
            source.minutes_upstream(checkpoint.lon, checkpoint.lat) if source else None
        ),
        entering_zhejiang=_entering(reading),
    )


async def _radio_lost(
    connection: Connection, hull: Hull | None, reading: Reading, checkpoint: Checkpoint
) -> bool:
    """Whether the vessel of the name on the hull sent until shortly before.

    Where the camera read no name, or one that nobody bears, a vessel of its size and way.
    """
    if hull is None:
        return await radio_lost(connection, reading, checkpoint)
    heard = await next_fix(connection, hull.mmsi, reading.t - RADIO_BACK, reading.t)
    return heard is not None


def _entering(reading: Reading) -> Evidence | None:
    if reading.entering is not Entering.IN:
        return None
    return Evidence("reading", str(reading.reading_id), reading.t)
