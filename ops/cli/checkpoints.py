"""`whistle checkpoints`: the points, their health, and the tokens of their devices."""

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.checkpoint_register import export, import_, retire
from ops.cli.migrate import DatabaseUrl

if TYPE_CHECKING:
    from domain.checkpoints import DeviceHealth

checkpoints = typer.Typer(
    help="The points, how their devices do, and the tokens by which they speak.",
    no_args_is_help=True,
)

checkpoints.command("import")(import_)
checkpoints.command()(export)
checkpoints.command()(retire)

_ACTOR = "operator"
_DAY = timedelta(days=1)


@checkpoints.command("list")
def list_(database_url: DatabaseUrl = None) -> None:
    """Every point that stands, a JSON object each: online, late or silent, what was refused.

    `refused_24h` counts the refusals of the last 24 hours by code; last lines, without a health,
    count those of retired points, and as `unknown` those of which no token told the device.
    """
    import asyncio

    from db import checkpoint
    from db.pool import connect
    from db.settings import required_url
    from domain.clock import utc_now

    url = required_url(database_url)

    async def run() -> None:
        now = utc_now()
        connection = await connect(url, application="whistle checkpoints")
        try:
            found = await checkpoint.health(connection)
            refused = await checkpoint.refusals(connection, now - _DAY)
        finally:
            await connection.close()
        for one in found:
            _print(_told(one, now, refused.pop(one.checkpoint.checkpoint_id, {})))
        for name, counts in refused.items():
            _print({"checkpoint_id": name, "refused_24h": counts})

    asyncio.run(run())


@checkpoints.command()
def token(
    checkpoint_id: Annotated[str, typer.Argument(help="the point that the device stands at")],
    days: Annotated[float, typer.Option("--days", help="how long the token counts")] = 365.0,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="take back the point's tokens, and issue none")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Issue a token for a point's device and print it: it is shown once and stored as a hash.

    Earlier tokens stay valid, so that a device can be changed over; `--revoke` ends them all.
    """
    import asyncio

    from commands.issue_token import IssueToken, RevokeTokens, issue_token, revoke_point_tokens
    from db.checkpoint import points as read_points
    from db.pool import connect
    from db.settings import required_url
    from domain.clock import utc_now
    from domain.errors import InvalidInput

    url = required_url(database_url)
    if not 0 < days <= 3660:
        raise InvalidInput("--days", f"expected more than 0, at most 3660, here {days:g}")

    async def run() -> None:
        connection = await connect(url, application="whistle checkpoints")
        try:
            point = (await read_points(connection)).get(checkpoint_id)
            if point is None:
                raise InvalidInput("checkpoint_id", f"no point is registered as {checkpoint_id}")
            if revoke:
                ended = await revoke_point_tokens(
                    connection, _ACTOR, RevokeTokens(checkpoint_id, utc_now())
                )
                _print({"checkpoint_id": checkpoint_id, "revoked": ended})
                return
            issued = await issue_token(
                connection, _ACTOR, IssueToken(checkpoint_id, timedelta(days=days))
            )
        finally:
            await connection.close()
        _print(
            {
                "checkpoint_id": issued.checkpoint_id,
                "token": issued.token,
                "expires_at": issued.expires_at.isoformat(),
            }
        )

    asyncio.run(run())


def _told(one: "DeviceHealth", now: datetime, refused_24h: dict[str, int]) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        **asdict(one.checkpoint),
        "health": one.at(now),
        "last_contact_at": _moment(one.last_contact_at),
        "last_reading_at": _moment(one.last_reading_at),
        "clock_ahead_s": one.clock_ahead_s,
        "refused": one.refused,
        "refused_24h": refused_24h,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _print(said: dict[str, Any]) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(said).decode() + "\n")
