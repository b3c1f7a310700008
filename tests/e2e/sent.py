"""What the tests of the whole path send, and what must come of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyais
import pytest
from nmea import ais, barge, tagged, with_checksum
from samples import REAL_SAMPLE

from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Rejected, Sentence

SAMPLE = REAL_SAMPLE
POSITIONS = {1, 2, 3, 18, 19, 27}

Place = tuple[int, float, float]
"""MMSI, longitude, latitude, the degrees to six decimals."""


@dataclass(frozen=True)
class Traffic:
    """Sentences, and what must come of them: fixes without their exact repeats."""

    lines: list[bytes]
    fixes: Counter[Place]
    repeats: int
    refused: Counter[str]
    names: dict[int, str]
    over_s: float = 0


def far_away() -> Traffic:
    """Ships on seven seas, with every kind of sentence that a busy receiver hears."""
    clock = b"c:%d" % int(datetime.now(UTC).timestamp())
    sailing = {"speed": 11.3, "course": 71.5, "heading": 72, "second": 60}
    ships: list[dict[str, Any]] = [
        {"type": 1, "mmsi": 239000001, "lon": 24.123455, "lat": 37.51234},
        {"type": 2, "mmsi": 244000002, "lon": 4.05, "lat": 52.05},
        {"type": 3, "mmsi": 366000003, "lon": -74.031, "lat": 40.655, "turn": 0},
        {"type": 18, "mmsi": 235000004, "lon": -1.1, "lat": 50.71},
        {"type": 1, "mmsi": 710000005, "lon": -43.15, "lat": -22.935},
        {"type": 18, "mmsi": 503000006, "lon": 151.25, "lat": -33.85},
        {"type": 1, "mmsi": 431000007, "lon": 139.8, "lat": 35.4},
    ]
    heard = [tagged(ais(**sailing | ship)[0], clock) for ship in ships]
    static = {"type": 5, "ship_type": 70, "to_bow": 100, "to_stern": 20, "callsign": "SV1"}
    whole = ais(**static, mmsi=239000001, shipname="AEGEAN ONE", sequence=3)
    other = ais(**static, mmsi=366000003, shipname="HUDSON <B>", sequence=4)
    half, _ = ais(**static, mmsi=244000002, shipname="NEVER WHOLE", sequence=7)
    _, rest = ais(**static, mmsi=431000007, shipname="NOR THIS", sequence=8)
    nowhere = barge(mmsi=249000008, lon=181.0, lat=91.0)
    beyond = barge(mmsi=249000009, lon=20.0, lat=91.0)
    sound = barge(mmsi=249000010, lon=20.0, lat=36.0)
    flipped = sound[:-2] + b"%02X" % (int(sound[-2:], 16) ^ 1)
    cut = barge(mmsi=249000011, lon=21.0, lat=36.0)[:25]
    empty = with_checksum(b"AIVDM,1,1,,B,,0")
    nobody = barge(mmsi=0, lon=22.0, lat=36.0)
    lines = [
        *(*heard[:3], empty, whole[0], heard[3], whole[1], flipped, half, heard[4], nowhere),
        *(heard[0], other[0], other[1], empty, cut, heard[5], rest, beyond, flipped, nobody),
        *(empty, heard[6], flipped, cut, heard[3], empty),
    ]
    return Traffic(
        lines,
        fixes=Counter((ship["mmsi"], ship["lon"], ship["lat"]) for ship in ships),
        repeats=2,
        refused=Counter(
            checksum=3, empty_payload=4, orphan_part=2, truncated=2, bad_position=2, mmsi=1
        ),
        names={239000001: "AEGEAN ONE", 366000003: "HUDSON <B>"},
    )


def recorded() -> Traffic:
    """The real sample, ten times as fast; positions by pyais alone, refusals by our decoder."""
    if not SAMPLE.exists():
        pytest.skip("no real sample here; WHISTLE_AIS_SAMPLE may name one")
    lines = [line for line in SAMPLE.read_bytes().splitlines() if line.strip()]
    accepted: dict[bytes, Place] = {}
    heard = 0
    for line in lines:
        fields = line.split(b",")
        if fields[1:3] != [b"1", b"1"] or not fields[5]:
            continue
        message: Any = pyais.decode(line)
        if message.msg_type not in POSITIONS or str(message.mmsi)[0] not in "234567":
            continue
        if abs(message.lon) <= 180 and abs(message.lat) <= 90:
            accepted[fields[5]] = message.mmsi, round(message.lon, 6), round(message.lat, 6)
            heard += 1
    now = datetime.now(UTC)
    decoder = AisDecoder(now=lambda: now, retention=timedelta(days=30))
    found = [message for line in lines for message in decoder.decode(Sentence("x", now, line))]
    found += decoder.flush()
    refused = Counter(message.reason.value for message in found if isinstance(message, Rejected))
    fixes = Counter(accepted.values())
    return Traffic(lines, fixes, heard - len(accepted), refused, names={}, over_s=6)
