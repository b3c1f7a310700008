"""Chance that can be asked again: random numbers as a pure function of where they are used.

The simulated world has no hidden state, so a radio that restarts hears the same noise. Numbers come
from the SplitMix64 finaliser (Steele, Lea, Flood 2014) over (seed, channel, barge, time).
"""

from collections.abc import Iterable
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_Words = npt.NDArray[np.uint64]


class Channel(IntEnum):
    """What a number is drawn for; one channel never repeats another's numbers."""

    NOISE_RADIUS = 1
    NOISE_ANGLE = 2
    SPEED = 3
    COURSE = 4
    JUMP = 5
    JUMP_START = 6
    JUMP_LENGTH = 7
    JUMP_BEARING = 8
    SILENCE = 9
    SILENCE_START = 10
    SILENCE_LENGTH = 11
    LOSS = 12
    REPEAT = 13
    DIRT = 14
    DIRT_KIND = 15
    RADIO_CHANNEL = 16
    RECEIVER = 17
    GATE_MISSED = 18
    GATE_CLOCK = 19
    GATE_DELAY = 20
    DRAUGHT_ERROR = 21
    DRAUGHT_RADIUS = 22
    DRAUGHT_ANGLE = 23
    HULL_SIZE = 24
    PLATE = 25
    PLATE_DIGIT = 26
    CONFIDENCE = 27
    LOAD_WORD = 28
    SENT_TWICE = 29
    DEVICE_SILENCE = 30
    DEVICE_SILENCE_START = 31
    DEVICE_SILENCE_LENGTH = 32


def _finalise(word: _Words) -> _Words:
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def uniform(seed: int, channel: Channel, barge: Ints, moment: Ints | int) -> Floats:
    """Numbers in (0, 1), one per element of `barge` and `moment` (broadcast together)."""
    step = np.uint64(0x9E3779B97F4A7C15)
    word = np.full(1, (seed * 64 + int(channel)) & 0xFFFFFFFFFFFFFFFF, dtype=np.uint64)
    parts: Iterable[Ints | int] = (barge, moment)
    for part in parts:
        word = _finalise((word ^ np.asarray(part, dtype=np.int64).view(np.uint64)) + step)
    return ((word >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def scatter(seed: int, barge: Ints, moment: Ints, sigma_m: Floats) -> tuple[Floats, Floats]:
    """Metres east and north of Gaussian noise with standard deviation `sigma_m` on each axis."""
    radius = sigma_m * np.sqrt(-2 * np.log(uniform(seed, Channel.NOISE_RADIUS, barge, moment)))
    angle = 2 * np.pi * uniform(seed, Channel.NOISE_ANGLE, barge, moment)
    return radius * np.cos(angle), radius * np.sin(angle)
