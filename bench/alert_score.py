"""Alerts against what a perfect watch would find: right, wrong, missed, and how soon. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.alerts import Rule
from seed.suspicions import Suspicion

VOYAGE_S: Final = 2 * 3600.0
"""Labels of one vessel and rule this near each other are one behaviour, as they are one alert."""
SLACK_S: Final = 1800.0
"""An alert may begin so long before its label, or speak so long after it."""
DUE_S: Final[Mapping[Rule, float]] = {
    Rule.SILENT_IN_BORDER_WATER: 15 * 60.0,
    Rule.LOITERING: 40 * 60.0,
    Rule.NIGHT_STOP: 30 * 60.0,
}
"""After so long a silence or a stop is a fact; before, it is everyday traffic."""
_LEAVES: Final = frozenset({Rule.NO_PAPER, Rule.QUANTITY_USED})
_LADEN: Final = _LEAVES | {Rule.LOITERING, Rule.NIGHT_STOP, Rule.LOAD_LOST}
"""Only of a vessel that was measured; a silence counts of an unknown load as well."""


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as the controller had it: when each ground was first told (epoch seconds).

    `who`: `mmsi:…` or, without a number, `key:…` of each reading, by the device's own number.
    """

    who: frozenset[str]
    grounds: Mapping[Rule, float]
    began: float
    last: float
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """Labels that are one behaviour, with every name that `Told.who` may give its vessel.

    `known_at`: when the fact is in the data; `None`: never is.
    """

    who: frozenset[str]
    rule: Rule
    start: float
    end: float
    known_at: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """Alerts that were `right` and `wrong`; deeds `found` and `missed`; `delays` in seconds."""

    right: tuple[Told, ...]
    wrong: tuple[Told, ...]
    found: tuple[Deed, ...]
    missed: tuple[Deed, ...]
    delays: tuple[float, ...]

    @property
    def precision(self) -> float | None:
        """Share of the alerts that were right; `None` without any."""
        return _share(len(self.right), len(self.wrong))

    @property
    def recall(self) -> float | None:
        """Share of the deeds that were found; `None` without any."""
        return _share(len(self.found), len(self.missed))


def deeds(
    labels: Iterable[Suspicion], data_from: float, hulls: Mapping[str, str] | None = None
) -> list[Deed]:
    """The labels as behaviours, by vessel and time; what was measured before the data is unknown.

    `hulls`: whose reading a device's number is, so that the gates of one voyage are one behaviour.
    Labels that only graze a border are none: the rules ask for no alert there.
    """
    found: list[Deed] = []
    newest: dict[tuple[str, Rule], int] = {}
    for label in sorted(labels, key=lambda one: one.start):
        if label.grazing:
            continue
        who = f"key:{label.key}" if label.mmsi is None else f"mmsi:{label.mmsi}"
        known_at = _known_at(label, data_from)
        one = Deed(frozenset({who}), label.rule, label.start, label.end, known_at)
        hull = who if label.key is None else (hulls or {}).get(label.key, who)
        place = newest.get((hull, label.rule))
        if place is not None and one.start <= found[place].end + VOYAGE_S:
            found[place] = _joined(found[place], one)
        else:
            newest[hull, label.rule] = len(found)
            found.append(one)
    return found


def score(
    told: Sequence[Told],
    known: Sequence[Deed],
    between: tuple[float, float],
    rule: Rule | None = None,
) -> Score:
    """Judge the alerts first told and the deeds first knowable `between` two times.

    Of one `rule`, or of all: then an alert is right when one of its grounds is.
    """
    right: list[Told] = []
    wrong: list[Told] = []
    for alert in told:
        grounds = {r: t for r, t in alert.grounds.items() if rule in (None, r)}
        if grounds and between[0] <= min(grounds.values()) < between[1]:
            true = any(covers(alert, deed) for deed in known if deed.rule in grounds)
            (right if true else wrong).append(alert)
    found, missed, delays = [], [], []
    for deed in known:
        at = deed.known_at
        if rule not in (None, deed.rule) or at is None or not between[0] <= at < between[1]:
            continue
        times = [alert.grounds[deed.rule] for alert in told if covers(alert, deed)]
        if times:
            found.append(deed)
            delays.append(max(0.0, min(times) - at))  # told in border water: before it is certain
        else:
            missed.append(deed)
    return Score(tuple(right), tuple(wrong), tuple(found), tuple(missed), tuple(delays))


def covers(alert: Told, deed: Deed) -> bool:
    """Whether the alert speaks of the deed: the same vessel, ground and time."""
    meets = alert.began <= deed.end + SLACK_S and deed.start <= alert.last + SLACK_S
    return meets and bool(deed.who & alert.who) and deed.rule in alert.grounds


def _known_at(label: Suspicion, data_from: float) -> float | None:
    fact = label.end if label.rule in _LEAVES else label.start + DUE_S.get(label.rule, 0.0)
    if label.rule not in _LADEN:
        return fact
    if label.measured_at is None or label.measured_at < data_from:
        return None
    return max(fact, label.measured_at)


def _joined(one: Deed, other: Deed) -> Deed:
    times = [at for at in (one.known_at, other.known_at) if at is not None]
    end = max(one.end, other.end)
    return Deed(one.who | other.who, one.rule, one.start, end, min(times, default=None))


def _share(good: int, bad: int) -> float | None:
    return good / (good + bad) if good + bad else None
