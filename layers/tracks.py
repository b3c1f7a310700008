"""Ways of vessels as the map draws them: thinned to what a screen can show."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

TOLERANCE_DEG: Final = 0.0005
"""What a thinned way may leave the true one by: some 50 m, under a pixel where the map opens."""

Way = tuple[tuple[float, float], ...]


def thinned(ways: Mapping[int, Way]) -> dict[int, list[list[float]]]:
    """Each way (lon, lat), of two points at least, in as few points as the tolerance allows.

    A renderer pays for every point at every picture, and a barge on a canal needs few.
    """
    if not ways:
        return {}
    owners = np.repeat(np.arange(len(ways)), [len(way) for way in ways.values()])
    points = np.array([point for way in ways.values() for point in way])
    lines = shapely.simplify(shapely.linestrings(points, indices=owners), TOLERANCE_DEG)
    kept, index = shapely.get_coordinates(lines, return_index=True)
    cuts = np.flatnonzero(np.diff(index)) + 1
    pieces = np.split(kept.round(5), cuts)
    return {mmsi: piece.tolist() for mmsi, piece in zip(ways, pieces, strict=True)}
