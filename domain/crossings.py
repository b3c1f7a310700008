"""A crossing: a vessel left one district for another, and how that is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from domain.tracks import Spot

By = Literal["depth", "dwell", "gate", "segment"]

_CROSSINGS: Final = UUID("6f1c7a52-2f0e-5d0b-9f39-3a2b8c1d4e70")


@dataclass(slots=True)
class Passage:
    """A confirmed change of district, before its point on the border is interpolated."""

    from_adcode: str
    to_adcode: str
    via: list[str]
    before: Spot
    after: Spot
    confirmed_t: float
    by: By
    grazing: bool


@dataclass(frozen=True, slots=True)
class Crossing:
    """A vessel left one district for another. UTC; `lon`, `lat` where the track met the border.

    `via`: districts only passed through. `grazing`: the excursion never left border water. `by`:
    which evidence settled it. The fixes named are those on either side of the border.
    """

    crossing_id: UUID
    mmsi: int
    from_adcode: str
    to_adcode: str
    via: tuple[str, ...]
    crossed_at: datetime
    confirmed_at: datetime
    lon: float
    lat: float
    by: By
    grazing: bool
    fix_before_at: datetime
    fix_after_at: datetime

    def to_json(self) -> dict[str, Any]:
        """As `whistle crossings` prints it."""
        return {
            "mmsi": self.mmsi,
            "from": self.from_adcode,
            "to": self.to_adcode,
            "via": list(self.via),
            "crossed_at": self.crossed_at.isoformat(),
            "confirmed_at": self.confirmed_at.isoformat(),
            "lon": self.lon,
            "lat": self.lat,
            "by": self.by,
            "grazing": self.grazing,
            "fixes": [self.fix_before_at.isoformat(), self.fix_after_at.isoformat()],
        }


def crossing_of(
    mmsi: int, passage: Passage, share: float, point: tuple[float, float], via: Sequence[str]
) -> Crossing:
    """The crossing of a passage that met the border at `share` (0 to 1) of its segment."""
    before, after = _utc(passage.before.t), _utc(passage.after.t)
    seconds = round(passage.before.t + share * (passage.after.t - passage.before.t))
    crossed = _utc(min(max(float(seconds), passage.before.t), passage.after.t))
    name = (
        f"{mmsi}|{passage.from_adcode}|{passage.to_adcode}|{before.isoformat()}|{after.isoformat()}"
    )
    return Crossing(
        crossing_id=uuid5(_CROSSINGS, name),
        mmsi=mmsi,
        from_adcode=passage.from_adcode,
        to_adcode=passage.to_adcode,
        via=tuple(via),
        crossed_at=crossed,
        confirmed_at=_utc(passage.confirmed_t),
        lon=round(point[0], 6),
        lat=round(point[1], 6),
        by=passage.by,
        grazing=passage.grazing,
        fix_before_at=before,
        fix_after_at=after,
    )


def _utc(t: float) -> datetime:
    return datetime.fromtimestamp(t, UTC)
