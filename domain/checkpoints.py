"""Checkpoints on the water: the points, what they read of a passing vessel, and how they do.

Wujiang's smart checkpoints (智慧监管卡口) measure the draught of what passes a gate line;
Jiashan's points (水网睿控) see vessels enter and leave Zhejiang (入浙, 出浙). Both become a
`Reading`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from domain.events import canonical

_NAMESPACE: Final = UUID("6f5d3c0e-3b57-5a70-9c55-0d6b0f0b7a11")
ON_TIME_INTERVALS: Final = 2.0
"""Promised intervals without a sign of life after which a device is late; one may be lost."""
SILENT_INTERVALS: Final = 5.0


class System(StrEnum):
    """Whose sensor it is, and so which shape its readings have."""

    WUJIANG = "wujiang"
    JIASHAN = "jiashan"


class Direction(StrEnum):
    """Across the gate line: along the checkpoint's bearing, or against it."""

    FORTH = "forth"
    BACK = "back"


class Entering(StrEnum):
    """Into Zhejiang (入浙) or out of it (出浙)."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One point: WGS-84 degrees, the bearing that counts as forth, the width of its gate line.

    At a Jiashan point the bearing is that of a vessel that enters Zhejiang. `every_s`: seconds
    between two signs of life that the device promises.
    """

    checkpoint_id: str
    system: System
    name: str
    name_en: str
    lon: float
    lat: float
    bearing_deg: float
    width_m: float
    waterway: str
    adcode: str
    every_s: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What one device read of one passing vessel at `t`; `None`: it did not say.

    `source_key` is the device's own number of it. `plate` is a hull's name or number as a camera
    read it, `claimed_mmsi` what the device took from elsewhere: neither is proof. `laden_raw` is
    the device's word and never decides; `draught_m` with its standard error does.
    """

    checkpoint_id: str
    system: System
    source_key: str
    t: datetime
    direction: Direction | None = None
    entering: Entering | None = None
    draught_m: float | None = None
    draught_error_m: float | None = None
    length_m: float | None = None
    beam_m: float | None = None
    plate: str | None = None
    claimed_mmsi: int | None = None
    ship_class: str | None = None
    confidence: float | None = None
    laden_raw: str | None = None
    image_hash: bytes | None = None

    @property
    def reading_id(self) -> UUID:
        """UUIDv5 of the point and the device's key: the same reading twice is one."""
        return uuid5(_NAMESPACE, f"{self.checkpoint_id}\n{self.source_key}")

    @property
    def content_hash(self) -> bytes:
        """SHA-256 of all that was said; two contents under one key contradict each other."""
        return sha256(canonical(self.to_json())).digest()

    def to_json(self) -> dict[str, Any]:
        """What was said, without what was not; the image by the hex of its SHA-256."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.image_hash is not None:
            said["image_hash"] = self.image_hash.hex()
        return {name: value for name, value in said.items() if value is not None}


def course_deg(checkpoint: Checkpoint, reading: Reading) -> float | None:
    """The course that the reading implies, degrees from true north; `None` when it says none."""
    if reading.direction is None and reading.entering is None:
        return None
    along = reading.direction is Direction.FORTH or reading.entering is Entering.IN
    return checkpoint.bearing_deg if along else (checkpoint.bearing_deg + 180.0) % 360.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reading is not believed: a stable code, the field of `Reading`, what was expected."""

    code: str
    field: str
    expected: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is believed of a reading's time: not from tomorrow, not from before retention."""

    ahead: timedelta = timedelta(seconds=60)
    retention: timedelta = timedelta(days=30)


_RANGES: Final[Mapping[str, tuple[float, float, str]]] = {
    "draught_m": (0.1, 8.0, "metres"),
    "draught_error_m": (0.0, 2.0, "metres"),
    "length_m": (3.0, 300.0, "metres"),
    "beam_m": (1.0, 60.0, "metres"),
    "confidence": (0.0, 1.0, "a share"),
    "claimed_mmsi": (1.0, 999_999_999.0, "a number of up to nine digits"),
}
"""Field → least, most, unit. Nothing on these waterways is larger; none floats without draught."""
_LENGTHS: Final[Mapping[str, int]] = {
    "source_key": 120,
    "plate": 60,
    "ship_class": 60,
    "laden_raw": 60,
}


def check_reading(reading: Reading, now: datetime, bounds: Bounds | None = None) -> Fault | None:
    """The first thing about `reading` that cannot be, or `None` when it is plausible."""
    bounds = bounds or Bounds()
    said = reading.t.isoformat()
    if reading.t > now + bounds.ahead:
        limit = f"{bounds.ahead.total_seconds():g} s ahead of {now.isoformat()}"
        return Fault("reading.time_future", "t", f"expected at most {limit}, here {said}")
    if reading.t < now - bounds.retention:
        limit = f"{bounds.retention.total_seconds() / 86400:g} days"
        return Fault("reading.time_expired", "t", f"expected at most {limit} ago, here {said}")
    for name, (least, most, unit) in _RANGES.items():
        value = getattr(reading, name)
        if value is not None and not (math.isfinite(value) and least <= value <= most):
            expected = f"expected {unit} from {least:g} to {most:g}, here {value:g}"
            return Fault("reading.range", name, expected)
    for name, most_long in _LENGTHS.items():
        text = getattr(reading, name)
        if text is not None and not (
            text.strip() and len(text) <= most_long and text.isprintable()
        ):
            expected = f"expected 1 to {most_long} printable characters"
            return Fault("reading.text", name, expected)
    if reading.draught_error_m is not None and reading.draught_m is None:
        return Fault("reading.range", "draught_error_m", "expected a draught beside its error")
    return None


def token_hash(token: str) -> bytes:
    """SHA-256 of a device's token, by which the store knows it.

    A token is 32 random bytes, so there is nothing to guess that a slow hash would protect.
    """
    return sha256(token.encode()).digest()


class Health(StrEnum):
    """How a device does, by the age of its last sign of life."""

    ONLINE = "online"
    LATE = "late"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """A checkpoint with its last signs of life; `refused` counts what the door did not take."""

    checkpoint: Checkpoint
    last_contact_at: datetime | None
    last_reading_at: datetime | None
    refused: int
    clock_ahead_s: float | None

    def at(self, now: datetime) -> Health:
        """Online, late or silent at `now`; a device never heard is silent."""
        if self.last_contact_at is None:
            return Health.SILENT
        missed = (now - self.last_contact_at).total_seconds() / self.checkpoint.every_s
        if missed <= ON_TIME_INTERVALS:
            return Health.ONLINE
        return Health.LATE if missed <= SILENT_INTERVALS else Health.SILENT
