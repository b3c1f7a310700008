"""Whose passage a reading was: a track of AIS, nobody's, or more than one could be.

*Nobody* is a finding (a passage without AIS, 未开AIS通过) that becomes an alert, so it needs as
much certainty as a match. What is neither stays *uncertain* and accuses no one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What fusion says of one reading."""

    MATCHED = "matched"
    NOBODY = "nobody"
    UNCERTAIN = "uncertain"


class MatchRule(StrEnum):
    """What a reason is about; the screen makes words of it and its facts."""

    TIME = "time"
    GATE_LINE = "gate_line"
    DIRECTION = "direction"
    SIZE = "size"
    PLATE = "plate"
    CLAIMED_MMSI = "claimed_mmsi"
    SECOND_SENSOR = "second_sensor"
    RUNNER_UP = "runner_up"
    NO_TRACK = "no_track"
    SAME_PASSAGE = "same_passage"
    WRONG_WAY = "wrong_way"
    AIS_NOT_HEARD = "ais_not_heard"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class MatchReason:
    """One piece of evidence. `weight` in decibans: ten times the decimal logarithm of how much
    likelier it is with this track than without, so that weights add up; 0 for a mere remark.
    """

    rule: MatchRule
    weight: int
    facts: Mapping[str, str | int | float]

    def to_json(self) -> dict[str, Any]:
        """As stored in `reading_match.reasons`."""
        return {"rule": self.rule, "weight": self.weight, "facts": dict(self.facts), "evidence": []}


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for one reading.

    `mmsi` is set when `MATCHED` only. `score` is the probability of the outcome, 0 to 1, for
    `UNCERTAIN` that of the best track. `runner_up`: probability of the next best track.
    """

    outcome: Outcome
    mmsi: int | None
    score: float
    runner_up: float
    reasons: tuple[MatchReason, ...]

    @property
    def without_ais(self) -> bool:
        """Whether it is a passage without AIS; an uncertain one is not."""
        return self.outcome is Outcome.NOBODY

    @property
    def stored_score(self) -> float | None:
        """`reading_match.score`: null tells an uncertain reading from one of nobody."""
        return None if self.outcome is Outcome.UNCERTAIN else round(self.score, 4)


def outcome_of(mmsi: int | None, score: float | None) -> Outcome:
    """The outcome that a stored row stands for."""
    if mmsi is not None:
        return Outcome.MATCHED
    return Outcome.UNCERTAIN if score is None else Outcome.NOBODY
