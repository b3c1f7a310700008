"""What the registers and earlier readings say of a vessel: its part of the facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import shapely

from db.alert import earlier_cases
from db.permit import permits_for
from db.pool import Connection
from db.reading import readings_of_vessel
from db.register import hulls
from db.watch import own_name
from domain.alerts import EarlierCase, Paper, Subject, paper_of
from domain.checkpoints import Reading
from domain.draught import LOAD_HOLDS, Measured, hull_limits, judge, load_at
from domain.permits import check
from domain.registers import Hull
from domain.water_source import WaterSource
from layers.geography import Geography
from streams.watching.berths import last_at_wharf

_WASTE: Final = "spoil"
_SOURCE_KIND: Final = "water source"
_SOURCE_RIVER: Final = "Taipu River"


@dataclass(frozen=True, slots=True)
class Dossier:
    """A vessel at a moment: its entry in the register, what it carries, its earlier cases."""

    subject: Subject
    hull: Hull | None
    load: Measured | None
    earlier: tuple[EarlierCase, ...]

    @property
    def spoil(self) -> bool | None:
        """The register's word; `None` for a vessel that is not on it."""
        return None if self.hull is None else self.hull.carries_spoil


async def hull_of(connection: Connection, mmsi: int, at: datetime) -> Hull | None:
    """The vessel's entry in the register at `at`."""
    return (await hulls(connection, [mmsi], at)).get(mmsi)


async def dossier(connection: Connection, mmsi: int, at: datetime, hull: Hull | None) -> Dossier:
    """What is known of a vessel at `at`, by all that the store has recorded up to now."""
    name = hull.name if hull else await own_name(connection, mmsi)
    readings = await readings_of_vessel(connection, mmsi, at - LOAD_HOLDS)
    measured = [one for r in readings if (one := measured_by(r.reading, hull)) is not None]
    if measured:
        # a load holds until the vessel has lain at a wharf
        first = min(one.at for one in measured)
        moored = await last_at_wharf(connection, mmsi, first, at)
        measured = [one for one in measured if moored is None or one.at >= moored]
    cases = await earlier_cases(connection, mmsi, at)
    return Dossier(
        subject=Subject(mmsi=mmsi, name=name),
        hull=hull,
        load=load_at(measured, at),
        earlier=tuple(EarlierCase(str(alert_id), began_at) for alert_id, began_at in cases),
    )


def measured_by(reading: Reading, hull: Hull | None) -> Measured | None:
    """What a reading says of the load, by the hull's size or else the size that it measured."""
    if reading.draught_m is None or reading.draught_error_m is None:
        return None
    limits = (
        hull_limits(hull.length_m, hull.beam_m, hull.light_draught_m, hull.laden_draught_m)
        if hull
        else hull_limits(reading.length_m, reading.beam_m)
    )
    return Measured(
        reading_id=str(reading.reading_id),
        at=reading.t,
        draught_m=reading.draught_m,
        error_m=reading.draught_error_m,
        verdict=judge(reading.draught_m, reading.draught_error_m, limits),
    )


async def paper_for(
    connection: Connection,
    mmsi: int,
    hull: Hull | None,
    way: tuple[str | None, str | None],
    at: datetime,
) -> Paper:
    """The permit check for spoil on board at `at`, on the leg (from, to) as far as it is known."""
    papers = (await permits_for(connection, [mmsi], at))[mmsi]
    found = check(
        papers,
        mmsi=mmsi,
        carrier_id=hull.carrier_id if hull else None,
        waste=_WASTE,
        purpose=None,
        from_adcode=way[0],
        to_adcode=way[1],
        quantity_t=None,
        at=at,
    )
    return paper_of(found, at, papers)


def water_source(geography: Geography) -> WaterSource | None:
    """The intake and the river that leads to it; `None` when the layers have not both."""
    intake = next((p for p in geography.places if p.kind == _SOURCE_KIND), None)
    river = next((w for w in geography.waterways if w.name_en == _SOURCE_RIVER), None)
    if intake is None or river is None:
        return None
    corners = shapely.get_coordinates(river.geometry).tolist()
    return WaterSource(
        (intake.geometry.x, intake.geometry.y), tuple((lon, lat) for lon, lat in corners)
    )
