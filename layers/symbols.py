"""The symbols of the map, drawn from their outlines into one small PNG.

Every symbol points north and is a mask: the map tints and turns it. Filled means laden, an outline
means light or unknown; a dashed outline means the bow's direction is not known, only the course.
"""

import io
import zlib
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from shapely import LineString, Point, Polygon, contains_xy, prepare, union_all
from shapely.geometry.base import BaseGeometry

CELL: Final = 64
"""Pixels of a symbol's side in the picture: twice what a screen of double density shows."""
_OVERSAMPLE: Final = 4
_STROKE: Final = 5.2

_SQUARE: Final[list[tuple[float, float]]] = [(14, 14), (50, 14), (50, 50), (14, 50)]
_HULL: Final[list[tuple[float, float]]] = [(32, 3), (46, 58), (32, 48), (18, 58)]


def _outline(shape: list[tuple[float, float]]) -> BaseGeometry:
    ring = Polygon(shape).exterior
    return ring.buffer(_STROKE / 2, join_style="mitre")


def _dashes(shape: list[tuple[float, float]], dash: float, gap: float) -> BaseGeometry:
    ring = Polygon(shape).exterior
    pieces, at = [], 0.0
    while at < ring.length:
        ends = [ring.interpolate(d) for d in np.linspace(at, min(at + dash, ring.length), 4)]
        pieces.append(LineString(ends).buffer(_STROKE / 2, cap_style="flat"))
        at += dash + gap
    return union_all(pieces)


def _slashed(shape: BaseGeometry) -> BaseGeometry:
    bar = LineString([(8, 50), (56, 20)])
    return union_all([shape.difference(bar.buffer(6)), bar.buffer(_STROKE / 2)])


def _crossed(square: list[tuple[float, float]]) -> BaseGeometry:
    bars = [LineString([square[i], square[i + 2]]).buffer(_STROKE / 2) for i in range(2)]
    return union_all([_outline(square), *bars])


def _ring(radius: float) -> BaseGeometry:
    return Point(32, 32).buffer(radius, quad_segs=24).boundary.buffer(_STROKE / 2)


def _dashed_ring(radius: float, dashes: int) -> BaseGeometry:
    circle = Point(32, 32).buffer(radius, quad_segs=24).exterior
    step = circle.length / dashes
    pieces = [
        LineString([circle.interpolate(n * step + d) for d in np.linspace(0, 0.55 * step, 5)])
        for n in range(dashes)
    ]
    return union_all([piece.buffer(_STROKE / 2, cap_style="flat") for piece in pieces])


def _shapes() -> dict[str, BaseGeometry]:
    ring = _ring(12)
    hull = _outline(_HULL)
    return {
        "heading": hull,
        "course": _dashes(_HULL, 9.0, 6.0),
        "still": ring,
        "lost": _slashed(hull),
        "lost-still": _slashed(ring),
        "laden": Polygon(_HULL).buffer(1.5),
        "gate": _outline([(32, 10), (54, 32), (32, 54), (10, 32)]),
        # devices on the bank: an open eye, an empty frame, a frame crossed out
        "checkpoint-online": union_all([_outline(_SQUARE), Point(32, 32).buffer(7.5)]),
        "checkpoint-late": _outline(_SQUARE),
        "checkpoint-silent": _crossed(_SQUARE),
        # rings about a barge; how grave it is shows in the shape too
        "alert-high": union_all([_ring(28.5), _ring(19.5)]),
        "alert-medium": _ring(25),
        "alert-low": _dashed_ring(25, 10),
        "alert-closed": _slashed(_dashed_ring(23, 8)),
    }


NAMES: Final = tuple(_shapes())


def mapping() -> dict[str, dict[str, int | bool]]:
    """Where each symbol stands in `atlas()`, as deck.gl's IconLayer reads it."""
    return {
        name: {"x": CELL * i, "y": 0, "width": CELL, "height": CELL, "mask": True}
        for i, name in enumerate(NAMES)
    }


@cache
def atlas() -> bytes:
    """All symbols side by side, a PNG of white masks on nothing."""
    cells = [_coverage(shape) for shape in _shapes().values()]
    alpha = np.concatenate(cells, axis=1)
    pixels = np.full((*alpha.shape, 4), 255, dtype=np.uint8)
    pixels[..., 3] = alpha
    return _png(pixels)


@cache
def single(name: str) -> bytes:
    """One symbol alone, for legends and lists beside the map."""
    alpha = _coverage(_shapes()[name])
    pixels = np.full((*alpha.shape, 4), 255, dtype=np.uint8)
    pixels[..., 3] = alpha
    return _png(pixels)


def _coverage(shape: BaseGeometry) -> NDArray[np.uint8]:
    """How much of each pixel the shape covers, `uint8[CELL, CELL]`."""
    prepare(shape)
    steps = (np.arange(CELL * _OVERSAMPLE) + 0.5) / _OVERSAMPLE
    x, y = np.meshgrid(steps, steps)
    inside = contains_xy(shape, x, y).reshape(CELL, _OVERSAMPLE, CELL, _OVERSAMPLE)
    return np.asarray(inside.mean(axis=(1, 3)) * 255, dtype=np.uint8)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """`uint8[height, width, 4]` as PNG."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", optimize=True)
    return out.getvalue()


@cache
def version() -> str:
    """Changes whenever a symbol does: part of the picture's address."""
    return f"{zlib.crc32(atlas()):08x}"
