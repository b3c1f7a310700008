"""Points that were taken down: they read no more, their tokens end, what they read stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from commands.issue_token import RevokeTokens, revoke_point_tokens
from db import event
from db.checkpoint import lock_points, retire
from db.errors import mapped_errors
from db.pool import Connection
from domain.events import NewEvent


@dataclass(frozen=True, slots=True)
class RetireCheckpoints:
    """Points by id; they end now."""

    checkpoint_ids: Sequence[str]
    reason: str | None = None


async def retire_checkpoints(
    connection: Connection, actor: str, command: RetireCheckpoints
) -> dict[str, int]:
    """Retire the points in one transaction with their events; id → tokens that ended with it.

    Those that do not stand, or never did, are left out. A reading from before the end is still
    taken, from Kafka for example, where it may have waited.
    """
    async with mapped_errors(), connection.transaction():
        await lock_points(connection)
        ended = await retire(connection, command.checkpoint_ids)
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="checkpoint",
                    stream_id=name,
                    kind="checkpoint.retired",
                    actor=actor,
                    occurred_at=at,
                    payload={} if command.reason is None else {"reason": command.reason},
                )
                for name, at in ended.items()
            ],
        )
        return {
            name: await revoke_point_tokens(connection, actor, RevokeTokens(name, at))
            for name, at in ended.items()
        }
