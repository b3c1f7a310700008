"""`whistle decode`: what a recording holds, line by line."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from domain.errors import InvalidInput

_CHUNK_BYTES = 65536


def decode(
    file: Annotated[str, typer.Argument(help="a file of NMEA sentences, or - for standard input")],
) -> None:
    """Decode AIS sentences: one JSON object per message or refused line, a summary on stderr."""
    import orjson

    from domain.clock import utc_now
    from ops.decoding import Listing

    listing = Listing(utc_now)
    out = sys.stdout.buffer
    with _opened(file) as stream:
        for records in listing.records(_chunks(stream)):
            out.writelines(
                orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records
            )
            out.flush()
    sys.stderr.write(listing.summary() + "\n")


def _opened(name: str) -> BinaryIO:
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as fault:
        raise InvalidInput("file", f"{name}: {fault.strerror or fault}") from fault


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    read = getattr(stream, "read1", stream.read)  # what a pipe has now, not only full chunks
    while chunk := read(_CHUNK_BYTES):
        yield chunk
