"""`whistle checkpoints`: points onto the register from CSV, out again, and off it."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.migrate import DatabaseUrl
from ops.cli.permits import ChineseOption, DryRun, ReasonOption
from ops.cli.tables import bytes_of, print_json, tell_faults, with_connection, write_out

if TYPE_CHECKING:
    from commands.amend_register import RegisterChange
    from db.pool import Connection
    from domain.checkpoint_csv import CheckpointFile
    from domain.checkpoints import Checkpoint

_ACTOR = "operator"
_APPLICATION = "whistle checkpoints"
_NAMED = 3

DatumOption = Annotated[
    str | None,
    typer.Option(
        "--datum",
        help="what the degrees mean where the file has no datum of its own: wgs84, gcj02 or bd09",
    ),
]


def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV (docs/checkpoints.md), - for stdin")
    ],
    datum: DatumOption = None,
    reason: ReasonOption = None,
    dry_run: DryRun = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Check a file and put its points on the register, all or none; tell what that changed.

    Every wrong cell is named by line and column, all at once: exit code 2, nothing stored. Points
    that the file does not name stay as they are. `without_token`: whose devices cannot speak yet.
    """
    from domain.checkpoint_csv import read_checkpoints
    from domain.tables import WrongTable
    from layers.checkpoint_places import in_wgs84
    from layers.datum import parse_datum

    try:
        read = read_checkpoints(
            bytes_of(file), None if datum is None else parse_datum(datum, "--datum")
        )
        _tell_misplaced(read)
        if dry_run:
            print_json({"checkpoints": len(read.rows), "stored": False})
            return
        change, silent = _store(read, in_wgs84(read.rows), reason, database_url)
    except WrongTable as refused:
        tell_faults(refused, file)
    print_json(
        {
            "checkpoints": len(read.rows),
            "added": list(change.added),
            "changed": [
                {
                    "checkpoint_id": name,
                    "changes": {field: list(pair) for field, pair in changes.items()},
                }
                for name, changes in change.changed.items()
            ],
            "restored": list(change.restored),
            "unchanged": change.unchanged,
            "without_token": silent,
            "stored": not change.nothing,
        }
    )
    _tell_tokens(silent)


def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="where to write, - for stdout")] = "-",
    chinese: ChineseOption = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the points that stand, in WGS-84, as CSV that `import` takes back unchanged."""
    from db.checkpoint import points
    from domain.checkpoint_csv import write_checkpoints

    known = with_connection(points, database_url, _APPLICATION)
    standing = [one.checkpoint for one in known.values() if one.retired_at is None]
    write_out(file, write_checkpoints(standing, chinese), {"checkpoints": len(standing)})


def retire(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="points that were taken down")],
    reason: ReasonOption = None,
    database_url: DatabaseUrl = None,
) -> None:
    """End points: their tokens are taken back within a second, what they read stays.

    `import` puts one up again. An id that no point stands under ends nothing; exit code 2 when
    none does.
    """
    from commands.retire_checkpoints import RetireCheckpoints, retire_checkpoints

    asked = list(dict.fromkeys(ids))
    command = RetireCheckpoints(asked, reason)
    ended: Mapping[str, int] = with_connection(
        lambda connection: retire_checkpoints(connection, _ACTOR, command),
        database_url,
        _APPLICATION,
    )
    print_json(
        {
            "retired": [name for name in asked if name in ended],
            "tokens_revoked": sum(ended.values()),
            "not_standing": [name for name in asked if name not in ended],
        }
    )
    if not ended:
        raise typer.Exit(2)


def _store(
    read: "CheckpointFile",
    points: "Sequence[Checkpoint]",
    reason: str | None,
    database_url: str | None,
) -> "tuple[RegisterChange, list[str]]":
    """What the import changed, and whose devices have no token that counts."""
    from commands.register_checkpoints import (
        OtherSystem,
        RegisterCheckpoints,
        register_checkpoints,
    )
    from db.checkpoint import tokens
    from domain.clock import utc_now

    async def run(connection: "Connection") -> "tuple[RegisterChange, list[str]]":
        now = utc_now()
        change = await register_checkpoints(
            connection, _ACTOR, RegisterCheckpoints(points, now, reason)
        )
        speaking = {
            one.checkpoint_id
            for one in (await tokens(connection)).values()
            if one.revoked_at is None and one.expires_at > now
        }
        return change, [p.checkpoint_id for p in points if p.checkpoint_id not in speaking]

    try:
        return with_connection(run, database_url, _APPLICATION)
    except OtherSystem as refused:
        expected = {
            name: f"{system}, as it is registered: a device of another system is another point"
            for name, system in refused.known.items()
        }
        raise read.named("system", expected) from refused


def _tell_misplaced(read: "CheckpointFile") -> None:
    from layers.checkpoint_places import misplaced
    from layers.geography import Geography

    for one in misplaced(read.rows, Geography.builtin()):
        found = f"has it in {one.found}" if one.found else "does not reach so far"
        sys.stderr.write(
            f"whistle: line {one.line}: {one.checkpoint_id} should stand in {one.said}, the map "
            f"{found}: is the datum right?\n"
        )


def _tell_tokens(silent: Sequence[str]) -> None:
    """How the devices get their tokens: no reading is taken without one."""
    if not silent:
        return
    more = f" (and {len(silent) - _NAMED} more)" if len(silent) > _NAMED else ""
    sys.stderr.write(
        f"whistle: no token yet for {', '.join(silent[:_NAMED])}{more}: issue one for each device, "
        "it is shown once: whistle checkpoints token ID\n"
    )
