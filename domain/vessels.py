"""What a vessel says it is, put together from messages that each tell a part of it."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from domain.positions import StaticReport


@dataclass(frozen=True, slots=True)
class Identity:
    """A vessel's own statements (AIS 5, 19, 24, inland FI 10) since `valid_from`; `None`: unsaid.

    `draught_m` and `loaded_raw` are the crew's word and never decide laden or light.
    """

    mmsi: int
    valid_from: datetime
    name: str | None = None
    callsign: str | None = None
    imo: int | None = None
    eni: str | None = None
    ship_type: int | None = None
    inland_type: int | None = None
    length_m: float | None = None
    beam_m: float | None = None
    draught_m: float | None = None
    destination: str | None = None
    hazard: int | None = None
    loaded_raw: int | None = None


STATEMENTS = tuple(
    field.name for field in fields(Identity) if field.name not in {"mmsi", "valid_from"}
)
"""The fields of an identity that messages state."""


_GRAIN = {"length_m": 1.0, "beam_m": 1.0, "draught_m": 0.1}
"""Steps in which AIS 5, 19 and 24 state what inland FI 10 states ten times finer."""

_INLAND = 8


def merged(known: Identity | None, report: StaticReport) -> Identity | None:
    """The identity after `report`, or `None` when it says nothing new.

    A field the report leaves unsaid stays as known, and so does a measure of which the report says
    the same more coarsely. A report from before `known.valid_from` came late: it fills what was
    unsaid and changes nothing else.
    """
    said = {
        name: value for name in STATEMENTS if (value := getattr(report, name, None)) is not None
    }
    if known is None:
        return Identity(mmsi=report.mmsi, valid_from=report.t, **said) if said else None
    late = report.t < known.valid_from
    changes = {
        name: value
        for name, value in said.items()
        if (before := getattr(known, name)) is None
        or not (late or _agrees(name, before, value, report.message_type))
    }
    if not changes:
        return None
    return replace(known, valid_from=max(report.t, known.valid_from), **changes)


def _agrees(name: str, known: object, said: object, message_type: int) -> bool:
    grain = _GRAIN.get(name)
    if known == said or grain is None or message_type == _INLAND:
        return known == said
    # a hair of tolerance: 10.6 m may be sent as 10 or 11, and as 10.600000381
    return abs(float(str(known)) - float(str(said))) <= grain + 1e-6
