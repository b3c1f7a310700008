"""Photographs in the store, by the SHA-256 of their bytes."""

from dataclasses import dataclass
from datetime import date

from db.catalog import load_queries
from db.pool import Connection

_queries = load_queries("image")


@dataclass(frozen=True, slots=True)
class Image:
    """A checked picture: content as received, size in pixels, a JPEG thumbnail drawn anew."""

    image_hash: bytes
    media_type: str
    width: int
    height: int
    content: bytes
    thumbnail: bytes


async def add_image(connection: Connection, image: Image) -> bool:
    """Store the picture; `False` when it stood there already: then it was sent anew."""
    added: bool = await _queries.add_image(
        connection,
        image_hash=image.image_hash,
        media_type=image.media_type,
        width=image.width,
        height=image.height,
        content=image.content,
        thumbnail=image.thumbnail,
    )
    return added


async def charge(
    connection: Connection, checkpoint_id: str, day: date, size: int, most: int
) -> bool:
    """Count `size` bytes to a device's UTC day; `False`, and nothing counted, beyond `most`."""
    total: int | None = await _queries.charge(
        connection, checkpoint_id=checkpoint_id, day=day, size=size, most=most
    )
    return total is not None


async def image(connection: Connection, image_hash: bytes) -> Image | None:
    """The whole picture; serve it with its `media_type` and `nosniff`, never as anything else."""
    row = await _queries.image(connection, image_hash=image_hash)
    return None if row is None else Image(**row)


async def thumbnail(connection: Connection, image_hash: bytes) -> bytes | None:
    """The thumbnail, a JPEG of at most 320 pixels either way."""
    found: bytes | None = await _queries.thumbnail(connection, image_hash=image_hash)
    return found
