"""What the commands that read and write tables share: files, moments, and faults as JSON lines."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from domain.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from db.pool import Connection
    from domain.tables import WrongTable

T = TypeVar("T")


def bytes_of(name: str) -> bytes:
    """A whole file, or standard input for `-`."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as fault:
        raise InvalidInput("file", f"{name}: {fault.strerror or fault}") from fault


def write_out(name: str, data: bytes, told: dict[str, Any]) -> None:
    """Write a file and say so as JSON, or write to standard output for `-`."""
    if name == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        Path(name).write_bytes(data)
    except OSError as fault:
        raise InvalidInput("file", f"{name}: {fault.strerror or fault}") from fault
    print_json({**told, "file": name})


def moment(name: str, text: str | None) -> datetime | None:
    """A moment; without an offset it is Shanghai's, a day alone begins at midnight there."""
    from domain.clock import SHANGHAI

    if text is None:
        return None
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(name, f"expected a day or a time in ISO 8601, got {text!r}") from None
    return said if said.tzinfo is not None else said.replace(tzinfo=SHANGHAI)


def tell_faults(refused: "WrongTable", file: str) -> NoReturn:
    """Every fault as a JSON line, a sentence beside them, and exit code 2."""
    for fault in refused.faults:
        print_json(fault.to_json())
    wrong = f"{len(refused.faults)} faults" if len(refused.faults) > 1 else "1 fault"
    sys.stderr.write(f"whistle: {file} has {wrong}, the first at {refused}; nothing was stored\n")
    raise typer.Exit(2)


def with_connection(
    work: "Callable[[Connection], Awaitable[T]]", database_url: str | None, application: str
) -> T:
    """Do `work` on one connection of its own; what the driver raises is mapped."""
    import asyncio

    from db.errors import mapped_errors
    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)

    async def run() -> T:
        connection = await connect(url, application=application)
        try:
            async with mapped_errors():
                return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(run())


def print_json(record: dict[str, Any]) -> None:
    """One object on a line of its own."""
    import orjson

    sys.stdout.write(orjson.dumps(record).decode() + "\n")
    sys.stdout.flush()
