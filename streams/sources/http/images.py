"""Is it a picture? By its bytes, not its name: JPEG, PNG or WebP, one frame, read to its end."""

import io
import struct
import zlib
from hashlib import sha256
from typing import Final

from PIL import Image as Pillow
from PIL import ImageOps

from db.image import Image
from streams.sources.http.refusal import Refused

THUMBNAIL_PX: Final = 320
_QUALITY: Final = 80
_LEAST_PX: Final = 16
_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    EOFError,
    struct.error,
    zlib.error,
)
"""What Pillow's readers raise for bytes that are not what they say."""
_BOMBS: Final = (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning)


def kind_of(content: bytes) -> str | None:
    """`JPEG`, `PNG` or `WEBP` by the first bytes, `None` for everything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    return None


def check_image(content: bytes, most_pixels: int) -> Image:
    """The picture with its size and a thumbnail; raises `Refused` naming `image`.

    The bytes are kept as received, since they are evidence. What a screen shows is drawn anew and
    carries nothing of them but the pixels.
    """
    kind = kind_of(content)
    if kind is None:
        raise Refused(415, "image.type", "image", "expected a JPEG, PNG or WebP, by its bytes")
    try:
        # only this one reader: the bytes have said what they are
        with Pillow.open(io.BytesIO(content), formats=[kind]) as opened:
            width, height = opened.size
            if width * height > most_pixels or min(width, height) < _LEAST_PX:
                raise _wrong_size(most_pixels, f", here {width} by {height}")
            if getattr(opened, "n_frames", 1) != 1:
                raise Refused(422, "image.frames", "image", "expected one picture, no film")
            opened.load()
            thumbnail = _thumbnail(opened)
    except _BOMBS:
        raise _wrong_size(most_pixels, "") from None
    except _BROKEN:
        expected = f"expected a whole {kind} that can be read to its end"
        raise Refused(422, "image.broken", "image", expected) from None
    return Image(sha256(content).digest(), _TYPES[kind], width, height, content, thumbnail)


def _wrong_size(most_pixels: int, here: str) -> Refused:
    limit = f"{_LEAST_PX} pixels either way to {most_pixels} pixels in all"
    return Refused(422, "image.size", "image", f"expected {limit}{here}")


def _thumbnail(opened: Pillow.Image) -> bytes:
    opened.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))  # first: turning the whole would double it
    small = ImageOps.exif_transpose(opened)
    drawn = Pillow.new("RGB", small.size, "white")
    clear = small.convert("RGBA")
    drawn.paste(clear, mask=clear.getchannel("A"))
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
