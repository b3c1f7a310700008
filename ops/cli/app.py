"""Entry point of the `whistle` command."""

import sys

import typer

from domain.errors import WhistleError
from ops.cli.crossings import crossings
from ops.cli.decode import decode
from ops.cli.demo import demo
from ops.cli.doctor import doctor
from ops.cli.ingest import ingest
from ops.cli.layers import layers
from ops.cli.migrate import migrate
from ops.cli.serve import serve
from ops.cli.traffic import traffic
from ops.cli.where import where

app = typer.Typer(
    name="whistle",
    help="吹哨: barges, checkpoints and clues in, alerts and joint enforcement out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def whistle() -> None:
    """Real-time operations console for environmental enforcement on the delta's waterways."""


app.command()(crossings)
app.command()(decode)
app.command()(demo)
app.command()(doctor)
app.command()(ingest)
app.command()(migrate)
app.command()(serve)
app.command()(traffic)
app.command(context_settings={"ignore_unknown_options": True})(where)
app.add_typer(layers, name="layers")


def main() -> None:
    """Run the command line; an error meant for people is one line on stderr and exit code 2."""
    try:
        app()
    except WhistleError as error:
        sys.stderr.write(f"whistle: {error}\n")
        sys.exit(2)
