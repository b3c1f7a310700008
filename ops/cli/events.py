"""`whistle events`: whether anybody changed what was recorded."""

import sys
from typing import TYPE_CHECKING

import typer

from ops.cli.migrate import DatabaseUrl
from ops.cli.public_keys import (
    PublicKey,
    check_sequence,
    counted,
    keys_of,
    last_of,
    on_snapshot,
)
from ops.cli.tables import print_json

if TYPE_CHECKING:
    from db.pool import Connection
    from db.seal import ChainState, Totals
    from domain.seals import SequenceCheck

events = typer.Typer(help="The chain of events: who did and knew what.", no_args_is_help=True)

_STATEMENT_S = 7200.0  # the server sorts all events before it gives the first


@events.callback()
def group() -> None:
    """The chain of events: who did and knew what."""


@events.command()
def verify(public_key: PublicKey = None, database_url: DatabaseUrl = None) -> None:
    """Recompute the chain of every aggregate, with its seals; what is broken is JSON on stdout.

    Exit code 1 when a chain or a seal does not hold, 2 when seals cannot be read.
    """
    from db.seal import follow_all

    keys, known = keys_of(public_key)
    signed = None if keys is None else keys.signed

    def tell(state: "ChainState") -> None:
        print_json(
            {
                "stream_kind": state.stream_kind,
                "stream_id": state.stream_id,
                "faults": state.faults,
            }
        )

    async def look(connection: "Connection") -> "tuple[Totals, SequenceCheck, list[str]]":
        totals = await follow_all(connection, signed, tell)
        return totals, *await check_sequence(connection, keys, known)

    totals, sequence, wrong = on_snapshot(look, database_url, "whistle events", _STATEMENT_S)
    if wrong:
        print_json({"seals": sequence.seals, "faults": wrong})
    said = f"{totals.broken} of them broken" if totals.broken else "all hold"
    sys.stderr.write(f"{totals.events} events in {totals.chains} chains: {said}\n")
    _tell_seals(totals, sequence, sound=not wrong)
    if totals.broken or wrong:
        raise typer.Exit(1)
    if sequence.seals and keys is None:
        sys.stderr.write("whistle: there are seals, but no --public-key to read them by\n")
        raise typer.Exit(2)


def _tell_seals(totals: "Totals", sequence: "SequenceCheck", *, sound: bool) -> None:
    last = last_of(sequence)
    if last is not None:
        state = "in order" if sound else "not in order"
        sys.stderr.write(
            f"{counted(sequence.seals, 'seal')} {state}, the last is {last['number']} "
            f"of {last['sealed_at'].isoformat(timespec='seconds')}, digest {last['digest']}\n"
        )
    if totals.unsealed:
        sys.stderr.write(
            f"{counted(totals.unsealed, 'event')} without a seal yet: hashes alone speak\n"
        )
