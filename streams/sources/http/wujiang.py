"""Wujiang's smart checkpoints (智慧监管卡口): passages of a gate line, with measured draught."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import msgspec

from domain.checkpoints import Direction, Reading, System
from streams.sources.http.contract import ImageReference, Mmsi

SYSTEM: Final = System.WUJIANG

FIELDS: Final[Mapping[str, str]] = {
    "checkpoint_id": "gate",
    "source_key": "passage_no",
    "t": "passed_at",
    "draught_m": "draught.value_m",
    "draught_error_m": "draught.error_m",
    "length_m": "hull.length_m",
    "beam_m": "hull.beam_m",
    "plate": "hull.plate",
    "claimed_mmsi": "hull.mmsi",
    "laden_raw": "load_state",
    "image_hash": "image",
}
"""Field of `Reading` → what the device calls it."""


class Draught(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Measured draught and its standard error, metres."""

    value_m: float
    error_m: float | None = None


class Hull(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the cameras made of the hull: size in metres, name or number 船名, MMSI if known."""

    length_m: float | None = None
    beam_m: float | None = None
    plate: str | None = None
    mmsi: Mmsi | None = None


class Passage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One passage of a gate line. `forth`: along the bearing registered for the gate."""

    passage_no: str
    gate: str
    passed_at: Annotated[datetime, msgspec.Meta(tz=True, description="ISO 8601 with an offset")]
    direction: Direction
    draught: Draught | None = None
    hull: Hull | None = None
    load_state: Annotated[str, msgspec.Meta(description="重载 or 空载, as measured")] | None = None
    image: ImageReference | None = None

    @property
    def point(self) -> str:
        return self.gate

    def reading(self) -> Reading:
        """The passage in the product's own terms."""
        draught = self.draught
        hull = self.hull or Hull()
        return Reading(
            checkpoint_id=self.gate,
            system=SYSTEM,
            source_key=self.passage_no,
            t=self.passed_at,
            direction=self.direction,
            draught_m=None if draught is None else draught.value_m,
            draught_error_m=None if draught is None else draught.error_m,
            length_m=hull.length_m,
            beam_m=hull.beam_m,
            plate=hull.plate,
            claimed_mmsi=hull.mmsi,
            laden_raw=self.load_state,
            image_hash=None if self.image is None else bytes.fromhex(self.image),
        )
