"""Fixes: repeats set aside, the new ones through detection, then positions, latest and state."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from commands.confirm_crossings import ConfirmCrossings, confirm_crossings
from db.pool import Connection
from db.position import Key, copy_positions, stored_keys, upsert_latest
from db.position_wire import Rows
from db.receiver import HeardKey, add_heard
from db.vessel import StoredState, load_states, save_states
from domain.crossings import Crossing
from domain.positions import FixFlag
from domain.tracks import VesselState
from layers.detection import Detection, Detector
from layers.geography import Geography
from streams.contracts.messages import Message, PositionMessage
from streams.handlers.fixes import Fixes, Receiver
from streams.handlers.work import Tally

_ACTOR = "ingest"
_REMEMBERED = 50_000  # vessels; beyond, all are read again on demand
_FLAG_OUTCOMES = [(int(flag), f"flag_{flag.name.lower()}") for flag in FixFlag if flag.name]


class _Vessel(NamedTuple):
    """What is remembered of one vessel, as `vessel_state` has it; revision 0: no row yet."""

    state: VesselState | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one batch will write: rows, whose receiver and district are numbers from 1."""

    rows: Rows
    receivers: list[Receiver]
    labels: tuple[str, ...]
    states: list[StoredState]
    crossings: list[Crossing]
    vessels: dict[int, _Vessel]


_NEVER = datetime.min.replace(tzinfo=UTC)


class PositionHandler:
    """Writes `vessel_position`, `vessel_latest`, `vessel_state` and what crossings bring.

    What is remembered changes only by `commit`. A fix newer than all stored ones of its vessel
    cannot be a repeat, so only the others are looked up; `thorough` looks all of them up.
    """

    def __init__(self, geography: Geography) -> None:
        self.thorough = False
        self.prepared: Prepared | None = None
        self._heard: Counter[HeardKey] = Counter()
        self._vessels: dict[int, _Vessel] = {}
        self._detector = Detector(geography)
        self._next_detector: Detector | None = None

    def use(self, geography: Geography) -> None:
        """Detect by another version of the layers from the next batch on."""
        self._next_detector = Detector(geography)

    async def prepare(
        self,
        connection: Connection,
        messages: Sequence[Message],
        tally: Tally,
        fixes: Fixes | None = None,
    ) -> None:
        """`fixes`: those of `messages`, where they were made before."""
        self.prepared = None
        self._heard = Counter()
        if self._next_detector is not None:
            self._detector, self._next_detector = self._next_detector, None
        found = Fixes.of(messages) if fixes is None else fixes
        if not found:
            return
        self._heard = found.heard
        await self._remember(connection, set(found.arrays.mmsi.tolist()))
        new = await self._new(connection, found, tally)
        if not new:
            return
        states = {
            mmsi: state
            for mmsi in set(new.arrays.mmsi.tolist())
            if (state := self._vessels[mmsi].state) is not None
        }
        detection = self._detector.run(new.arrays, states)
        _count(new.messages, detection, tally)
        place = {receiver: n for n, receiver in enumerate(sorted(set(new.receivers)), start=1)}
        labels = self._detector.geography.labels
        after = self._after(detection.states)
        self.prepared = Prepared(
            rows=_rows(new, detection, [place[one] for one in new.receivers], labels),
            receivers=list(place),
            labels=labels,
            states=[_stored(mmsi, vessel) for mmsi, vessel in after.items()],
            crossings=detection.crossings,
            vessels=after,
        )

    async def _remember(self, connection: Connection, mmsis: set[int]) -> None:
        missing = sorted(mmsis - self._vessels.keys())
        if not missing:
            return
        stored = await load_states(connection, missing)
        for mmsi in missing:
            row = stored.get(mmsi)
            self._vessels[mmsi] = (
                _Vessel(VesselState.from_json(row.state), row.revision) if row else _Vessel()
            )

    async def _new(self, connection: Connection, found: Fixes, tally: Tally) -> Fixes:
        """Those whose fix is neither stored nor earlier in this batch."""
        if len(set(found.keys)) < len(found):
            found = _once(found, tally)
        if self.thorough:
            suspects = found.keys
        else:
            newest = {mmsi: self._newest(mmsi) for mmsi in set(found.arrays.mmsi.tolist())}
            suspects = [key for key in found.keys if key[1] <= newest[key[0]]]
        stored = await stored_keys(connection, suspects) if suspects else set()
        if not stored:
            return found
        repeats = [
            message
            for key, message in zip(found.keys, found.messages, strict=True)
            if key in stored
        ]
        tally.add_all(repeats, "duplicate")
        return found.take([n for n, key in enumerate(found.keys) if key not in stored])

    def _newest(self, mmsi: int) -> datetime:
        """Time of the newest stored fix of a vessel."""
        state = self._vessels[mmsi].state
        return _NEVER if state is None else datetime.fromtimestamp(state.t, UTC)

    def _after(self, states: Mapping[int, VesselState]) -> dict[int, _Vessel]:
        """The vessels of which detection remembers something new: a late fix moves nothing."""
        after = {}
        for mmsi, state in states.items():
            known = self._vessels[mmsi]
            if known.state is None or state.t > known.state.t:
                after[mmsi] = _Vessel(state, known.revision + 1)
        return after

    async def write(self, connection: Connection, recorded_at: datetime) -> None:
        if self.prepared is not None:
            await self._write(connection, self.prepared, recorded_at)
        await add_heard(connection, self._heard)  # last: all workers share these rows

    async def _write(self, connection: Connection, work: Prepared, recorded_at: datetime) -> None:
        feeds = [feed_id for feed_id, _ in work.receivers]
        await save_states(connection, work.states)  # first: it also keeps other workers off
        await copy_positions(connection, work.rows, feeds, recorded_at)
        stations = [station for _, station in work.receivers]
        await upsert_latest(connection, work.rows, feeds, stations, work.labels)
        if work.crossings:
            command = ConfirmCrossings(work.crossings, recorded_at)
            await confirm_crossings(connection, _ACTOR, command)

    def commit(self) -> None:
        if self.prepared is not None:
            self._vessels.update(self.prepared.vessels)
        self.prepared = None
        self.thorough = False
        if len(self._vessels) > _REMEMBERED:
            self._vessels.clear()

    def forget(self) -> None:
        self._vessels.clear()
        self._heard = Counter()
        self.prepared = None


def _once(found: Fixes, tally: Tally) -> Fixes:
    """The first of each key; the repeats are counted."""
    seen: set[Key] = set()
    first, repeats = [], []
    for number, key in enumerate(found.keys):
        if key in seen:
            repeats.append(found.messages[number])
        else:
            seen.add(key)
            first.append(number)
    tally.add_all(repeats, "duplicate")
    return found.take(first)


def _count(new: list[PositionMessage], detection: Detection, tally: Tally) -> None:
    tally.add_all(new, "position")
    for bit, outcome in _FLAG_OUTCOMES:
        flagged = np.flatnonzero(detection.flags & bit).tolist()
        tally.add_all([new[index] for index in flagged], outcome)


def _rows(new: Fixes, detection: Detection, receivers: list[int], labels: tuple[str, ...]) -> Rows:
    rows = new.rows.copy()  # a batch may be prepared again
    rows["flags"] = detection.flags
    rows["feed"] = receivers
    # -1 is outside, which stands last among the labels; SQL counts from 1
    rows["district"] = np.where(detection.adcode < 0, len(labels), detection.adcode + 1)
    rows["border_water"] = detection.border_water
    return rows


def _stored(mmsi: int, vessel: _Vessel) -> StoredState:
    state = vessel.state
    assert state is not None  # noqa: S101 - detection hands out states only
    return StoredState(mmsi, state.t, state.district, state.to_json(), vessel.revision)
