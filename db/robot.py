"""How often group robots were called lately, kept over restarts of whoever sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from db.catalog import load_queries
from db.pool import Connection

_queries = load_queries("robot")


@dataclass(frozen=True, slots=True)
class RobotUse:
    """Calls within the windows of its limits, the oldest first; not before `blocked_until`."""

    used_at: Sequence[datetime] = ()
    blocked_until: datetime | None = None


def robot_of(channel: str, address: str) -> bytes:
    """The name of a robot in the store, which does not tell its key."""
    return sha256(f"{channel} {address}".encode()).digest()


async def lock_robot(connection: Connection, robot: bytes) -> RobotUse:
    """Its use so far, locked until the transaction ends."""
    await _queries.add_robot(connection, robot=robot)
    row = await _queries.lock_robot(connection, robot=robot)
    return RobotUse(tuple(row["used_at"]), row["blocked_until"])


async def put_robot(connection: Connection, robot: bytes, use: RobotUse) -> None:
    """Its use from now on; call with it locked."""
    await _queries.put_robot(
        connection, robot=robot, used_at=list(use.used_at), blocked_until=use.blocked_until
    )
