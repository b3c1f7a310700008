"""The fixes of a batch in columns: all that can be known of them without asking the store.

Made while the store is busy with the batch before, so that it costs the way to the next none.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from db.position import Key
from db.position_wire import Rows, batch_rows, set_times
from db.receiver import HeardKey
from domain.positions import Fix
from layers.detection import FixArrays
from streams.contracts.messages import Message, PositionMessage
from streams.contracts.sentence import station_of

_BACKSLASH = 0x5C

Receiver = tuple[str, str]
"""(feed_id, station)."""


@dataclass(frozen=True, slots=True)
class Fixes:
    """n fixes in order of arrival. `rows` lack what detection and the receivers' list tell.

    `heard`: fixes per receiver and minute of arrival, repeats too: what is heard twice is heard.
    """

    messages: list[PositionMessage]
    keys: list[Key]
    receivers: list[Receiver]
    heard: Counter[HeardKey]
    arrays: FixArrays
    rows: Rows

    def __len__(self) -> int:
        return len(self.messages)

    def take(self, chosen: list[int]) -> "Fixes":
        """Some of the fixes, in the order of `chosen`; what was heard stays whole."""
        index = np.array(chosen, dtype=np.int64)
        return Fixes(
            [self.messages[n] for n in chosen],
            [self.keys[n] for n in chosen],
            [self.receivers[n] for n in chosen],
            self.heard,
            self.arrays.take(index),
            self.rows[index],
        )

    @classmethod
    def of(cls, messages: Sequence[Message]) -> "Fixes":
        """Those among the messages of a batch."""
        found = [message for message in messages if isinstance(message, PositionMessage)]
        receivers = _receivers(found)
        fixes = [message.fix for message in found]
        every: Any = zip(*fixes, strict=True) if fixes else [()] * len(Fix._fields)
        columns: Any = Fix(*every)  # a tuple of each field instead of a value
        seconds = {t: t.timestamp() for t in set(columns.t)}  # those of a second share theirs
        arrays = FixArrays(
            mmsi=np.array(columns.mmsi, dtype=np.int64),
            t=np.array([seconds[t] for t in columns.t], dtype=np.float64),
            lon=np.array(columns.lon, dtype=np.float64),
            lat=np.array(columns.lat, dtype=np.float64),
            sog=np.array(columns.sog_kn, dtype=np.float32),  # unknown becomes NaN
        )
        rows = batch_rows(len(fixes))
        rows["mmsi"] = arrays.mmsi
        set_times(rows, arrays.t)
        rows["payload_hash"] = columns.payload_hash
        rows["lon"] = arrays.lon
        rows["lat"] = arrays.lat
        rows["sog_kn"] = arrays.sog
        rows["cog_deg"] = np.array(columns.cog_deg, dtype=np.float32)
        rows["heading_deg"] = [-1 if one is None else one for one in columns.heading_deg]
        rows["nav_status"] = [-1 if one is None else one for one in columns.nav_status]
        rows["message_type"] = columns.message_type
        keys = list(zip(columns.mmsi, columns.t, columns.payload_hash, strict=True))
        return cls(found, keys, receivers, _heard(found, receivers), arrays, rows)


def _receivers(found: list[PositionMessage]) -> list[Receiver]:
    """Of each message its own; a station repeats its tag block for every sentence of a second."""
    known: dict[bytes, str] = {}
    receivers = []
    for message in found:
        feed_id, raw = message.sentence.feed_id, message.sentence.raw
        end = raw.find(b"\\", 1) if raw and raw[0] == _BACKSLASH else -1
        block = raw[:end] if end > 0 else raw
        station = known.get(block)
        if station is None:
            station = known[block] = station_of(raw)
        receivers.append((feed_id, station))
    return receivers


def _heard(found: list[PositionMessage], receivers: list[Receiver]) -> Counter[HeardKey]:
    moments = Counter(
        zip(receivers, [message.sentence.arrived_at for message in found], strict=True)
    )
    heard: Counter[HeardKey] = Counter()
    for ((feed_id, station), at), count in moments.items():
        heard[feed_id, station, at.replace(second=0, microsecond=0)] += count
    return heard
