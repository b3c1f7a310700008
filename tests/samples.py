"""A minute of a busy station: a real one where it is at hand, and one of our own, always."""

import os
import random
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from nmea import ais, raw_payload

_BESIDE = Path(__file__).parents[2] / "shared" / "data" / "ais" / "nmea_sample_real.txt"
REAL_SAMPLE = Path(os.environ.get("WHISTLE_AIS_SAMPLE") or _BESIDE)
"""Real traffic that the project may not contain; `WHISTLE_AIS_SAMPLE` names the file."""

LINES, DECODED, EMPTY, ORPHANS, NOWHERE, POSITIONS = 898, 778, 100, 20, 4, 758
"""What both samples hold; `NOWHERE` messages are decoded and say that they have no position."""


class Line(NamedTuple):
    """One sentence, and what has to be said of it."""

    raw: bytes
    record: dict[str, Any]


def own_sample() -> list[Line]:
    """As many lines of each kind as the real sample has, the same at every call; far out at sea."""
    lines = [*_decodable(), *_empty(), *_orphans()]
    random.Random(LINES).shuffle(lines)
    return lines


def samples() -> list[Any]:
    """Both samples as parameters: the lines of a recording."""
    own = [line.raw for line in own_sample()]
    real = REAL_SAMPLE.read_bytes().splitlines() if REAL_SAMPLE.exists() else []
    absent = pytest.mark.skipif(
        not real, reason="no real sample here; WHISTLE_AIS_SAMPLE may name one"
    )
    return [pytest.param(own, id="own"), pytest.param(real, id="real", marks=absent)]


def _decodable() -> list[Line]:
    fields: list[dict[str, Any]] = [
        {
            "type": (1, 3, 18, 27)[n % 4],
            "mmsi": 219000000 + n % 400,
            "lon": round(4 + n / 1000, 4),
            "lat": round(58 + n % 50 / 100, 4),
            "speed": n % 20,
            "second": n % 60,
        }
        for n in range(POSITIONS)
    ]
    fields += [
        {"type": 1, "mmsi": 219009000, "lon": 181, "lat": 91, "speed": n} for n in range(NOWHERE)
    ]
    rest = DECODED - POSITIONS - NOWHERE
    fields += [
        {"type": 24, "partno": 0, "mmsi": 219000000 + n, "shipname": f"TRIAL {n}"}
        for n in range(rest // 2)
    ]
    fields += [{"type": 4, "mmsi": 2190000 + n} for n in range(rest - rest // 2)]
    return [
        Line(raw, {"type": one["type"], "mmsi": one["mmsi"]})
        for one in fields
        for raw in ais(**one)
    ]


def _empty() -> list[Line]:
    return [Line(raw_payload(""), {"rejected": "empty_payload"}) for _ in range(EMPTY)]


def _orphans() -> list[Line]:
    """First parts under five sequence numbers, second parts under five others."""
    return [
        Line(
            ais(type=5, mmsi=219008000 + n, shipname="HALF", sequence=n % 10)[n % 10 >= 5],
            {"rejected": "orphan_part"},
        )
        for n in range(ORPHANS)
    ]
