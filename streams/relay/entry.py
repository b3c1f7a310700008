"""A record on its way to the broker, and how it stands in a file."""

import struct
import zlib

import msgspec

MAGIC = b"\xf5WS1"
"""No UTF-8 text holds the first byte, so a frame is never found within a record's text."""
_HEAD = struct.Struct(">4sII")
HEAD_BYTES = _HEAD.size + 8
_CRC = struct.Struct(">II")
FRAME_LIMIT = 16 * 1024 * 1024


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A record: topic by its name on our register, key, value, and the messages that it holds.

    `partitions`: how many its topic was believed to have when its messages were put together.
    """

    topic: str
    key: bytes
    value: bytes
    messages: int
    partitions: int


class Head(msgspec.Struct, frozen=True, gc=False):
    """What stands before an entry: its bytes, its messages, and the checksum of the bytes."""

    length: int
    messages: int
    crc: int

    @property
    def frame_bytes(self) -> int:
        return HEAD_BYTES + self.length


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Entry)


def framed(entry: Entry) -> bytes:
    """The entry as it is written: magic, length, messages; its checksum, the head's; body."""
    body = _encoder.encode(entry)
    head = _HEAD.pack(MAGIC, len(body), entry.messages)
    crc = zlib.crc32(body)
    return head + _CRC.pack(crc, zlib.crc32(head + crc.to_bytes(4, "big"))) + body


def head_of(data: bytes) -> Head | None:
    """The head that begins `data`; `None` if it is none, or damaged."""
    if len(data) < HEAD_BYTES or not data.startswith(MAGIC):
        return None
    _, length, messages = _HEAD.unpack_from(data)
    crc, head_crc = _CRC.unpack_from(data, _HEAD.size)
    if zlib.crc32(data[: _HEAD.size + 4]) != head_crc or length > FRAME_LIMIT:
        return None
    return Head(length, messages, crc)


def entry_of(head: Head, body: bytes) -> Entry | None:
    """The entry; `None` if its bytes are not those that were written."""
    if len(body) != head.length or zlib.crc32(body) != head.crc:
        return None
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return None
