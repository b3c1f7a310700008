"""Tokens of walls: one per screen, shown once, taken back at once; they only look."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from commands.authorise import authorise
from commands.passwords import new_token, token_hash
from db import event
from db.display import Display
from db.display import issue_display as store_display
from db.display import revoke_display as end_display
from db.errors import mapped_errors
from db.pool import Connection
from domain.actors import Actor, Deed
from domain.errors import InvalidInput
from domain.events import NewEvent

SCREEN_MOST = 24


@dataclass(frozen=True, slots=True)
class IssueDisplay:
    """`screen`: what the wall calls itself, for everybody in the room to read."""

    screen: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RevokeDisplay:
    """One screen's token."""

    display_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class IssuedDisplay:
    """The token in the clear: show it once, it cannot be found again."""

    display_id: UUID
    screen: str
    token: str = field(repr=False)


async def issue_display(
    connection: Connection, actor: Actor, command: IssueDisplay
) -> IssuedDisplay:
    """Issue one in one transaction with its event. Raises `InvalidInput`, `Forbidden`."""
    screen = command.screen.strip()
    if not 0 < len(screen) <= SCREEN_MOST or not screen.isprintable():
        raise InvalidInput("screen", f"expected 1 to {SCREEN_MOST} characters")
    token = new_token()
    display = Display(uuid4(), screen, actor.name, command.at, None, None)
    async with mapped_errors(), connection.transaction():
        await authorise(connection, actor, Deed.DISPLAY_ISSUE)
        await store_display(connection, display, token_hash(token))
        await event.append(
            connection, [_event(actor, display.display_id, "issued", command.at, screen)]
        )
    return IssuedDisplay(display.display_id, screen, token)


async def revoke_display(connection: Connection, actor: Actor, command: RevokeDisplay) -> bool:
    """Take it back in one transaction with its event; `False`: none stood. Raises `Forbidden`."""
    async with mapped_errors(), connection.transaction():
        await authorise(connection, actor, Deed.DISPLAY_ISSUE)
        screen = await end_display(connection, command.display_id, command.at)
        if screen is None:
            return False
        await event.append(
            connection, [_event(actor, command.display_id, "revoked", command.at, screen)]
        )
    return True


def _event(actor: Actor, display_id: UUID, what: str, at: datetime, screen: str) -> NewEvent:
    return NewEvent(
        stream_kind="display",
        stream_id=str(display_id),
        kind=f"display.{what}",
        actor=actor.name,
        occurred_at=at,
        payload={"screen": screen},
    )
