"""Who sails: invented barges with the sizes, radios and troubles of real ones."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

CLONE_EVERY = 200
"""Of so many barges the last uses the MMSI of another one (three clones among 600)."""

_PREFIXES = (
    "QING HUO", "WU HUO", "SHAN HUO", "JIA HUO", "SU YUN", "ZHE YUN", "HU YUN", "HE XIANG",
    "YUN FAN", "SHUN HANG", "XIN HE", "TAI HANG", "JIANG FAN", "WAN TONG",
)  # fmt: skip
"""Invented: no register uses these with four digits; AIS carries six-bit letters only."""


class Radio(StrEnum):
    """Which equipment is on board, and so which messages are sent."""

    A = "A"
    B = "B"
    INLAND = "inland"


class Trouble(StrEnum):
    """How a barge's positions go wrong. `CLEAN` is within a few metres and always on the air."""

    CLEAN = "clean"
    NOISY = "noisy"
    JUMPY = "jumpy"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Size:
    """A class of hull: lengths, beams and draughts as (least, greatest), metres."""

    tonnes: int
    length_m: tuple[float, float]
    beam_m: tuple[float, float]
    laden_m: tuple[float, float]
    light_m: tuple[float, float]


SIZES = (
    Size(500, (42.0, 42.0), (8.3, 8.3), (2.0, 2.3), (0.6, 0.9)),
    Size(1000, (48.0, 50.0), (10.0, 10.6), (2.4, 2.9), (0.7, 1.1)),
    Size(1500, (55.0, 55.0), (10.6, 10.6), (2.6, 3.1), (0.8, 1.2)),
)


@dataclass(frozen=True, slots=True)
class Barge:
    """One hull and its radio.

    `sigma_m` is the position noise per axis, `keeps_m` the distance it keeps to the right of the
    centreline, `cruise_mps` its speed in a free channel.
    """

    index: int
    mmsi: int
    name: str
    callsign: str
    vin: str
    radio: Radio
    trouble: Trouble
    sigma_m: float
    tonnes: int
    length_m: float
    beam_m: float
    laden_m: float
    light_m: float
    cruise_mps: float
    keeps_m: float
    has_heading: bool
    clone_of: int | None = None


def generator(seed: int, barge: int, purpose: int) -> np.random.Generator:
    """A stream of random numbers for one barge and purpose, whatever the size of the fleet."""
    return np.random.default_rng([seed, barge, purpose])


def mmsi_of(seed: int, index: int) -> int:
    """A Chinese ship's MMSI (412, 413, 414), distinct for every index below 1 000 000."""
    # 619 has no factor in common with 10**6, so indices never fall on the same six digits
    digits = (619 * index + 7919 * seed + 104_729) % 1_000_000
    return (412, 413, 413, 414)[index % 4] * 1_000_000 + digits


def launch(seed: int, index: int) -> Barge:
    """Barge number `index` of the world `seed`; a larger fleet begins with the same barges."""
    rng = generator(seed, index, 1)
    size = SIZES[rng.choice(len(SIZES), p=(0.35, 0.45, 0.20))]
    radio = (Radio.A, Radio.B, Radio.INLAND)[rng.choice(3, p=(0.30, 0.35, 0.35))]
    troubles = (Trouble.CLEAN, Trouble.NOISY, Trouble.JUMPY, Trouble.SILENT)
    trouble = troubles[rng.choice(4, p=(0.80, 0.12, 0.03, 0.05))]
    sigma = rng.uniform(10, 50) if trouble is Trouble.NOISY else rng.uniform(1, 3)
    is_clone = index % CLONE_EVERY == CLONE_EVERY - 1
    clone_of = index - CLONE_EVERY // 2 if is_clone else None
    return Barge(
        index=index,
        mmsi=mmsi_of(seed, index if clone_of is None else clone_of),
        name=f"{_PREFIXES[rng.integers(len(_PREFIXES))]} {rng.integers(100, 10_000):04d}",
        callsign=f"BX{index:04d}",
        vin=f"9{index:07d}",
        radio=radio,
        trouble=trouble,
        sigma_m=float(sigma),
        tonnes=size.tonnes,
        length_m=round(float(rng.uniform(*size.length_m)), 1),
        beam_m=round(float(rng.uniform(*size.beam_m)), 1),
        laden_m=round(float(rng.uniform(*size.laden_m)), 2),
        light_m=round(float(rng.uniform(*size.light_m)), 2),
        cruise_mps=float(rng.uniform(6.8, 10.6)) / 3.6,
        keeps_m=float(rng.uniform(10, 28)),
        has_heading=bool(rng.random() < 0.6),
        clone_of=clone_of,
    )
