"""Whom to call for an authority, and by which contacts: the rota and the register in one answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.authorities import Authority, Level
from domain.contacts import PERSONAL, Contact
from domain.musters import CallRole
from domain.officers import Officer
from domain.rota import OnDuty


@dataclass(frozen=True, slots=True)
class Callee:
    """Somebody to be called for `authority_id`, by these contacts, the first one first.

    `officer_id` `None`: nobody is named, whoever reads the authority's group. `name`: as shown.
    """

    authority_id: str
    officer_id: str | None
    name: str
    role: CallRole
    contacts: tuple[Contact, ...]


def on_watch(authority: Authority, duty: OnDuty[Officer], contacts: Iterable[Contact]) -> Callee:
    """Who is told first: the duty officer, or the group when the rota names nobody."""
    return callee(authority, duty.duty, CallRole.DUTY, contacts)


def callee(
    authority: Authority, officer: Officer | None, role: CallRole, contacts: Iterable[Contact]
) -> Callee:
    """`officer` of `authority`, or `None`: its group, with the contacts that reach them."""
    officer_id = None if officer is None else officer.officer_id
    name = authority.name if officer is None else officer.name
    ways = reach(authority.authority_id, officer_id, contacts)
    return Callee(authority.authority_id, officer_id, name, role, ways)


def reach(
    authority_id: str, officer_id: str | None, contacts: Iterable[Contact]
) -> tuple[Contact, ...]:
    """The contacts that reach an officer of an authority, in the order in which they are tried.

    First the group that the authority reads together, then what reaches the person alone; of each
    kind the verified ones first. One that nobody has verified is better than silence.
    """
    fitting = [
        one
        for one in contacts
        if one.authority_id == authority_id and one.officer_id in {None, officer_id}
    ]
    return tuple(
        sorted(
            fitting,
            key=lambda one: (one.kind in PERSONAL, one.verified_at is None, one.contact_id),
        )
    )


def head_of_group(authorities: Mapping[str, Authority], adcodes: Sequence[str]) -> list[Authority]:
    """The groups 协调联络组 that lead these districts, those with an office there first.

    A group leads the districts of the authorities that name it in their place.
    """
    groups = [one for one in authorities.values() if one.level is Level.GROUP]
    led = {
        substitute
        for one in authorities.values()
        if one.adcode in adcodes
        for substitute in one.substitutes
    }
    near = [one for one in groups if one.adcode in adcodes or one.authority_id in led]
    return sorted(near, key=lambda one: (one.adcode not in adcodes, one.authority_id))
