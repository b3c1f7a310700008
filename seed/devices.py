"""What the devices on the bank make of a passage: draught with its error, a clock that is off, a
name half read, and now and then nothing at all.

Like the world a pure function of time: what a device says of a passage does not depend on when it
is asked. Shares and errors are estimates and stand here in one place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import blake2b
from typing import Any

import numpy as np

from domain.checkpoints import Checkpoint, System
from domain.clock import SHANGHAI
from seed.chance import Channel, uniform
from seed.lead_case import case_hull_name
from seed.passages import Passages, TruePassage
from seed.registers import hull_name
from seed.spells import Spell, Spells
from seed.stills import View, still
from seed.strays import stray_hull_name

CLOCK_S = 20.0
"""A device's clock is off by at most so much, another error every six hours."""
MISSED = {System.WUJIANG: 0.03, System.JIASHAN: 0.06}
"""Share of passages that no device reads."""
SENT_TWICE = 0.02
DRAUGHT_ERROR_M = (0.05, 0.15)
"""Standard error of a draught, least and greatest; each reading tells its own."""
LONGEST_DELAY_S = 6.0

_CLOCK_HOLDS_S = 6 * 3600
_READABLE = {System.WUJIANG: 0.85, System.JIASHAN: 0.7}
_MISREAD = 0.04
_WRONG_WORD = 0.08
_DARK_READABLE = 0.3
_SHIP_CLASSES = {500: "内河干货船", 1000: "内河散货船", 1500: "内河散货船"}


class Fleet(IntEnum):
    """Whose barge it is: chance keeps the fleets apart, and truth tells which."""

    TRAFFIC = 0
    DARK = 1
    CASE = 2
    STRAY = 3


@dataclass(frozen=True, slots=True)
class Source:
    """The passages of one fleet; `offset` keeps several of a kind apart."""

    fleet: Fleet
    passages: Passages
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Sighted:
    """One passage and what its device says of it; `sent_at` in epoch seconds, `None`: missed.

    `device_t` is the time on the device's clock. `key` is the device's own number of it.
    """

    fleet: Fleet
    passage: TruePassage
    device_t: float
    sent_at: float | None
    sent_twice: bool
    key: str
    draught_m: float | None
    error_m: float | None
    length_m: float
    beam_m: float
    plate: str | None
    load_word: str
    confidence: float

    @property
    def checkpoint(self) -> Checkpoint:
        """Where."""
        return self.passage.checkpoint


class Devices:
    """The devices of `points`; `reliable`: the ids of those that never fall silent."""

    def __init__(
        self, seed: int, points: Sequence[Checkpoint], reliable: Sequence[str] = ()
    ) -> None:
        self.seed = seed
        self.points = tuple(points)
        self._number = {point.checkpoint_id: n for n, point in enumerate(self.points)}
        self._reliable = frozenset(self._number[point_id] for point_id in reliable)
        # about twelve silences a day among 27 devices
        self._silences = Spells(
            seed, Channel.DEVICE_SILENCE, 8 * 3600, least_s=600, most_s=2400, chance=0.15
        )

    def silent(self, point: Checkpoint, t: float) -> bool:
        """Whether the device is dead at `t`."""
        number = self._number[point.checkpoint_id]
        inside, _ = self._silences.inside(np.array([number]), np.array([int(t)]))
        return bool(inside[0]) and number not in self._reliable

    def silences(self, start: int, end: int) -> list[tuple[Checkpoint, Spell]]:
        """When which device is dead, of those that touch [start, end)."""
        prone = np.array([n for n in range(len(self.points)) if n not in self._reliable])
        return [(self.points[s.barge], s) for s in self._silences.between(prone, start, end)]

    def clock_s(self, point: Checkpoint, t: float) -> float:
        """Seconds by which the device's clock is ahead at `t`."""
        block = int(t) // _CLOCK_HOLDS_S
        return CLOCK_S * (2 * self._chance(Channel.GATE_CLOCK, point, block) - 1)

    def beats(self, t: int) -> list[Checkpoint]:
        """The devices that send a sign of life in second `t`."""
        return [
            point
            for n, point in enumerate(self.points)
            if (t + 7 * n) % point.every_s == 0 and not self.silent(point, t)
        ]

    def sighted(self, sources: Sequence[Source], start: float, end: float) -> list[Sighted]:
        """The passages in [start, end) with what is said of each, missed ones too, by time."""
        found = [
            self._sighted(source, passage)
            for source in sources
            for passage in source.passages.between(start, end)
        ]
        return sorted(found, key=lambda one: (one.passage.t, one.key))

    def due(self, sources: Sequence[Source], start: float, end: float) -> list[Sighted]:
        """What is sent in [start, end)."""
        recent = self.sighted(sources, start - LONGEST_DELAY_S, end)
        return [one for one in recent if one.sent_at is not None and start <= one.sent_at < end]

    def _sighted(self, source: Source, passage: TruePassage) -> Sighted:
        point, barge, t = passage.checkpoint, passage.barge, passage.t
        who = int(source.fleet) * 10**9 + source.offset + passage.index

        def chance(channel: Channel, salt: int = 0) -> float:
            # a gate is part of the moment: one second, two gates, two numbers
            moment = int(t) * 64 + self._number[point.checkpoint_id] + salt * 2**40
            return float(uniform(self.seed, channel, np.array([who]), moment)[0])

        case = source.fleet is Fleet.CASE  # scripted: seen by every gate, on a good day
        gauges = point.system is System.WUJIANG
        spread = 0.1 if case else 1.0
        least, most = DRAUGHT_ERROR_M
        error = least + (most - least) * spread * chance(Channel.DRAUGHT_ERROR)
        radius = np.sqrt(-2 * spread * np.log(chance(Channel.DRAUGHT_RADIUS)))
        angle = 2 * np.pi * chance(Channel.DRAUGHT_ANGLE)
        deep = barge.laden_m if passage.laden else barge.light_m
        draught = max(deep + error * radius * np.cos(angle), 0.3)
        # four numbers make something near enough to a bell: the sum's deviation is 0.58
        bell = [sum(chance(Channel.HULL_SIZE, 4 * k + j) - 0.5 for j in range(4)) for k in (0, 1)]
        missed = self.silent(point, t) or (
            not case and chance(Channel.GATE_MISSED) < MISSED[point.system]
        )
        delay = 1.5 + (LONGEST_DELAY_S - 1.5) * chance(Channel.GATE_DELAY)
        word_wrong = chance(Channel.LOAD_WORD) < _WRONG_WORD
        return Sighted(
            fleet=source.fleet,
            passage=passage,
            device_t=t + self.clock_s(point, t),
            sent_at=None if missed else t + delay,
            sent_twice=chance(Channel.SENT_TWICE) < SENT_TWICE,
            key=_key(point, who, t),
            draught_m=round(float(draught), 2) if gauges else None,
            error_m=round(float(error), 2) if gauges else None,
            length_m=round(barge.length_m + 1.7 * bell[0], 1),
            beam_m=round(barge.beam_m + 0.4 * bell[1], 1),
            plate=self._plate(source.fleet, passage, chance),
            load_word="重载" if passage.laden != word_wrong else "空载",
            confidence=round(0.72 + 0.27 * chance(Channel.CONFIDENCE), 2),
        )

    def _plate(self, fleet: Fleet, passage: TruePassage, chance: Any) -> str | None:  # noqa: ANN401
        name = painted(fleet, passage)
        readable = _READABLE[passage.checkpoint.system]
        if fleet is Fleet.DARK:
            readable = _DARK_READABLE  # who hides from AIS has reasons to hide the name as well
        if fleet is not Fleet.CASE and chance(Channel.PLATE) >= readable:
            return None
        if fleet is Fleet.CASE or chance(Channel.PLATE, 1) >= _MISREAD:
            return name
        place = len(name) - 1 - int(4 * chance(Channel.PLATE_DIGIT))
        wrong = str(int(10 * chance(Channel.PLATE_DIGIT, 1)))
        return name[:place] + wrong + name[place + 1 :]

    def _chance(self, channel: Channel, point: Checkpoint, moment: int) -> float:
        number = np.array([self._number[point.checkpoint_id]])
        return float(uniform(self.seed, channel, number, moment)[0])


def painted(fleet: Fleet, passage: TruePassage) -> str:
    """The name as it stands on the hull."""
    if fleet is Fleet.CASE:
        return case_hull_name(passage.barge)
    return stray_hull_name(passage.barge) if fleet is Fleet.STRAY else hull_name(passage.barge)


def picture(one: Sighted) -> bytes:
    """The device's still of a passage, JPEG."""
    passage, barge = one.passage, one.passage.barge
    at = datetime.fromtimestamp(one.device_t, UTC).astimezone(SHANGHAI)
    digits = "".join(c for c in one.plate or "" if c.isascii() and c.isdigit())
    return still(
        View(
            length_m=barge.length_m,
            draught_m=barge.laden_m if passage.laden else barge.light_m,
            laden=passage.laden,
            rightwards=passage.forth,
            night=at.hour >= 18 or at.hour < 6,
            mark=digits,
            caption=f"{passage.checkpoint.checkpoint_id}  {at:%Y-%m-%d %H:%M:%S}",
            tint=passage.index,
        )
    )


def message(one: Sighted, image: str | None) -> tuple[str, dict[str, Any]]:
    """Path and JSON body as the device's system sends it; `image`: SHA-256 of the still, hex."""
    at = datetime.fromtimestamp(round(one.device_t, 1), UTC).isoformat()
    point = one.passage.checkpoint.checkpoint_id
    if one.passage.checkpoint.system is System.WUJIANG:
        body: dict[str, Any] = {
            "passage_no": one.key,
            "gate": point,
            "passed_at": at,
            "direction": "forth" if one.passage.forth else "back",
            "draught": {"value_m": one.draught_m, "error_m": one.error_m},
            "hull": _told(length_m=one.length_m, beam_m=one.beam_m, plate=one.plate),
            "load_state": one.load_word,
        }
        return "/v1/wujiang/passages", body | _told(image=image)
    tonnes = one.passage.barge.tonnes
    body = {
        "id": one.key,
        "point": point,
        "seen_at": at,
        "movement": "入浙" if one.passage.forth else "出浙",
        "confidence": one.confidence,
        "ship": {"class": _SHIP_CLASSES[tonnes]}
        | _told(name=one.plate, length_m=one.length_m, width_m=one.beam_m),
    }
    return "/v1/jiashan/sightings", body | _told(picture=image)


def heartbeat(devices: Devices, point: Checkpoint, t: float) -> tuple[str, dict[str, Any]]:
    """Path and JSON body of a sign of life."""
    at = datetime.fromtimestamp(round(t + devices.clock_s(point, t), 1), UTC).isoformat()
    return "/v1/heartbeats", {"point": point.checkpoint_id, "sent_at": at}


def _told(**said: object) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def _key(point: Checkpoint, who: int, t: float) -> str:
    """The device's own number of a passage; says nothing of who it was."""
    at = datetime.fromtimestamp(t, UTC)
    digest = blake2b(f"{point.checkpoint_id}|{who}|{t:.1f}".encode(), digest_size=5).hexdigest()
    return f"{point.checkpoint_id}-{at:%Y%m%dT%H%M}-{digest}"
