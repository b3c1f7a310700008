"""Parameters of detection, with the reasons for their scale. docs/detection.md has the table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


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

    speed_ms: float = field(init=False)
    """The fastest a barge can have gone, metres a second."""
    allowance_m: float = field(init=False)
    """How far apart two fixes of a vessel at rest can be: both four sigma off."""
    first_depth_m: float = field(init=False)
    """Depth that settles the first district: no claim that anything was crossed."""
    deep_m: tuple[float, ...] = field(init=False)
    """What the mean of the last 1, 2, … fixes must reach to lie beyond border water for certain."""

    def __post_init__(self) -> None:
        error_m = self.sigmas * self.noise_m
        deep_m = [self.border_water_m + error_m / math.sqrt(n + 1) for n in range(self.depth_fixes)]
        # a frozen dataclass has no other way to keep what follows from its fields
        object.__setattr__(self, "speed_ms", self.speed_kmh / 3.6)
        object.__setattr__(self, "allowance_m", 2.0 * error_m)
        object.__setattr__(self, "first_depth_m", error_m)
        object.__setattr__(self, "deep_m", tuple(deep_m))

    def deep(self, depths_m: Sequence[float]) -> bool:
        """Whether the latest fixes lie beyond border water by `sigmas` errors of their mean."""
        if not depths_m or max(depths_m) < self.deep_m[-1]:
            return False
        total = 0.0
        for count, depth_m in enumerate(reversed(depths_m)):
            total += depth_m
            if total / (count + 1) >= self.deep_m[count]:
                return True
        return False
