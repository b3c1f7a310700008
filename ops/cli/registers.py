"""`whistle registers`: carriers, wharves and hulls in from CSV, and out again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from domain.errors import InvalidInput
from ops.cli.migrate import DatabaseUrl
from ops.cli.permits import AtOption, ChineseOption, DryRun, ReasonOption, SinceOption
from ops.cli.tables import (
    bytes_of,
    moment,
    print_json,
    tell_faults,
    with_connection,
    write_out,
)

if TYPE_CHECKING:
    from commands.amend_register import RegisterChange

registers = typer.Typer(help="Carriers, wharves and hulls, in and out.", no_args_is_help=True)

_NOUNS: Final[Mapping[str, Literal["carrier", "wharf", "hull"]]] = {
    "carriers": "carrier",
    "wharves": "wharf",
    "hulls": "hull",
}
NameArgument = Annotated[str, typer.Argument(metavar="REGISTER", help="carriers, wharves or hulls")]


@registers.command("import")
def import_(
    name: NameArgument,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV (docs/registers.md), - for stdin")
    ],
    since: SinceOption = None,
    reason: ReasonOption = None,
    dry_run: DryRun = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Check a file and put its entries on a register, all or none; tell what that changed.

    Every wrong cell is named by line and column, all at once: exit code 2, nothing stored. Entries
    that the file does not name stay as they are.
    """
    from commands.put_registers import PutEntries
    from domain.register_csv import read_entries
    from domain.tables import WrongTable

    table, put, _ = _register(name)
    holds_from = moment("since", since)
    try:
        entries = read_entries(table, bytes_of(file))
    except WrongTable as refused:
        tell_faults(refused, file)
    if dry_run:
        print_json({"entries": len(entries), "stored": False})
        return
    command = PutEntries(entries, holds_from, reason)
    change: RegisterChange = with_connection(
        lambda connection: put(connection, "operator", command), database_url, "whistle registers"
    )
    print_json(
        {
            "entries": len(entries),
            "added": list(change.added),
            "changed": [
                {"key": key, "changes": {field: list(pair) for field, pair in changes.items()}}
                for key, changes in change.changed.items()
            ],
            "restored": list(change.restored),
            "unchanged": change.unchanged,
            "stored": not change.nothing,
        }
    )


@registers.command()
def export(
    name: NameArgument,
    file: Annotated[str, typer.Argument(metavar="FILE", help="where to write, - for stdout")] = "-",
    at: AtOption = None,
    chinese: ChineseOption = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a register as CSV that Excel opens and `import` takes back unchanged."""
    from domain.clock import utc_now
    from domain.register_csv import write_entries

    table, _, read = _register(name)
    then = moment("at", at) or utc_now()
    entries: dict[Any, Any] = with_connection(
        lambda connection: read(connection, None, then), database_url, "whistle registers"
    )
    write_out(file, write_entries(table, entries.values(), chinese), {"entries": len(entries)})


@registers.command()
def remove(
    name: NameArgument,
    keys: Annotated[list[str], typer.Argument(metavar="ID…", help="ids; of hulls the MMSI")],
    since: SinceOption = None,
    reason: ReasonOption = None,
    database_url: DatabaseUrl = None,
) -> None:
    """End entries: a carrier that gave up, a wharf that was closed, a barge broken up.

    What they said before stays on record. An id that the register does not hold ends nothing; exit
    code 2 when none of them is held.
    """
    from commands.put_registers import RemoveEntries, remove_entries

    _register(name)
    if name == "hulls" and (odd := [key for key in keys if not key.isdecimal()]):
        raise InvalidInput("ID", f"expected an MMSI, got {odd[0]!r}")
    asked = [int(key) if name == "hulls" else key for key in dict.fromkeys(keys)]
    command = RemoveEntries(_NOUNS[name], asked, moment("since", since), reason)
    change: RegisterChange = with_connection(
        lambda connection: remove_entries(connection, "operator", command),
        database_url,
        "whistle registers",
    )
    unknown = [key for key in asked if key not in change.ended]
    print_json({"removed": list(change.ended), "not_held": unknown})
    if not change.ended:
        raise typer.Exit(2)


def _register(name: str) -> tuple[Any, Any, Any]:
    """How a register stands in a file, the command that fills it, the reader that empties it."""
    from commands import put_registers as put
    from db import register as read
    from domain import register_csv as table

    known = {
        "carriers": (table.CARRIERS, put.put_carriers, read.carriers),
        "wharves": (table.WHARVES, put.put_wharves, read.wharves),
        "hulls": (table.HULLS, put.put_hulls, read.hulls),
    }
    if name not in known:
        raise InvalidInput("register", f"expected one of {', '.join(known)}, got {name!r}")
    return known[name]
