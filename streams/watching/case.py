"""A case: the facts of one behaviour, and where and by what it was seen; assessed and raised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from commands.raise_alert import RaiseAlert, Raised, raise_alert
from db.alert import behaviours_of
from db.pool import Connection
from domain.alert_life import Suspicion
from domain.alert_rules import assess
from domain.alerts import Assessment, Facts, reasons_to_json
from domain.behaviours import continued
from layers.geography import Geography
from streams.watching.guard import Guard
from streams.watching.ways import by_any_way

ACTOR = "watch"
_REMEMBERED = timedelta(days=7)
"""A behaviour lasts hours; alerts raised longer ago are not what goes on now."""


@dataclass(frozen=True, slots=True)
class Case:
    """Facts with their place (degrees) and the row that they come from (`alert.source_*`)."""

    facts: Facts
    source_kind: str
    source_id: str
    lon: float
    lat: float

    @property
    def whose(self) -> str:
        """Whom a `Guard` knows it by: its vessel where the row is a fix, which is soon another."""
        return self.source_id.partition("@")[0]


def suspicion_of(case: Case, found: Assessment, geography: Geography) -> Suspicion:
    """What `raise_alert` is told of an assessed case."""
    where = geography.where(case.lon, case.lat)
    subject = case.facts.subject
    return Suspicion(
        behaviour=found.behaviour,
        rule_set=found.rule_set,
        source_kind=case.source_kind,
        source_id=case.source_id,
        mmsi=subject.mmsi,
        subject=subject.name or subject.plate,
        score=found.score,
        level=found.level,
        reasons=tuple(reasons_to_json(found.reasons)),
        lon=case.lon,
        lat=case.lat,
        adcode=where.adcode,
        border_adcodes=where.neighbours if where.border_water else (),
        began_at=found.began_at,
        last_at=found.last_at,
    )


async def pursue(
    connection: Connection, geography: Geography, cases: Sequence[Case]
) -> list[Raised]:
    """Assess the cases and raise what the rules make of them; only what was new is returned."""
    told: list[Raised] = []
    for case in cases:
        place = case.lon, case.lat
        found = assess(await by_any_way(connection, geography, case.facts, place))
        if found is None:
            continue
        known = await behaviours_of(
            connection, found.behaviour.split("/")[0], found.last_at - _REMEMBERED
        )
        found = continued(found, known)
        raised = await raise_alert(
            connection, ACTOR, RaiseAlert(suspicion_of(case, found, geography))
        )
        if raised.kind is not None:
            told.append(raised)
    return told


async def pursue_each(
    connection: Connection, geography: Geography, cases: Sequence[Case], guard: Guard
) -> list[Raised]:
    """Like `pursue`, but one that cannot be assessed is left to `guard`, and the others go on."""
    told: list[Raised] = []
    for case in cases:
        if not guard.leaves(case.source_kind, case.whose):
            async with guard.about(connection, case.source_kind, case.whose):
                told += await pursue(connection, geography, [case])
    return told
