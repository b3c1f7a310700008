"""A checkpoint reading as the drawers show it: what was measured, whose passage it counts as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from domain.draught import Limits, Verdict, hull_limits, judge

HISTORY: Final = timedelta(days=30)
"""How far the draughts of a vessel are looked back at."""
READINGS: Final = 40


@dataclass(frozen=True, slots=True)
class GateReading:
    """One checkpoint reading with what its draught says of this hull. `t` epoch seconds.

    `mmsi`: the vessel it is, or until `undone_at` was, matched with; `by`: who said so by hand.
    """

    reading_id: str
    checkpoint_zh: str
    checkpoint_en: str
    t: float
    direction: str | None
    entering: str | None
    draught_m: float | None
    error_m: float | None
    length_m: float | None
    plate: str | None
    confidence: float | None
    laden_raw: str | None
    image: str | None
    verdict: Verdict
    mmsi: int | None = None
    by: str | None = None
    note: str | None = None
    undone_at: float | None = None
    undone_by: str | None = None
    undone_note: str | None = None

    def counts_for(self, mmsi: int | None) -> bool:
        """Whether it speaks of this vessel; what was taken back, or is another's, does not."""
        others = mmsi is not None and self.mmsi is not None and self.mmsi != mmsi
        return self.undone_at is None and not others


def gate_reading(row: Mapping[str, Any], limits: Limits | None) -> GateReading:
    """A row of `select_readings`, judged by the band of the hull."""
    return GateReading(
        reading_id=row["reading_id"],
        checkpoint_zh=row["checkpoint_zh"],
        checkpoint_en=row["checkpoint_en"],
        t=row["t"],
        direction=row["direction"],
        entering=row["entering"],
        draught_m=row["draught_m"],
        error_m=row["draught_error_m"],
        length_m=row["length_m"],
        plate=row["plate"],
        confidence=row["confidence"],
        laden_raw=row["laden_raw"],
        image=row["image"],
        verdict=judge(row["draught_m"], row["draught_error_m"], limits),
        mmsi=row["mmsi"],
        by=row["matched_by"],
        note=row["matched_note"],
        undone_at=row["undone_at"],
        undone_by=row["undone_by"],
        undone_note=row["undone_note"],
    )


def band(hull: Mapping[str, Any] | None, declared: Mapping[str, Any] | None) -> Limits | None:
    """The register's hull decides; the declared size only where there is no register entry."""
    if hull is not None:
        return hull_limits(
            hull["length_m"], hull["beam_m"], hull["light_draught_m"], hull["laden_draught_m"]
        )
    return None if declared is None else hull_limits(declared["length_m"], declared["beam_m"])
