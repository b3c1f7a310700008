"""Leaving a province: as a confirmed crossing, past a gate, or so far only in border water."""

from datetime import datetime, timedelta
from typing import Final

from db.pool import Connection
from db.watch import CarrierState, crossings_of, district_at
from domain.alerts import Evidence, Facts, Leaving
from domain.checkpoints import Checkpoint, Entering, Reading
from domain.crossings import Crossing
from domain.jurisdiction import OUTSIDE_ADCODE
from domain.water_source import WaterSource
from streams.watching.case import Case
from streams.watching.dossier import dossier, hull_of, paper_for

VOYAGE: Final = timedelta(hours=3)
"""How long after a crossing a gate still speaks of the same voyage."""


def crossing_leaving(crossing: Crossing) -> Leaving:
    """The leaving that a confirmed crossing proves."""
    return Leaving(
        from_adcode=crossing.from_adcode,
        to_adcode=crossing.to_adcode,
        at=crossing.crossed_at,
        stage="crossing",
        evidence=(Evidence("crossing", str(crossing.crossing_id), crossing.crossed_at),),
        grazing=crossing.grazing,
    )


def leaves_province(from_adcode: str | None, to_adcode: str | None) -> bool:
    """Whether both are known districts, of two provinces."""
    known = {None, OUTSIDE_ADCODE}.isdisjoint({from_adcode, to_adcode})
    return known and str(from_adcode)[:2] != str(to_adcode)[:2]


async def gate_leaving(
    connection: Connection, mmsi: int, reading: Reading, checkpoint: Checkpoint
) -> Leaving | None:
    """The leaving that a passage of this gate proves, or belongs to; `None`: it left nothing.

    A gate stands in its district, so who passes it and was confirmed in another province has left
    that one, long before depth or dwell can say so.
    """
    district = await district_at(connection, mmsi, reading.t)
    out = reading.entering is Entering.OUT
    if district is not None and leaves_province(district, checkpoint.adcode) and not out:
        return Leaving(
            from_adcode=district,
            to_adcode=checkpoint.adcode,
            at=reading.t,
            stage="gate",
            evidence=(Evidence("reading", str(reading.reading_id), reading.t),),
        )
    for crossing in await crossings_of(connection, mmsi, reading.t - VOYAGE, reading.t):
        if leaves_province(crossing.from_adcode, crossing.to_adcode) and not crossing.grazing:
            return crossing_leaving(crossing)
    return None


def border_leaving(mmsi: int, fix_at: datetime, from_adcode: str, to_adcode: str) -> Leaving:
    """The leaving of a vessel whose polygon has changed, before anything is confirmed."""
    return Leaving(
        from_adcode=from_adcode,
        to_adcode=to_adcode,
        at=fix_at,
        stage="border_water",
        evidence=(fix_evidence(mmsi, fix_at),),
    )


def fix_evidence(mmsi: int, at: datetime) -> Evidence:
    """A fix, cited."""
    return Evidence("fix", f"{mmsi}@{at.isoformat()}", at)


def fix_id(mmsi: int, at: datetime) -> str:
    """The `source_id` of what has no id of its own."""
    return f"{mmsi}@{at.isoformat()}"


def parse_fix_id(text: str) -> tuple[int, datetime]:
    """The inverse of `fix_id`."""
    mmsi, _, at = text.partition("@")
    return int(mmsi), datetime.fromisoformat(at)


async def leaving_facts(
    connection: Connection,
    source: WaterSource | None,
    mmsi: int,
    at: datetime,
    *,
    leaving: Leaving | None,
    place: tuple[float, float],
    entering: Evidence | None = None,
) -> Facts:
    """The facts of a vessel that leaves (or, `None`, does not), by what is known at `at`."""
    hull = await hull_of(connection, mmsi, at)
    known = await dossier(connection, mmsi, at, hull)
    paper = None
    if leaving is not None and known.spoil:
        way = leaving.from_adcode, leaving.to_adcode
        paper = await paper_for(connection, mmsi, hull, way, leaving.at)
    return Facts(
        subject=known.subject,
        at=at,
        spoil_carrier=known.spoil,
        load=known.load,
        leaving=leaving,
        paper=paper,
        earlier=known.earlier,
        source_minutes=source.minutes_upstream(*place) if source else None,
        entering_zhejiang=entering,
    )


async def crossing_case(
    connection: Connection, source: WaterSource | None, crossing: Crossing, at: datetime | None
) -> Case | None:
    """The case of a crossing by what is known at `at` (default: when it became certain).

    `None` for whom no rule of leaving can concern: who carries no spoil, or stays in the province.
    """
    if not leaves_province(crossing.from_adcode, crossing.to_adcode):
        return None
    moment = max(crossing.confirmed_at, at or crossing.confirmed_at)
    hull = await hull_of(connection, crossing.mmsi, moment)
    if hull is None or not hull.carries_spoil:
        return None
    place = crossing.lon, crossing.lat
    facts = await leaving_facts(
        connection,
        source,
        crossing.mmsi,
        moment,
        leaving=crossing_leaving(crossing),
        place=place,
    )
    return Case(facts, "crossing", str(crossing.crossing_id), *place)


async def border_case(
    connection: Connection, source: WaterSource | None, state: CarrierState, to_adcode: str
) -> Case | None:
    """The case of a spoil carrier whose polygon is another than its confirmed district."""
    if state.district is None:
        return None
    leaving = border_leaving(state.mmsi, state.t, state.district, to_adcode)
    place = state.lon, state.lat
    facts = await leaving_facts(
        connection, source, state.mmsi, state.t, leaving=leaving, place=place
    )
    return Case(facts, "border", fix_id(state.mmsi, state.t), *place)
