"""Radio to crossing: what detection finds in the simulated traffic is what really happened."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from domain.crossings import Crossing
from domain.positions import FixFlag
from domain.tracks import VesselState
from layers.detection import Detector, FixArrays
from layers.geography import Geography
from seed.fleet import Trouble
from seed.reception import Reception
from seed.truth import Chronicle, Passage, builtin_districts
from seed.world import World
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import PositionMessage, Sentence

BEGIN = 1_717_387_200
HOURS = 3
END = BEGIN + HOURS * 3600
FIRST = BEGIN + 900
"""Crossings before this may be half over when the recording begins."""
LAST = END - 3900
"""Crossings after this may not be confirmed by then: some take an hour's stay to prove."""
SLACK_S = 120


class Run:
    """Three hours of a hundred barges through decoder and detector, in batches of two minutes."""

    def __init__(self) -> None:
        self.world = World(100, 11)
        reception = Reception(self.world)
        self.flags: dict[int, int] = defaultdict(int)
        self.found: dict[int, list[Crossing]] = defaultdict(list)
        self._decoder = AisDecoder(
            now=lambda: datetime.fromtimestamp(END, UTC), retention=timedelta(days=2)
        )
        self._detector = Detector(Geography.builtin())
        self._states: dict[int, VesselState] = {}
        self._keys: set[tuple[int, int, int]] = set()
        for start in range(BEGIN, END, 120):
            self._batch(list(reception.lines(start, start + 120)))
        self.truth: dict[int, list[Passage]] = defaultdict(list)
        chronicle = Chronicle(reception, builtin_districts())
        for passage in chronicle.between(BEGIN - 7200, END + 7200):
            self.truth[passage.mmsi].append(passage)

    def _batch(self, heard: list[tuple[int, list[bytes]]]) -> None:
        rows = []
        for t, lines in heard:
            for line in lines:
                sentence = Sentence("truth", datetime.fromtimestamp(t, UTC), line)
                for message in self._decoder.decode(sentence):
                    if isinstance(message, PositionMessage):
                        fix = message.fix
                        key = (fix.mmsi, int(fix.t.timestamp()), fix.payload_hash)
                        if key not in self._keys:  # the store's key drops exact repeats likewise
                            self._keys.add(key)
                            rows.append((*key[:2], fix.lon, fix.lat, fix.sog_kn))
        mmsi, t, lon, lat, sog = map(np.array, zip(*rows, strict=True))
        batch = FixArrays(mmsi, t.astype(np.float64), lon, lat, sog.astype(np.float32))
        result = self._detector.run(batch, self._states)
        self._states.update(result.states)
        for crossing in result.crossings:
            self.found[crossing.mmsi].append(crossing)
        for vessel, flag in zip(mmsi.tolist(), result.flags.tolist(), strict=True):
            self.flags[vessel] |= flag

    def barges(self, *troubles: Trouble) -> list[int]:
        """MMSIs of the barges with these troubles."""
        return [barge.mmsi for barge in self.world.barges if barge.trouble in troubles]


@pytest.fixture(scope="module")
def run() -> Run:
    return Run()


def matches(passage: Passage, crossing: Crossing) -> bool:
    """Whether a found crossing is this true one: same districts, between leaving and entering."""
    same = (crossing.from_adcode, crossing.to_adcode) == (
        passage.crossing.from_adcode,
        passage.crossing.to_adcode,
    )
    at = crossing.crossed_at.timestamp()
    return same and passage.left_at - SLACK_S <= at <= passage.entered_at + SLACK_S


def score(run: Run, vessels: list[int]) -> tuple[int, list[Passage], list[Crossing]]:
    """How many certain crossings were found once each, which were missed, what was found beyond."""
    hits, missed, extra = 0, [], []
    for mmsi in vessels:
        for passage in run.truth[mmsi]:
            if passage.crossing.grazing or passage.left_at < FIRST or passage.entered_at >= LAST:
                continue
            times = sum(matches(passage, crossing) for crossing in run.found[mmsi])
            hits += times == 1
            if times != 1:
                missed.append(passage)
        for crossing in run.found[mmsi]:
            if crossing.crossed_at.timestamp() >= FIRST and not any(
                matches(passage, crossing) for passage in run.truth[mmsi]
            ):
                extra.append(crossing)
    return hits, missed, extra


def test_clean_barges_cross_exactly_where_and_when_they_truly_do(run):
    hits, missed, extra = score(run, run.barges(Trouble.CLEAN))
    print(f"clean: {hits} of {hits + len(missed)} found, {len(extra)} beyond the truth")
    assert hits >= 15
    assert missed == []
    assert extra == []


def test_via_is_the_districts_that_were_only_passed(run):
    checked = 0
    for mmsi in run.barges(Trouble.CLEAN):
        for passage in run.truth[mmsi]:
            for crossing in run.found[mmsi]:
                if not passage.crossing.grazing and matches(passage, crossing):
                    assert set(crossing.via) == set(passage.crossing.via)
                    checked += 1
    assert checked >= 15


def test_noise_jumps_and_silence_hide_little_and_invent_nothing_much(run):
    troubled = run.barges(Trouble.NOISY, Trouble.JUMPY, Trouble.SILENT)
    hits, missed, extra = score(run, troubled)
    recall = hits / (hits + len(missed))
    precision = hits / (hits + len(extra))
    print(f"troubled: recall {recall:.3f}, precision {precision:.3f} of {hits + len(missed)}")
    assert recall >= 0.9
    assert precision >= 0.9


def test_only_barges_with_jumping_positions_are_flagged_for_it(run):
    jumped = {mmsi for mmsi, flags in run.flags.items() if flags & FixFlag.JUMP}
    assert jumped <= set(run.barges(Trouble.JUMPY))
    assert not any(flags & FixFlag.FAST for flags in run.flags.values())
