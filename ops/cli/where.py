"""`whistle where`: the district of a point, and whether its neighbours must be asked."""

import math
import sys
from typing import Annotated

import typer

from domain.errors import InvalidInput

Lon = Annotated[str, typer.Argument(metavar="LON", help="degrees east, -180 to 180")]
Lat = Annotated[str, typer.Argument(metavar="LAT", help="degrees north, -90 to 90")]
DatumOption = Annotated[
    str, typer.Option("--datum", help="what the degrees mean: wgs84, gcj02 or bd09")
]


def where(lon: Lon, lat: Lat, datum: DatumOption = "wgs84") -> None:
    """Print where a point is: district, border water, neighbours within 300 m of a border."""
    import orjson

    from layers.datum import parse_datum, to_wgs84
    from layers.geography import Geography

    east, north = _degrees("lon", lon, 180.0), _degrees("lat", lat, 90.0)
    x, y = to_wgs84([east], [north], parse_datum(datum))
    found = Geography.builtin().where(float(x[0]), float(y[0]))
    sys.stdout.write(orjson.dumps(found.to_json()).decode() + "\n")


def _degrees(field: str, text: str, limit: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= limit:
        expected = f"expected degrees from -{limit:.0f} to {limit:.0f}, got {text!r}"
        raise InvalidInput(field, expected)
    return value
