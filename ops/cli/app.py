"""Entry point of the `whistle` command."""

import sys
from collections.abc import Iterator

import typer
from pydantic import ValidationError

from domain.errors import WhistleError
from ops.cli.accounts import accounts
from ops.cli.case import case
from ops.cli.checkpoints import checkpoints
from ops.cli.compact import compact
from ops.cli.contacts import contacts
from ops.cli.crossings import crossings
from ops.cli.decode import decode
from ops.cli.demo import demo
from ops.cli.devices import devices
from ops.cli.displays import displays
from ops.cli.doctor import doctor
from ops.cli.events import events
from ops.cli.ingest import ingest
from ops.cli.layers import layers
from ops.cli.migrate import migrate
from ops.cli.outbox import outbox
from ops.cli.permits import permits
from ops.cli.preflight import preflight
from ops.cli.receive import receive
from ops.cli.registers import registers
from ops.cli.relay import relay
from ops.cli.replay import replay
from ops.cli.rota import rota
from ops.cli.seals import seals
from ops.cli.serve import serve
from ops.cli.store import store
from ops.cli.topics import topics
from ops.cli.track import track
from ops.cli.traffic import traffic
from ops.cli.watch import watch
from ops.cli.where import where

_STORE_HINT = dict.fromkeys(
    ("store.error", "store.unavailable", "store.missing_right"),
    "; the database is the one that DATABASE_URL names, `whistle doctor` looks at it",
)
"""What helps beside the database's own words."""

app = typer.Typer(
    name="whistle",
    help="吹哨: barges and checkpoints in, crossings and alerts out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def whistle() -> None:
    """Real-time operations console for environmental enforcement on the delta's waterways."""


app.command()(compact)
app.command()(crossings)
app.command()(decode)
app.command()(demo)
app.command()(devices)
app.command()(doctor)
app.command()(ingest)
app.command()(migrate)
app.command()(preflight)
app.command()(receive)
app.command()(replay)
app.command()(relay)
app.command()(serve)
app.command()(track)
app.command()(traffic)
app.command()(watch)
app.command(context_settings={"ignore_unknown_options": True})(where)
app.add_typer(case, name="case")
app.add_typer(accounts, name="accounts")
app.add_typer(checkpoints, name="checkpoints")
app.add_typer(contacts, name="contacts")
app.add_typer(displays, name="displays")
app.add_typer(events, name="events")
app.add_typer(layers, name="layers")
app.add_typer(outbox, name="outbox")
app.add_typer(permits, name="permits")
app.add_typer(registers, name="registers")
app.add_typer(rota, name="rota")
app.add_typer(seals, name="seals")
app.add_typer(store, name="store")
app.add_typer(topics, name="topics")


def wrong_settings(error: ValidationError) -> Iterator[str]:
    """A line per setting that is not what was expected, by the name it has in the environment."""
    for fault in error.errors():
        name = str(fault["loc"][0]) if fault["loc"] else error.title
        variable = name if name.isupper() else f"WHISTLE_{name.upper()}"
        yield f"{variable}: {fault['msg']}, here {fault['input']!r} (docs/settings.md)"


def main() -> None:
    """Run the command line; an error meant for people is one line on stderr and exit code 2."""
    try:
        app()
    except WhistleError as error:
        sys.stderr.write(f"whistle: {error}{_STORE_HINT.get(error.code, '')}\n")
        sys.exit(2)
    except ValidationError as error:
        sys.stderr.writelines(f"whistle: {line}\n" for line in wrong_settings(error))
        sys.exit(2)
