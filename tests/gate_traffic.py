"""A gate with traffic, as arrays: barges with and without AIS, and a device that errs."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from domain.checkpoints import Checkpoint, Direction, Reading, System
from layers.passings import Hull, TrackArrays

START_S = 1_790_000_000.0
GATE = Checkpoint(
    "gate-1",
    System.WUJIANG,
    "试验卡口",
    "Trial gate",
    120.86,
    31.08,
    60.0,
    90.0,
    "急水港",
    "320509",
    60,
)
M_PER_DEG_LAT = 110_880.0
M_PER_DEG_LON = 111_320.0 * float(np.cos(np.radians(GATE.lat)))
SIZES = ((42.0, 8.3), (49.0, 10.3), (55.0, 10.6))


@dataclass(frozen=True)
class Barge:
    """One passage: when its aerial is at the line, how fast (negative: back), and who it is."""

    mmsi: int
    name: str
    at_s: float
    speed_mps: float
    length_m: float = 49.0
    beam_m: float = 10.3
    every_s: float = 10.0
    sigma_m: float = 2.0
    dark: bool = False
    right_m: float = 15.0
    bend: float = 0.0


@dataclass(frozen=True)
class Device:
    """What the sensor gets wrong, and how often it names the hull."""

    clock_s: float = 20.0
    missed: float = 0.04
    named: float = 0.7
    misread: float = 0.03
    size_share: float = 0.03
    sizes: bool = True


@dataclass
class Day:
    """Readings with the truth of each (the barge), and all fixes."""

    readings: list[Reading] = field(default_factory=list)
    truth: dict[str, Barge] = field(default_factory=dict)
    tracks: TrackArrays | None = None


def reading(barge: Barge, **said: object) -> Reading:
    """What a faultless device says of a passage, or what is `said` instead."""
    t = said.pop("t_s", barge.at_s)
    assert isinstance(t, float)
    known = {
        "checkpoint_id": GATE.checkpoint_id,
        "system": GATE.system,
        "source_key": f"{barge.mmsi}-{t:.3f}",
        "t": datetime.fromtimestamp(START_S + t, UTC),
        "direction": Direction.FORTH if barge.speed_mps > 0 else Direction.BACK,
        "length_m": barge.length_m,
        "beam_m": barge.beam_m,
    }
    return Reading(**(known | said))  # type: ignore[arg-type]


def fixes(
    barges: list[Barge], seed: int = 0, gap: tuple[float, float] | None = None
) -> TrackArrays:
    """What is heard of the barges within seven minutes of their passage; nothing within `gap`."""
    rng = np.random.default_rng(seed)
    rows = []
    for barge in barges:
        if barge.dark:
            continue
        t = np.arange(
            barge.at_s - 420.0 + rng.uniform(0, barge.every_s), barge.at_s + 420, barge.every_s
        )
        t = np.round(t[rng.random(len(t)) > 0.01])
        if gap:
            t = t[(t < gap[0]) | (t > gap[1])]
        s = t - barge.at_s
        ahead = barge.speed_mps * s + rng.normal(0, barge.sigma_m, len(t))
        right = np.sign(barge.speed_mps) * barge.right_m + barge.bend * s**2
        right = right + rng.normal(0, barge.sigma_m, len(t))
        theta = np.radians(GATE.bearing_deg)
        east = ahead * np.sin(theta) + right * np.cos(theta)
        north = ahead * np.cos(theta) - right * np.sin(theta)
        course = GATE.bearing_deg + (0.0 if barge.speed_mps > 0 else 180.0)
        rows += [
            (barge.mmsi, START_S + a, GATE.lon + e / M_PER_DEG_LON, GATE.lat + n / M_PER_DEG_LAT,
             abs(barge.speed_mps) * 3600 / 1852, course % 360)
            for a, e, n in zip(t.tolist(), east.tolist(), north.tolist(), strict=True)
        ]  # fmt: skip
    table = np.array(rows, dtype=np.float64).reshape(-1, 6)
    table = table[np.argsort(table[:, 1], kind="stable")]
    hulls = {
        b.mmsi: Hull((b.name,), round(b.length_m), round(b.beam_m)) for b in barges if not b.dark
    }
    return TrackArrays(table[:, 0].astype(np.int64), *table[:, 1:].T, hulls)


def traffic(seconds: float, each_s: float, seed: int, dark: float = 0.1) -> list[Barge]:
    """Barges that pass at random, one in `each_s` on average, at least 12 s astern one another."""
    rng = np.random.default_rng(seed)
    barges: list[Barge] = []
    at = {1: 0.0, -1: 0.0}
    clock = 0.0
    while clock < seconds:
        clock += rng.exponential(each_s)
        sign = int(rng.choice([1, -1]))
        at[sign] = max(clock, at[sign] + 12.0)
        length, beam = SIZES[rng.choice(3, p=(0.35, 0.45, 0.2))]
        n = len(barges)
        barges.append(
            Barge(
                mmsi=413_000_000 + n,
                name=f"SHUN HANG {rng.integers(100, 10_000):04d}",
                at_s=at[sign],
                speed_mps=sign * rng.uniform(6, 12) / 3.6,
                length_m=float(length),
                beam_m=float(beam),
                every_s=float(rng.choice([10, 30], p=(0.65, 0.35))),
                sigma_m=float(rng.uniform(10, 50) if rng.random() < 0.12 else rng.uniform(1, 3)),
                dark=bool(rng.random() < dark),
                right_m=float(rng.uniform(10, 28)),
                bend=float(rng.normal(0, 0.001)),
            )
        )
    return barges


def watched(barges: list[Barge], device: Device, seed: int) -> Day:
    """What the device reads of the traffic, with its errors, and what is heard of it."""
    rng = np.random.default_rng(seed)
    day = Day(tracks=fixes(barges, seed))
    for barge in barges:
        if rng.random() < device.missed:
            continue
        plate = None
        if rng.random() < device.named:
            plate = "".join(
                str(rng.integers(10)) if c.isdigit() and rng.random() < device.misread else c
                for c in "顺航" + barge.name[-4:]
            )
        read = reading(
            barge,
            t_s=float(barge.at_s + rng.uniform(-device.clock_s, device.clock_s)),
            plate=plate,
            length_m=barge.length_m * rng.normal(1, device.size_share) if device.sizes else None,
            beam_m=barge.beam_m * rng.normal(1, device.size_share) if device.sizes else None,
        )
        day.readings.append(read)
        day.truth[read.source_key] = barge
    return day
