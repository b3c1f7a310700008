"""`whistle case`: an incident opened and whistled for, and whether its record stands."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.case_open import blow, open_
from ops.cli.migrate import DatabaseUrl
from ops.cli.public_keys import (
    PublicKey,
    check_sequence,
    counted,
    keys_of,
    last_of,
    on_snapshot,
    unsealed_words,
)
from ops.cli.tables import print_json

if TYPE_CHECKING:
    from db.pool import Connection

case = typer.Typer(help="An incident and its record.", no_args_is_help=True)
case.command("open")(open_)
case.command()(blow)

_STATEMENT_S = 600.0


@case.callback()
def group() -> None:
    """An incident and its record."""


@case.command()
def verify(
    incident: Annotated[str, typer.Argument(help="Number (2026-1124-03) or id.")],
    public_key: PublicKey = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Hold the incident's events against their hashes, their head and every seal; JSON on stdout.

    Exit code 0: all holds; 1: something was changed, cut off or rewritten; 2: not to be told.
    """
    from db.incident import KIND
    from db.seal import ChainState, follow_chain, incident_named
    from domain.errors import InvalidInput

    keys, known = keys_of(public_key)
    signed = None if keys is None else keys.signed

    async def look(connection: "Connection") -> tuple[dict[str, Any], ChainState]:
        named = await incident_named(connection, incident)
        name, number = named or (incident.lower(), None)
        state = await follow_chain(connection, KIND, name, signed)
        if state is None and named is None:
            raise InvalidInput("incident", f"no incident has the number or id {incident!r}")
        if state is None:
            state = ChainState(KIND, name, faults=["nothing is recorded about it"])
        sequence, wrong = await check_sequence(connection, keys, known)
        faults = [*state.faults, *wrong]
        if named is None:
            faults.append("its events are there, the incident itself is not")
        unread = bool(sequence.seals and keys is None)
        return {
            "incident_id": name,
            "number": number,
            "holds": False if faults else None if unread else True,
            "events": state.events,
            "head": None
            if state.head is None
            else {"seq": state.head[0], "hash": state.head[1].hex()},
            "seals": state.seals,
            "sealed_seq": state.sealed_seq,
            "sealed_at": state.sealed_at,
            "unsealed": state.unsealed,
            "last_seal": last_of(sequence),
            "faults": faults,
        }, state

    told, state = on_snapshot(look, database_url, "whistle case", _STATEMENT_S)
    print_json(told)
    if told["faults"]:
        sys.stderr.write(f"{incident} does not hold: {told['faults'][0]}\n")
        raise typer.Exit(1)
    if told["holds"] is None:
        sys.stderr.write("whistle: there are seals, but no --public-key to read them by\n")
        raise typer.Exit(2)
    said = f"; {open_end}" if (open_end := unsealed_words(state.unsealed, state.sealed_at)) else ""
    size = f"{counted(state.events, 'event')}, {counted(state.seals, 'seal')}"
    sys.stderr.write(f"{incident} holds: {size}{said}\n")
