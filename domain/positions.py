"""Fixes and what a vessel says of itself, as AIS (ITU-R M.1371-5) carries them.

Unknown is `None`, never 0 or the protocol's "not available" value. Units stand in the names.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag, StrEnum
from typing import NamedTuple


class FixFlag(IntFlag):
    """Why a stored fix is not trusted for detection. A flagged fix is kept, never dropped."""

    NONE = 0
    LATE = 1  # older than (or as old as) a fix already seen from this vessel
    JUMP = 2  # implied speed over 30 km/h from the last accepted fix
    CLONE = 4  # two places at once: a second hull uses this MMSI
    FAST = 8  # speed over ground above 20 km/h, suspect for a barge


UNTRUSTED = FixFlag.LATE | FixFlag.JUMP | FixFlag.CLONE
"""A fix with one of these is stored, but is nobody's latest position and on nobody's track."""


class Rejection(StrEnum):
    """Why a message was refused: stored with the original bytes, counted per reason on screen."""

    NOT_NMEA = "not_nmea"
    TOO_LONG = "too_long"
    TRUNCATED = "truncated"
    CHECKSUM = "checksum"
    EMPTY_PAYLOAD = "empty_payload"
    ORPHAN_PART = "orphan_part"
    UNDECODABLE = "undecodable"
    SPOOF_LENGTH = "spoof_length"
    MMSI = "mmsi"
    POSITION = "bad_position"
    DIMENSIONS = "dimensions"
    TIME_FUTURE = "time_future"
    TIME_EXPIRED = "time_expired"
    UNPROCESSABLE = "unprocessable"  # passed every check, yet could not be stored


class Fix(NamedTuple):
    """One position report (AIS types 1-3, 18, 19, 27), WGS-84 degrees, UTC whole seconds.

    `payload_hash` is a signed 64-bit digest of the AIS payload: (mmsi, t, payload_hash) is the key
    under which exact repeats fall together and clones stay apart. A tuple, because there are more
    of these than of anything else, and a frozen dataclass takes eight times as long to make.
    """

    mmsi: int
    t: datetime
    payload_hash: int
    lon: float
    lat: float
    message_type: int
    sog_kn: float | None = None
    cog_deg: float | None = None
    heading_deg: int | None = None
    nav_status: int | None = None


@dataclass(frozen=True, slots=True)
class StaticReport:
    """Identity and voyage data (AIS 5, 19, 24, inland FI 10). `None`: this message does not say.

    `loaded_raw` is the undecoded FI 10 field: decoders read it in opposite ways, so it is shown and
    never decides laden or light. `draught_m` is the crew's own statement.
    """

    mmsi: int
    t: datetime
    message_type: int
    name: str | None = None
    callsign: str | None = None
    imo: int | None = None
    eni: str | None = None
    ship_type: int | None = None
    inland_type: int | None = None
    length_m: float | None = None
    beam_m: float | None = None
    draught_m: float | None = None
    destination: str | None = None
    hazard: int | None = None
    loaded_raw: int | None = None
