"""Put one new paper on the permit register; one that stands there already is not overwritten."""

from dataclasses import dataclass
from uuid import UUID

from commands.amend_register import Entry, RegisterChange, amend_register
from commands.import_permits import PERMIT_WORDS
from commands.permit_once import answered, repeated
from db.errors import mapped_errors
from db.permit import PERMITS
from db.pool import Connection
from db.register import CARRIERS
from domain.errors import InvalidInput
from domain.permit_fields import wrong_fields
from domain.permits import Permit


@dataclass(frozen=True, slots=True)
class GrantPermit:
    """A paper as it holds from its first day on. `command_id`: made as the form opens."""

    permit: Permit
    reason: str | None = None
    command_id: UUID | None = None


async def grant_permit(connection: Connection, actor: str, command: GrantPermit) -> RegisterChange:
    """Put it there in one transaction with its event; sent twice with one id it is done once.

    One that was withdrawn is restored. Raises `InvalidInput` naming the field (`number` for a paper
    that the register holds), `CommandReused`, `StoreError`.
    """
    permit = command.permit
    for fault in wrong_fields(permit):
        raise fault
    async with mapped_errors(), connection.transaction():
        before = await repeated(connection, command.command_id, "permit.grant", actor)
        if before is not None:
            return before
        await CARRIERS.lock(connection)
        now = await PERMITS.lock(connection)
        if await PERMITS.standing(connection, {permit.permit_id}):
            raise InvalidInput("number", "a paper that is not on the register yet")
        named = permit.carrier_id
        if named is not None and not await CARRIERS.standing(connection, {named}):
            raise InvalidInput("carrier_id", "expected a carrier on the register")
        entry = Entry(permit.permit_id, permit, since=now, new_since=min(permit.begins_at, now))
        change = await amend_register(
            connection, actor, PERMITS, PERMIT_WORDS, [entry], reason=command.reason
        )
        return await answered(connection, command.command_id, change)
