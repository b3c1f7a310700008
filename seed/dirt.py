"""What goes wrong between antenna and socket: a few lines in a thousand."""

import numpy as np
import numpy.typing as npt

from seed.chance import Channel, Ints, uniform
from seed.encode import checksum, tag_block

SHARE = 0.004
"""Of all position reports, so many are spoiled or accompanied by something else."""

KINDS = ("checksum", "truncated", "empty_payload", "other_sentence", "rubbish")
_ODDS = np.cumsum([0.30, 0.20, 0.20, 0.20, 0.10])


def kinds(seed: int, barge: Ints, t: Ints) -> npt.NDArray[np.int64]:
    """Per report 0 for a good one, else 1 + the index in `KINDS`."""
    soiled = uniform(seed, Channel.DIRT, barge, t) < SHARE
    kind = np.searchsorted(_ODDS, uniform(seed, Channel.DIRT_KIND, barge, t))
    return np.where(soiled, 1 + np.minimum(kind, len(KINDS) - 1), 0)


def replaces(kind: str) -> bool:
    """Whether the good sentence is lost; otherwise the dirt comes in front of it."""
    return kind in ("checksum", "truncated")


def spoil(kind: str, station: str, t: int, sentence: str) -> list[bytes]:
    """The line or lines of dirt, each with its line end."""
    tag = tag_block(station, t)
    if kind == "checksum":
        wrong = int(sentence[-2:], 16) ^ (1 + t % 255)
        return [f"{tag}{sentence[:-2]}{wrong:02X}\r\n".encode("ascii")]
    if kind == "truncated":
        return [f"{tag}{sentence[: 20 + t % 20]}\r\n".encode("ascii")]
    if kind == "empty_payload":
        body = "AIVDM,1,1,,A,,0"
        return [f"{tag}!{body}*{checksum(body):02X}\r\n".encode("ascii")]
    if kind == "other_sentence":
        clock = f"{t % 86400 // 3600:02d}{t % 3600 // 60:02d}{t % 60:02d}"
        body = f"GPZDA,{clock}.00,,,,00,00"
        return [f"${body}*{checksum(body):02X}\r\n".encode("ascii")]
    return [bytes(0x80 | (t * k) % 96 for k in range(1, 25)) + b"\r\n"]
