"""Before anybody blows the whistle: who could not be told, found in the registers beforehand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.authorities import Authority, circles
from domain.contacts import Contact, ContactKind
from domain.matters import MATTER_DEPARTMENTS, Matter
from domain.officers import Officer
from domain.rota import Place, Shift, gaps


class Check(StrEnum):
    """What is looked at."""

    NOBODY_ON_DUTY = "nobody_on_duty"
    """班次无人: a stretch of time in which nobody holds a place of a rota."""
    NO_VERIFIED_CHANNEL = "no_verified_channel"
    """无已核实的联系方式: somebody on the rota whom no message is known to reach."""
    NO_AUTHORITY = "no_authority"
    """辖区事由无部门: a district and a matter for which the register knows nobody."""
    CIRCLE = "circle"
    """替补成环: a chain of substitutes that comes back to where it began."""
    GONE = "gone"
    """替补不在名录: a substitute who is on no register any more."""


@dataclass(frozen=True, slots=True)
class Registers:
    """What preflight looks at: the registers as they stand, shifts of the stretch of time.

    `districts`: adcode → name.
    """

    authorities: Mapping[str, Authority]
    officers: Mapping[str, Officer]
    shifts: Sequence[Shift]
    contacts: Sequence[Contact]
    districts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is missing; the fields that do not belong to its check are `None`.

    `chain`: ids of authorities, each asked in place of the one before it.
    """

    check: Check
    authority_id: str | None = None
    officer_id: str | None = None
    place: Place | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    adcode: str | None = None
    matter: Matter | None = None
    chain: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, Any]:
        """As the command line prints it; a place by its name."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        said["place"] = None if self.place is None else self.place.name.lower()
        return {name: value for name, value in said.items() if value is not None}


def preflight(registers: Registers, starts_at: datetime, ends_at: datetime) -> list[Finding]:
    """All that is missing between the two moments, UTC; `[]` when everybody can be told.

    A shift of an officer whom the register no longer holds is nobody's.
    """
    return [
        *_nobody_on_duty(registers, starts_at, ends_at),
        *_no_channel(registers, starts_at, ends_at),
        *_no_authority(registers),
        *(Finding(Check.CIRCLE, chain=ring) for ring in circles(registers.authorities)),
        *_gone(registers.authorities),
    ]


def _nobody_on_duty(
    registers: Registers, starts_at: datetime, ends_at: datetime
) -> Iterator[Finding]:
    held: dict[tuple[str, Place], list[Shift]] = {}
    for shift in registers.shifts:
        if shift.officer_id in registers.officers:
            held.setdefault((shift.authority_id, shift.place), []).append(shift)
    for key in sorted(registers.authorities):
        for place in Place:
            for gap in gaps(held.get((key, place), ()), starts_at, ends_at):
                yield Finding(
                    Check.NOBODY_ON_DUTY,
                    authority_id=key,
                    place=place,
                    starts_at=gap.starts_at,
                    ends_at=gap.ends_at,
                )


def _no_channel(registers: Registers, starts_at: datetime, ends_at: datetime) -> Iterator[Finding]:
    """A contact of their own will do, or a group that the authority reads.

    The board of an authority will not: it reaches whoever looks at it.
    """
    verified = [one for one in registers.contacts if one.verified_at is not None]
    reached = {one.officer_id for one in verified if one.officer_id is not None}
    groups = {
        one.authority_id
        for one in verified
        if one.officer_id is None and one.kind is not ContactKind.BOARD
    }
    rota = {
        (shift.authority_id, shift.officer_id)
        for shift in registers.shifts
        if shift.starts_at < ends_at and shift.ends_at > starts_at
    }
    for authority_id, officer_id in sorted(rota):
        known = officer_id in registers.officers and authority_id in registers.authorities
        if known and officer_id not in reached and authority_id not in groups:
            yield Finding(
                Check.NO_VERIFIED_CHANNEL, authority_id=authority_id, officer_id=officer_id
            )


def _no_authority(registers: Registers) -> Iterator[Finding]:
    for adcode in sorted(registers.districts):
        there = {one.department for one in registers.authorities.values() if one.covers(adcode)}
        for matter, concerned in MATTER_DEPARTMENTS.items():
            if there.isdisjoint(concerned):
                yield Finding(Check.NO_AUTHORITY, adcode=adcode, matter=matter)


def _gone(authorities: Mapping[str, Authority]) -> Iterator[Finding]:
    for key in sorted(authorities):
        for substitute in authorities[key].substitutes:
            if substitute not in authorities:
                yield Finding(Check.GONE, authority_id=key, chain=(key, substitute))
