"""`whistle seals`: the key with which the watch signs what was recorded."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.cli.tables import print_json

seals = typer.Typer(help="Signatures over the chains of events.", no_args_is_help=True)


@seals.callback()
def group() -> None:
    """Signatures over the chains of events."""


@seals.command()
def key(
    file: Annotated[
        Path | None, typer.Argument(help="Default: WHISTLE_SEAL_KEY_FILE.", show_default=False)
    ] = None,
) -> None:
    """Make a private key in FILE, its public half in FILE.pub; the public half as JSON on stdout.

    A key that is there already is told, not replaced.
    """
    from domain.errors import InvalidInput
    from streams.seal_key import SealKey, public_file
    from streams.settings import SealSettings

    path = file or SealSettings().seal_key_file
    if path is None:
        raise InvalidInput("file", "name the file, or set WHISTLE_SEAL_KEY_FILE")
    made = not path.exists()
    found = SealKey.make(path) if made else SealKey.load(path)
    print_json(
        {
            "key_id": found.key_id,
            "public_key": found.public_pem(),
            "public_file": str(public_file(path)),
            "made": made,
        }
    )
    if made:
        sys.stderr.write(f"keep a copy of {public_file(path)} where nobody of here can write\n")
