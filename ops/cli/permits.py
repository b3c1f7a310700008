"""`whistle permits`: bring papers onto the permit register from CSV, and take it out again."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InvalidInput
from ops.cli.migrate import DatabaseUrl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.amend_register import RegisterChange
    from domain.permits import Permit, PermitRow
    from domain.tables import WrongTable

permits = typer.Typer(help="The permit register, in and out.", no_args_is_help=True)

SinceOption = Annotated[
    str | None,
    typer.Option("--since", help="since when changes hold: ISO 8601; otherwise from now on"),
]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="why, for the record")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="only check the file; no database")]
AtOption = Annotated[
    str | None, typer.Option("--at", help="as it stood then: ISO 8601; otherwise now")
]
ChineseOption = Annotated[bool, typer.Option("--chinese", help="Chinese headers and words")]


@permits.command("import")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV (docs/permits.md), - for stdin")],
    since: SinceOption = None,
    reason: ReasonOption = None,
    dry_run: DryRun = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Check a file and put its papers on the register, all or none; tell what that changed.

    Every wrong cell is named by line and column, all at once: exit code 2, nothing stored. Papers
    that the file does not name stay as they are.
    """
    from domain.permit_csv import read_permits
    from domain.tables import WrongTable

    moment = _moment("since", since)
    try:
        read = read_permits(_bytes(file))
        if dry_run:
            _print({"papers": len(read.rows), "stored": False})
            return
        try:
            change = _store(read.rows, moment, reason, database_url)
        except WrongTable as refused:
            raise read.named(refused.faults) from refused
    except WrongTable as refused:
        _tell(refused, file)
    numbers = {row.permit.permit_id: row.permit for row in read.rows}
    _print(_told(change, numbers, len(read.rows)))


@permits.command()
def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="where to write, - for stdout")] = "-",
    at: AtOption = None,
    chinese: ChineseOption = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the papers in force as CSV that Excel opens and `import` takes back unchanged."""
    from domain.clock import utc_now
    from domain.permit_csv import write_permits

    papers = _read(_moment("at", at) or utc_now(), database_url)
    data = write_permits(papers, chinese)
    if file == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        Path(file).write_bytes(data)
    except OSError as fault:
        raise InvalidInput("file", f"{file}: {fault.strerror or fault}") from fault
    _print({"papers": len(papers), "file": file})


def _store(
    rows: "tuple[PermitRow, ...]",
    since: datetime | None,
    reason: str | None,
    database_url: str | None,
) -> "RegisterChange":
    import asyncio

    from commands.import_permits import ImportPermits, import_permits
    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)

    async def run() -> "RegisterChange":
        connection = await connect(url, application="whistle permits")
        try:
            return await import_permits(connection, "operator", ImportPermits(rows, since, reason))
        finally:
            await connection.close()

    return asyncio.run(run())


def _read(at: datetime, database_url: str | None) -> "list[Permit]":
    import asyncio

    from db.errors import mapped_errors
    from db.permit import permits_at
    from db.pool import connect
    from db.settings import required_url

    url = required_url(database_url)

    async def run() -> "list[Permit]":
        connection = await connect(url, application="whistle permits")
        try:
            async with mapped_errors():
                return await permits_at(connection, at)
        finally:
            await connection.close()

    return asyncio.run(run())


def _told(change: "RegisterChange", papers: "Mapping[Any, Permit]", in_file: int) -> dict[str, Any]:
    return {
        "papers": in_file,
        "added": [papers[key].number for key in change.added],
        "changed": [
            {
                "number": papers[key].number,
                "kind": papers[key].kind,
                "changes": {field: list(pair) for field, pair in changes.items()},
            }
            for key, changes in change.changed.items()
        ],
        "restored": [papers[key].number for key in change.restored],
        "unchanged": change.unchanged,
        "stored": not change.nothing,
    }


def _tell(refused: "WrongTable", file: str) -> None:
    for fault in refused.faults:
        _print(fault.to_json())
    wrong = f"{len(refused.faults)} faults" if len(refused.faults) > 1 else "1 fault"
    sys.stderr.write(f"whistle: {file} has {wrong}, the first at {refused}; nothing was stored\n")
    raise typer.Exit(2)


def _moment(name: str, text: str | None) -> datetime | None:
    """A moment; without an offset it is Shanghai's, a day alone begins at midnight there."""
    from domain.clock import SHANGHAI

    if text is None:
        return None
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(name, f"expected a day or a time in ISO 8601, got {text!r}") from None
    return said if said.tzinfo is not None else said.replace(tzinfo=SHANGHAI)


def _bytes(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as fault:
        raise InvalidInput("file", f"{name}: {fault.strerror or fault}") from fault


def _print(record: dict[str, Any]) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(record).decode() + "\n")
    sys.stdout.flush()
