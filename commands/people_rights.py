"""Whether somebody may change the registers of people: by deed, and by whose the entries are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from commands.authorise import authorise
from db.people import AUTHORITIES, CONTACTS, OFFICERS, SHIFTS
from db.pool import Connection
from db.versions import VersionTable
from domain.actors import EVERYWHERE, Actor, Deed
from domain.authorities import Authority
from domain.contacts import Contact
from domain.officers import Officer
from domain.rota import Shift

DEEDS: Final[Mapping[str, Deed]] = {
    AUTHORITIES.noun: Deed.AUTHORITY_EDIT,
    OFFICERS.noun: Deed.OFFICER_EDIT,
    SHIFTS.noun: Deed.ROTA_EDIT,
    CONTACTS.noun: Deed.CONTACT_EDIT,
}

Entry = Authority | Officer | Shift | Contact


async def authorise_edit(
    connection: Connection,
    actor: Actor,
    table: VersionTable[Any],
    keys: Sequence[str],
    entries: Sequence[Entry] = (),
) -> None:
    """Raise `Forbidden` unless `actor` may put `entries` in place of what stands under `keys`.

    An account that is bound to a district may where each of them, as it stood and as it shall
    stand, is that district's: an officer its who is at home or seconded there. Call it while the
    register is locked.
    """
    if actor.role is None:
        return
    deed = DEEDS[table.noun]
    await authorise(connection, actor, deed)
    known = await table.known(connection, keys)
    before = [versions[-1].content for versions in known.values() if versions]
    concerned = [*before, *entries]
    units = {unit for one in concerned for unit in _units(one)}
    offices = await AUTHORITIES.known(connection, sorted(units))
    places = {unit: held[-1].content.adcode for unit, held in offices.items() if held}
    for adcodes in sorted({tuple(sorted(_adcodes(one, places))) for one in concerned}):
        await authorise(connection, actor, deed, adcodes or (EVERYWHERE,))


def _adcodes(entry: Entry, places: Mapping[str, str]) -> set[str]:
    """The districts of which any will do."""
    if isinstance(entry, Authority):
        return {entry.adcode}
    return {places[unit] for unit in _units(entry) if unit in places}


def _units(entry: Entry) -> Iterator[str]:
    """The authorities that an entry belongs to; of an authority, none but itself."""
    if isinstance(entry, Officer):
        yield entry.home_authority
        if entry.seconded_to is not None:
            yield entry.seconded_to
    elif not isinstance(entry, Authority):
        yield entry.authority_id
