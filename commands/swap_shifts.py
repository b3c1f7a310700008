"""Two officers take each other's shift: one act, two shifts, the reason on record."""

from dataclasses import dataclass

from commands.amend_register import Entry, RegisterChange, amend_register
from commands.people_rights import authorise_edit
from commands.put_people import WORDS, UnknownEntry, not_serving, who
from db.errors import mapped_errors
from db.people import AUTHORITIES, OFFICERS, SHIFTS
from db.pool import Connection
from domain.actors import Actor
from domain.errors import InvalidInput
from domain.rota import Shift, swapped


@dataclass(frozen=True, slots=True)
class SwapShifts:
    """The officers of `first` and `second` change places from now on, or from their beginning."""

    first: str
    second: str
    reason: str


async def swap_shifts(
    connection: Connection, actor: Actor | str, command: SwapShifts
) -> RegisterChange:
    """Swap two shifts 换班 in one transaction, with an event for each.

    A shift under way changes hands now, and who held it until now stays on record. Raises
    `InvalidInput` for a shift that is over, unknown, or held by the same officer already,
    `UnknownEntry` for an officer who does not serve the other's authority, `Forbidden` for an
    account that may not.
    """
    if not command.reason.strip():
        raise InvalidInput("reason", "expected why they swap")
    async with mapped_errors(), connection.transaction():
        await AUTHORITIES.lock(connection)
        await OFFICERS.lock(connection)
        now = await SHIFTS.lock(connection)
        await authorise_edit(connection, who(actor), SHIFTS, [command.first, command.second])
        known = await SHIFTS.known(connection, [command.first, command.second])
        held = [
            versions[-1].content
            for versions in known.values()
            if versions and versions[-1].valid_to is None
        ]
        for key in (command.first, command.second):
            if key not in {shift.shift_id for shift in held}:
                raise InvalidInput("shift", f"expected one on the rota, got {key!r}")
        if len(held) != 2:
            raise InvalidInput("shift", "expected two different ones")
        for shift in held:
            if shift.ends_at <= now:
                raise InvalidInput("shift", f"{shift.shift_id} is over")
        pair = swapped(*held)
        if missing := await not_serving(connection, pair):
            raise UnknownEntry(missing)
        entries: list[Entry[Shift]] = [Entry(one.shift_id, one, since=now) for one in pair]
        return await amend_register(
            connection, who(actor).name, SHIFTS, WORDS["shift"], entries, reason=command.reason
        )
