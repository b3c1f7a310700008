"""`whistle permits`: bring papers onto the permit register from CSV, and take it out again."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.migrate import DatabaseUrl
from ops.cli.tables import (
    bytes_of,
    moment,
    print_json,
    tell_faults,
    with_connection,
    write_out,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.amend_register import RegisterChange
    from domain.permits import Permit

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
    from commands.import_permits import ImportPermits, import_permits
    from domain.permit_csv import read_permits
    from domain.tables import WrongTable

    holds_from = moment("since", since)
    try:
        read = read_permits(bytes_of(file))
        if dry_run:
            print_json({"papers": len(read.rows), "stored": False})
            return
        command = ImportPermits(read.rows, holds_from, reason)
        try:
            change = with_connection(
                lambda connection: import_permits(connection, "operator", command),
                database_url,
                "whistle permits",
            )
        except WrongTable as refused:
            raise read.named(refused.faults) from refused
    except WrongTable as refused:
        tell_faults(refused, file)
    numbers = {row.permit.permit_id: row.permit for row in read.rows}
    print_json(_told(change, numbers, len(read.rows)))


@permits.command()
def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="where to write, - for stdout")] = "-",
    at: AtOption = None,
    chinese: ChineseOption = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the papers in force as CSV that Excel opens and `import` takes back unchanged."""
    from db.permit import permits_at
    from domain.clock import utc_now
    from domain.permit_csv import write_permits

    then = moment("at", at) or utc_now()
    papers = with_connection(
        lambda connection: permits_at(connection, then), database_url, "whistle permits"
    )
    data = write_permits(papers, chinese)
    write_out(file, data, {"papers": len(papers)})


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
