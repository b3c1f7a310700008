"""Jiashan's water-side points (水网睿控系统): sightings of vessels that enter or leave Zhejiang."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from domain.checkpoints import Entering, Reading, System
from streams.sources.http.contract import ImageReference, Mmsi

SYSTEM: Final = System.JIASHAN

FIELDS: Final[Mapping[str, str]] = {
    "checkpoint_id": "point",
    "source_key": "id",
    "t": "seen_at",
    "length_m": "ship.length_m",
    "beam_m": "ship.width_m",
    "plate": "ship.name",
    "claimed_mmsi": "ship.mmsi",
    "ship_class": "ship.class",
    "confidence": "confidence",
    "image_hash": "picture",
}
"""Field of `Reading` → what the device calls it."""

_ENTERING: Final = {"入浙": Entering.IN, "出浙": Entering.OUT}


class Ship(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The vessel as the picture shows it: class 船型, name 船名, size in metres."""

    ship_class: str | None = msgspec.field(default=None, name="class")
    name: str | None = None
    length_m: float | None = None
    width_m: float | None = None
    mmsi: Mmsi | None = None


class Sighting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sighting at a point: into Zhejiang (入浙) or out of it (出浙), how sure, of what."""

    id: str
    point: str
    seen_at: Annotated[datetime, msgspec.Meta(tz=True, description="ISO 8601 with an offset")]
    movement: Literal["入浙", "出浙"]
    confidence: float
    ship: Ship | None = None
    picture: ImageReference | None = None

    def reading(self) -> Reading:
        """The sighting in the product's own terms; these points measure no draught."""
        ship = self.ship or Ship()
        return Reading(
            checkpoint_id=self.point,
            system=SYSTEM,
            source_key=self.id,
            t=self.seen_at,
            entering=_ENTERING[self.movement],
            length_m=ship.length_m,
            beam_m=ship.width_m,
            plate=ship.name,
            claimed_mmsi=ship.mmsi,
            ship_class=ship.ship_class,
            confidence=self.confidence,
            image_hash=None if self.picture is None else bytes.fromhex(self.picture),
        )
