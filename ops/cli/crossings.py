"""`whistle crossings`: the crossings that recorded tracks hold."""

import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from domain.errors import InvalidInput

TracksFile = Annotated[
    str, typer.Argument(metavar="FILE", help="CSV with mmsi,t,lon,lat[,sog,cog], or - for stdin")
]
AsReceived = Annotated[
    bool,
    typer.Option(
        "--as-received", help="take rows as they would arrive live: late ones are set aside"
    ),
]


def crossings(file: TracksFile, as_received: AsReceived = False) -> None:
    """Print each confirmed crossing as one JSON object, in order of confirmation."""
    import orjson

    from layers.detection import Detector
    from layers.geography import Geography
    from layers.replay import replay
    from layers.trackfile import read_tracks

    with _opened(file) as stream:
        tracks = read_tracks(stream)
    if tracks.disordered and not as_received:
        sys.stderr.write(f"{tracks.disordered} rows were out of order and have been sorted\n")
    fixes = tracks.fixes if as_received else tracks.sorted()
    result = replay(Detector(Geography.builtin()), fixes)
    out = sys.stdout.buffer
    for crossing in result.crossings:
        out.write(orjson.dumps(crossing.to_json(), option=orjson.OPT_APPEND_NEWLINE))
    out.flush()
    sys.stderr.write(result.summary() + "\n")


def _opened(name: str) -> BinaryIO:
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as fault:
        raise InvalidInput("file", f"{name}: {fault.strerror or fault}") from fault
