"""`whistle registers`: what the authorities wrote down, in from CSV, and out again."""

from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InvalidInput
from ops.cli.migrate import DatabaseUrl
from ops.cli.permits import AtOption, ChineseOption, DryRun, ReasonOption, SinceOption
from ops.cli.register_kinds import register_kind
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

registers = typer.Typer(help="The registers, in and out.", no_args_is_help=True)

NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="REGISTER",
        help="carriers, wharves, hulls, authorities, officers, contacts or shifts",
    ),
]
WholeOption = Annotated[
    bool,
    typer.Option("--whole", help="telephone numbers, addresses and secrets in full, not masked"),
]


@registers.command("import")
def import_(
    name: NameArgument,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="CSV (docs/registers.md, docs/people.md), - for stdin"),
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
    from domain.register_csv import read_sheet
    from domain.tables import WrongTable

    register = register_kind(name)
    holds_from = moment("since", since)
    try:
        sheet = read_sheet(register.table, bytes_of(file))
        if dry_run:
            print_json({"entries": len(sheet.entries), "stored": False})
            return
        change: RegisterChange = with_connection(
            lambda connection: register.put(connection, sheet, holds_from, reason),
            database_url,
            "whistle registers",
        )
    except WrongTable as refused:
        tell_faults(refused, file)
    print_json(
        {
            "entries": len(sheet.entries),
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
    whole: WholeOption = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write a register as CSV that Excel opens and `import` takes back unchanged.

    Telephone numbers, addresses and secrets are masked, and a masked list is not taken back, unless
    `--whole` is given. Of shifts those that are not over.
    """
    from domain.clock import utc_now
    from domain.people_csv import MASKS
    from domain.register_csv import write_entries

    register = register_kind(name)
    then = moment("at", at) or utc_now()
    entries = with_connection(
        lambda connection: register.read(connection, then), database_url, "whistle registers"
    )
    mask = MASKS.get(register.table.key)
    shown = [mask(one) for one in entries] if mask is not None and not whole else entries
    write_out(file, write_entries(register.table, shown, chinese), {"entries": len(shown)})


@registers.command()
def remove(
    name: NameArgument,
    keys: Annotated[list[str], typer.Argument(metavar="ID…", help="ids; of hulls the MMSI")],
    since: SinceOption = None,
    reason: ReasonOption = None,
    database_url: DatabaseUrl = None,
) -> None:
    """End entries: a carrier that gave up, a barge broken up, an officer who retired.

    What they said before stays on record. An id that the register does not hold ends nothing; exit
    code 2 when none of them is held.
    """
    register = register_kind(name)
    if name == "hulls" and (odd := [key for key in keys if not key.isdecimal()]):
        raise InvalidInput("ID", f"expected an MMSI, got {odd[0]!r}")
    asked = [int(key) if name == "hulls" else key for key in dict.fromkeys(keys)]
    ends = moment("since", since)
    change: RegisterChange = with_connection(
        lambda connection: register.remove(connection, asked, ends, reason),
        database_url,
        "whistle registers",
    )
    unknown = [key for key in asked if key not in change.ended]
    print_json({"removed": list(change.ended), "not_held": unknown})
    if not change.ended:
        raise typer.Exit(2)
