"""Device tokens: issued once in the clear, kept by hash, taken back at once."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from db import event
from db.checkpoint import add_token, revoke_tokens
from db.errors import mapped_errors
from db.pool import Connection
from domain.checkpoints import token_hash
from domain.errors import InvalidInput
from domain.events import NewEvent

_MOST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class IssueToken:
    """A new token for one point, which expires after `expires_in`; earlier ones stay valid."""

    checkpoint_id: str
    expires_in: timedelta


@dataclass(frozen=True, slots=True)
class RevokeTokens:
    """Every token of one point."""

    checkpoint_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """The token in the clear: show it once, it cannot be found again."""

    token: str = field(repr=False)
    checkpoint_id: str
    issued_at: datetime
    expires_at: datetime


async def issue_token(connection: Connection, actor: str, command: IssueToken) -> IssuedToken:
    """Issue a token in one transaction with its event.

    Raises `InvalidInput` for a point that is unknown or retired.
    """
    if not timedelta(0) < command.expires_in <= _MOST:
        raise InvalidInput("expires_in", f"expected more than nothing, at most {_MOST.days} days")
    token = f"whistle_{secrets.token_urlsafe(32)}"
    async with mapped_errors(), connection.transaction():
        made = await add_token(
            connection, token_hash(token), command.checkpoint_id, command.expires_in
        )
        if made is None:
            raise InvalidInput(
                "checkpoint_id",
                f"expected a registered checkpoint that stands, here {command.checkpoint_id}",
            )
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="checkpoint",
                    stream_id=command.checkpoint_id,
                    kind="checkpoint.token_issued",
                    actor=actor,
                    occurred_at=made.issued_at,
                    payload={"token_hash": made.token_hash.hex(), "expires_at": made.expires_at},
                )
            ],
        )
    return IssuedToken(token, command.checkpoint_id, made.issued_at, made.expires_at)


async def revoke_point_tokens(connection: Connection, actor: str, command: RevokeTokens) -> int:
    """Take back a point's tokens in one transaction with an event; how many stood."""
    async with mapped_errors(), connection.transaction():
        revoked = await revoke_tokens(connection, command.checkpoint_id)
        if revoked:
            await event.append(
                connection,
                [
                    NewEvent(
                        stream_kind="checkpoint",
                        stream_id=command.checkpoint_id,
                        kind="checkpoint.tokens_revoked",
                        actor=actor,
                        occurred_at=command.at,
                        payload={"token_hashes": sorted(one.hex() for one in revoked)},
                    )
                ],
            )
    return len(revoked)
