"""Parameters of detection, with the reasons for their scale. docs/detection.md has the table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """Parameters of the filter. Two errors set the scale: a fix is good to `noise_m`, a border to
    150–250 m, so that within `border_water_m` of it no fix proves anything alone.
    """

    noise_m: float = 50.0
    sigmas: float = 4.0
    border_water_m: float = 300.0
    depth_fixes: int = 4
    stay_area_ha: float = 14.0
    passed_depth_m: float = 50.0
    dwell_s: float = 3600.0
    dwell_depth_m: float = 100.0
    sparse_s: float = 600.0
    speed_kmh: float = 30.0
    rejoin_fixes: int = 3
    clone_silence_s: float = 600.0

    @property
    def speed_ms(self) -> float:
        """The fastest a barge can have gone, metres a second."""
        return self.speed_kmh / 3.6

    @property
    def allowance_m(self) -> float:
        """How far apart two fixes of a vessel at rest can be: both four sigma off."""
        return 2.0 * self.sigmas * self.noise_m

    @property
    def first_depth_m(self) -> float:
        """Depth that settles the first district: no claim that anything was crossed."""
        return self.sigmas * self.noise_m

    def deep(self, depths_m: Sequence[float]) -> bool:
        """Whether the latest fixes lie beyond border water by `sigmas` errors of their mean."""
        total = 0.0
        for count, depth_m in enumerate(reversed(depths_m), 1):
            total += depth_m
            margin = self.sigmas * self.noise_m / math.sqrt(count)
            if total / count >= self.border_water_m + margin:
                return True
        return False
