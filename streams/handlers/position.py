"""Fixes: repeats set aside, the new ones through detection, then positions, latest and state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from commands.confirm_crossings import ConfirmCrossings, confirm_crossings
from db.errors import StoreConflict
from db.pool import Connection
from db.position import (
    Key,
    insert_staged,
    set_times,
    stage,
    staged_rows,
    stored_keys,
    upsert_latest,
)
from db.vessel import StoredState, load_states, save_states
from domain.positions import Fix, FixFlag
from domain.tracks import VesselState
from layers.detection import Detection, Detector, FixArrays
from layers.geography import Geography
from streams.contracts.messages import Message, PositionMessage
from streams.handlers.work import Tally

_ACTOR = "ingest"
_REMEMBERED = 50_000  # vessels; beyond, all are read again on demand
_FLAG_OUTCOMES = [(int(flag), f"flag_{flag.name.lower()}") for flag in FixFlag if flag.name]


@dataclass(frozen=True, slots=True)
class _Vessel:
    """What is remembered of one vessel, as `vessel_state` has it; revision 0: no row yet."""

    state: VesselState | None = None
    revision: int = 0


class PositionHandler:
    """Writes `vessel_position`, `vessel_latest`, `vessel_state` and what crossings bring.

    What is remembered changes only by `commit`. A fix newer than all stored ones of its vessel
    cannot be a repeat, so only the others are looked up; `thorough` looks all of them up.
    """

    def __init__(self, geography: Geography) -> None:
        self.thorough = False
        self._vessels: dict[int, _Vessel] = {}
        self._messages: list[PositionMessage] = []
        self._detection: Detection | None = None
        self._states: list[StoredState] = []
        self._next: dict[int, _Vessel] = {}
        self._next_detector: tuple[Detector, tuple[str, ...]] | None = None
        self._detector, self._labels = Detector(geography), geography.labels

    def use(self, geography: Geography) -> None:
        """Detect by another version of the layers from the next batch on."""
        self._next_detector = Detector(geography), geography.labels

    async def prepare(
        self, connection: Connection, messages: Sequence[Message], tally: Tally
    ) -> None:
        self._clear()
        if self._next_detector is not None:
            (self._detector, self._labels), self._next_detector = self._next_detector, None
        found = [message for message in messages if isinstance(message, PositionMessage)]
        if not found:
            return
        await self._remember(connection, {message.fix.mmsi for message in found})
        new = await self._new(connection, found, tally)
        if not new:
            return
        self._messages = new
        self._detection = self._detect([message.fix for message in new])
        flags = self._detection.flags.tolist()
        for message, flag in zip(new, flags, strict=True):
            tally.add(message, "position")
            if flag:
                for bit, outcome in _FLAG_OUTCOMES:
                    if flag & bit:
                        tally.add(message, outcome)
        self._carry_on(self._detection.states)

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

    async def _new(
        self, connection: Connection, found: list[PositionMessage], tally: Tally
    ) -> list[PositionMessage]:
        """The messages whose fix is neither stored nor earlier in this batch."""
        seen: set[Key] = set()
        fresh: list[tuple[Key, PositionMessage]] = []
        suspects: list[Key] = []
        for message in found:
            fix = message.fix
            key = (fix.mmsi, fix.t, fix.payload_hash)
            if key in seen:
                tally.add(message, "duplicate")
                continue
            seen.add(key)
            fresh.append((key, message))
            state = self._vessels[fix.mmsi].state
            if self.thorough or (state is not None and fix.t.timestamp() <= state.t):
                suspects.append(key)
        if not suspects:
            return [message for _, message in fresh]
        stored = await stored_keys(connection, suspects)
        for key, message in fresh:
            if key in stored:
                tally.add(message, "duplicate")
        return [message for key, message in fresh if key not in stored]

    def _detect(self, fixes: list[Fix]) -> Detection:
        arrays = FixArrays(
            mmsi=np.array([fix.mmsi for fix in fixes], dtype=np.int64),
            t=np.array([fix.t.timestamp() for fix in fixes], dtype=np.float64),
            lon=np.array([fix.lon for fix in fixes], dtype=np.float64),
            lat=np.array([fix.lat for fix in fixes], dtype=np.float64),
            sog=np.array(
                [np.nan if fix.sog_kn is None else fix.sog_kn for fix in fixes], dtype=np.float32
            ),
        )
        states = {
            mmsi: state
            for mmsi in {fix.mmsi for fix in fixes}
            if (state := self._vessels[mmsi].state) is not None
        }
        self._arrays = arrays
        return self._detector.run(arrays, states)

    def _carry_on(self, after: Mapping[int, VesselState]) -> None:
        """The rows of `vessel_state` after this batch, where it says something new."""
        for mmsi, state in after.items():
            known = self._vessels[mmsi]
            if state != known.state:
                self._next[mmsi] = _Vessel(state, known.revision + 1)
        self._states = [
            StoredState(
                mmsi=mmsi,
                t=datetime.fromtimestamp(one.state.t, UTC),
                district=one.state.district,
                state=one.state.to_json(),
                revision=one.revision,
            )
            for mmsi, one in self._next.items()
            if one.state is not None
        ]

    async def write(self, connection: Connection, recorded_at: datetime) -> None:
        if self._detection is None:
            return
        await save_states(connection, self._states)  # first: it also keeps other workers off
        feeds = sorted({message.sentence.feed_id for message in self._messages})
        await stage(connection, self._rows(self._detection, feeds))
        inserted = await insert_staged(connection, feeds)
        if inserted != len(self._messages):
            raise StoreConflict(
                f"{len(self._messages) - inserted} fixes were stored by another worker meanwhile"
            )
        await upsert_latest(connection, feeds, self._labels)
        crossings = self._detection.crossings
        if crossings:
            await confirm_crossings(connection, _ACTOR, ConfirmCrossings(crossings, recorded_at))

    def _rows(self, detection: Detection, feeds: list[str]) -> NDArray[np.void]:
        fixes, arrays = [message.fix for message in self._messages], self._arrays
        rows = staged_rows(len(fixes))
        rows["mmsi"] = arrays.mmsi
        set_times(rows, arrays.t)
        rows["payload_hash"] = [fix.payload_hash for fix in fixes]
        rows["lon"] = arrays.lon
        rows["lat"] = arrays.lat
        rows["sog_kn"] = arrays.sog
        rows["cog_deg"] = [np.nan if fix.cog_deg is None else fix.cog_deg for fix in fixes]
        rows["heading_deg"] = [-1 if fix.heading_deg is None else fix.heading_deg for fix in fixes]
        rows["nav_status"] = [-1 if fix.nav_status is None else fix.nav_status for fix in fixes]
        rows["message_type"] = [fix.message_type for fix in fixes]
        rows["flags"] = detection.flags
        place = {feed_id: index for index, feed_id in enumerate(feeds, start=1)}
        rows["feed"] = [place[message.sentence.feed_id] for message in self._messages]
        # -1 is outside, which stands last in the list of codes; SQL counts from 1
        rows["district"] = np.where(detection.adcode < 0, len(self._labels), detection.adcode + 1)
        rows["border_water"] = detection.border_water
        return rows

    def commit(self) -> None:
        self._vessels.update(self._next)
        self._clear()
        self.thorough = False
        if len(self._vessels) > _REMEMBERED:
            self._vessels.clear()

    def forget(self) -> None:
        self._vessels.clear()
        self._clear()

    def _clear(self) -> None:
        self._messages, self._detection = [], None
        self._states, self._next = [], {}
