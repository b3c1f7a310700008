"""Where spoil carriers are: over a border before it is certain, silent by one, or lying still.

A carrier that cannot be assessed is left to the `Guard`, and the others go on.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from db.pool import Connection
from db.receiver import LastFix, silence
from db.watch import STILL_KN, CarrierState, heard_near, last_moved
from domain.alerts import AisGap, Facts, Stop
from domain.water_source import WaterSource
from layers.geography import Geography
from streams.watching.berths import berth_places, is_at
from streams.watching.case import Case
from streams.watching.dossier import dossier, hull_of, paper_for
from streams.watching.guard import Guard
from streams.watching.leaving import border_case, fix_evidence, fix_id, leaves_province

BACK: Final = timedelta(hours=6)
"""A silence or a stop is looked at for so long."""
FRESH: Final = timedelta(minutes=10)
SILENT_FROM: Final = timedelta(minutes=15)
STILL_FROM: Final = timedelta(minutes=30)
BORDER_DEPTH_M: Final = 150.0
"""So far beyond the border a polygon counts as left: less is the error of the border itself."""
UNDER_WAY_KN: Final = 1.0

_NEAR_DEG: Final = 0.03
_HEARD: Final = timedelta(seconds=60)
_CIRCLE_DEG: Final = (0.0011, 0.0009)  # about 100 m


async def border_cases(
    connection: Connection,
    geography: Geography,
    source: WaterSource | None,
    states: Iterable[CarrierState],
    now: datetime,
    *,
    guard: Guard,
) -> list[Case]:
    """Carriers whose polygon is in another province than their confirmed district."""
    beyond = [s for s in states if now - s.t <= FRESH and leaves_province(s.district, s.adcode)]
    if not beyond:
        return []
    located = geography.locate([s.lon for s in beyond], [s.lat for s in beyond])
    found = []
    for state, depth_m in zip(beyond, located.nearest_border_m.tolist(), strict=True):
        if depth_m < BORDER_DEPTH_M or guard.leaves("border", str(state.mmsi)):
            continue
        async with guard.about(connection, "border", str(state.mmsi)):
            case = await border_case(connection, source, state, state.adcode)
            found += [] if case is None else [case]
    return found


async def silence_cases(
    connection: Connection,
    geography: Geography,
    source: WaterSource | None,
    states: Iterable[CarrierState],
    now: datetime,
    *,
    guard: Guard,
) -> list[Case]:
    """Carriers that went silent under way in border water while others about are heard."""
    found = []
    for state in states:
        quiet = SILENT_FROM <= now - state.t <= BACK
        if not (quiet and state.border_water and (state.sog_kn or 0.0) >= UNDER_WAY_KN):
            continue
        if guard.leaves("silence", str(state.mmsi)):
            continue
        async with guard.about(connection, "silence", str(state.mmsi)):
            place = state.lon, state.lat
            if await heard_near(connection, state.mmsi, place, _NEAR_DEG, now - _HEARD):
                found.append(await silence_case(connection, geography, source, state, now))
    return found


async def silence_case(
    connection: Connection,
    geography: Geography,
    source: WaterSource | None,
    state: CarrierState,
    until: datetime,
) -> Case:
    """The case of a silence that began after the fix of `state` and lasted until `until`.

    Whose silence it is, the vessel's, a receiver's or the pipeline's, is asked of the store anew.
    """
    where = geography.where(state.lon, state.lat)
    fix = LastFix(state.mmsi, state.t, state.lon, state.lat, state.feed_id, state.station)
    told = await silence(connection, fix, until)
    gap = AisGap(
        since=state.t,
        until=until,
        adcodes=(where.adcode, *where.neighbours),
        under_way=(state.sog_kn or 0.0) >= UNDER_WAY_KN,
        cause=told.cause,
        evidence=(fix_evidence(state.mmsi, state.t),),
        receiver=fix.receiver,
    )
    facts = await _facts(connection, source, state, state.t, where.adcode)
    return Case(
        replace(facts, at=until, gap=gap),
        "silence",
        fix_id(state.mmsi, state.t),
        state.lon,
        state.lat,
    )


async def stop_cases(
    connection: Connection,
    geography: Geography,
    source: WaterSource | None,
    states: Iterable[CarrierState],
    now: datetime,
    *,
    guard: Guard,
) -> list[Case]:
    """Carriers that have lain in one place for long, away from every berth."""
    still = [
        s for s in states if now - s.t <= FRESH and s.sog_kn is not None and s.sog_kn < STILL_KN
    ]
    if not still:
        return []
    berths = await berth_places(connection, geography, now)
    found = []
    for state in still:
        place = state.lon, state.lat
        if is_at(place, berths) or guard.leaves("stop", str(state.mmsi)):
            continue
        async with guard.about(connection, "stop", str(state.mmsi)):
            between = state.t - BACK, state.t
            since = await last_moved(connection, state.mmsi, place, _CIRCLE_DEG, between)
            if since is not None and state.t - since >= STILL_FROM:
                found.append(await stop_case(connection, source, state, since))
    return found


async def stop_case(
    connection: Connection, source: WaterSource | None, state: CarrierState, since: datetime
) -> Case:
    """The case of a stop from `since` to the fix of `state`."""
    stop = Stop(
        since=since,
        until=state.t,
        at_wharf=False,
        adcode=state.adcode,
        evidence=(fix_evidence(state.mmsi, state.t),),
    )
    facts = await _facts(connection, source, state, state.t, state.adcode)
    return Case(replace(facts, stop=stop), "stop", fix_id(state.mmsi, since), state.lon, state.lat)


async def _facts(
    connection: Connection,
    source: WaterSource | None,
    state: CarrierState,
    at: datetime,
    adcode: str,
) -> Facts:
    hull = await hull_of(connection, state.mmsi, at)
    known = await dossier(connection, state.mmsi, at, hull)
    paper = await paper_for(connection, state.mmsi, hull, (adcode, None), at)
    return Facts(
        subject=known.subject,
        at=at,
        spoil_carrier=known.spoil,
        load=known.load,
        paper=paper,
        earlier=known.earlier,
        source_minutes=source.minutes_upstream(state.lon, state.lat) if source else None,
    )
