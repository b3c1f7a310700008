"""Where a vessel at a border is bound: the way that its papers cover counts, if it may be that one.

Within border water a gate, or the polygon of a fix, proves that a province was left, and not which
one was entered: the Taipu runs along the border of two others for 9 km.
"""

from dataclasses import replace

from db.pool import Connection
from domain.alerts import Facts
from domain.jurisdiction import OUTSIDE_ADCODE
from layers.geography import Geography
from streams.watching.dossier import hull_of, paper_for


async def by_any_way(
    connection: Connection, geography: Geography, facts: Facts, place: tuple[float, float]
) -> Facts:
    """The facts with the paper for another province at this border (degrees), if that holds.

    A confirmed crossing proves where it led, so its facts stay as they are.
    """
    leaving, paper, mmsi = facts.leaving, facts.paper, facts.subject.mmsi
    if leaving is None or paper is None or mmsi is None or leaving.stage == "crossing":
        return facts
    if paper.result != "none" and not paper.used_up:
        return facts
    here = geography.where(*place)
    for adcode in (here.adcode, *here.neighbours) if here.border_water else ():
        known = adcode not in {OUTSIDE_ADCODE, leaving.to_adcode}
        if known and adcode[:2] not in {leaving.from_adcode[:2], leaving.to_adcode[:2]}:
            hull = await hull_of(connection, mmsi, facts.at)
            way = leaving.from_adcode, adcode
            other = await paper_for(connection, mmsi, hull, way, leaving.at)
            if other.result != "none" and not other.used_up:
                return replace(facts, paper=other)
    return facts
