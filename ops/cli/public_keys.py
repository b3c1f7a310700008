"""What the commands that check seals share: public keys, and the newest seal that is remembered."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from db.pool import Connection
    from domain.seals import SequenceCheck
    from streams.seal_key import PublicKeys

PublicKey = Annotated[
    Path | None,
    typer.Option(
        help="PEM file of the public keys; default: WHISTLE_SEAL_KEY_FILE with .pub.",
        show_default=False,
    ),
]


def keys_of(given: Path | None) -> "tuple[PublicKeys | None, tuple[int, bytes] | None]":
    """The public keys, and number and digest of the newest seal that was made on this machine."""
    from streams.seal_key import PublicKeys, public_file, remembered
    from streams.settings import SealSettings

    private = SealSettings().seal_key_file
    file = given or (None if private is None else public_file(private))
    return (
        None if file is None else PublicKeys.load(file),
        None if private is None else remembered(private),
    )


async def check_sequence(
    connection: "Connection", keys: "PublicKeys | None", known: tuple[int, bytes] | None
) -> "tuple[SequenceCheck, list[str]]":
    """All seals by number, and what is wrong with them, in words."""
    from commands.seal_chains import SealsGone, require_seal
    from db.seal import follow_seals

    check = await follow_seals(connection, None if keys is None else keys.signed)
    faults = check.faults()
    try:
        await require_seal(connection, known)
    except SealsGone as gone:
        faults.append(str(gone))
    return check, faults


def last_of(check: "SequenceCheck") -> dict[str, Any] | None:
    """The newest seal, as JSON says it: to be noted elsewhere and compared another day."""
    from domain.seals import digest

    if check.last is None:
        return None
    return {
        "number": check.last.number,
        "digest": digest(check.last).hex(),
        "sealed_at": check.last.sealed_at,
        "key_id": check.last.key_id,
    }


def counted(number: int, noun: str) -> str:
    """`1 seal`, `2 seals`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def unsealed_words(events: int, sealed_at: "datetime | None") -> str:
    """What no seal vouches for, as a sentence; empty when there is nothing."""
    if not events:
        return ""
    told, one = counted(events, "event"), events == 1
    if sealed_at is None:
        return f"{told} {'has' if one else 'have'} no seal: hashes alone speak"
    since = sealed_at.isoformat(timespec="seconds")
    return f"{told} since the last seal at {since} {'is' if one else 'are'} not sealed yet"


def on_snapshot(
    work: "Callable[[Connection], Any]", database_url: str | None, application: str, limit_s: float
) -> Any:  # noqa: ANN401 - whatever `work` brings
    """Do `work` in one read-only snapshot of the store, whatever is written meanwhile."""
    import asyncio

    from db.errors import mapped_errors
    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)

    async def run() -> Any:  # noqa: ANN401
        connection = await connect(url, application=application, statement_timeout_s=limit_s)
        try:
            async with (
                mapped_errors(),
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(run())
