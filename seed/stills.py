"""Camera stills of barges that never were: small JPEGs, the same bytes for the same passage."""

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

SIZE_PX = (384, 216)
_QUALITY = 60
_WATER_Y = 150
_PX_PER_M = 5.2
_TOP_M = 3.4  # keel to deck


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees: a hull of `length_m` so deep in the water, going right or left.

    `mark` is what can be read on the hull, in the letters a camera's overlay has; `caption` the
    device's own line.
    """

    length_m: float
    draught_m: float
    laden: bool
    rightwards: bool
    night: bool
    mark: str
    caption: str
    tint: int


def still(view: View) -> bytes:
    """The JPEG, some 5 KB."""
    dim = 0.35 if view.night else 1.0
    picture = Image.new("RGB", SIZE_PX, _shade((176, 196, 210), dim))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 96, SIZE_PX[0], _WATER_Y), fill=_shade((104, 122, 96), dim))  # the far bank
    draw.rectangle((0, _WATER_Y, *SIZE_PX), fill=_shade((86, 108, 112), dim))
    for row in range(_WATER_Y + 14, SIZE_PX[1], 13):
        draw.line((0, row, SIZE_PX[0], row), fill=_shade((96, 120, 124), dim))
    _hull(draw, view, dim)
    draw.rectangle((0, 0, SIZE_PX[0], 14), fill=(0, 0, 0))
    draw.text((4, 2), view.caption, fill=(255, 255, 255))
    draw.text((4, SIZE_PX[1] - 13), "SIMULATED", fill=(255, 210, 90))
    if not view.rightwards:
        # overlays are written after the picture is turned, so that they can be read
        turned = picture.crop((0, 15, SIZE_PX[0], SIZE_PX[1] - 14))
        picture.paste(turned.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (0, 15))
    draw.text((150, _WATER_Y - 12), view.mark, fill=(240, 240, 240))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _hull(draw: ImageDraw.ImageDraw, view: View, dim: float) -> None:
    length = view.length_m * _PX_PER_M
    left = (SIZE_PX[0] - length) / 2
    deck = _WATER_Y - (_TOP_M - view.draught_m) * 9
    rust = _shade((70 + view.tint % 60, 58, 52), dim)
    bow, stern = left + length, left
    draw.polygon(
        [(stern, deck), (bow, deck - 5), (bow - 14, _WATER_Y + 2), (stern + 4, _WATER_Y + 2)],
        fill=rust,
    )
    draw.rectangle((stern + 6, deck - 30, stern + 40, deck), fill=_shade((214, 214, 206), dim))
    draw.rectangle((stern + 10, deck - 25, stern + 36, deck - 17), fill=_shade((40, 60, 70), dim))
    if view.laden:
        heap = [(stern + 52 + step, deck - (13 if step % 46 else 5)) for step in range(0, 140, 23)]
        draw.polygon(
            [(stern + 46, deck), *heap, (bow - 30, deck - 3)], fill=_shade((120, 92, 60), dim)
        )


def _shade(colour: tuple[int, int, int], dim: float) -> tuple[int, int, int]:
    red, green, blue = (int(part * dim) for part in colour)
    return red, green, blue
