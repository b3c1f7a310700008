"""What browsers fetch: each body is made once per tick (and language), compressed once, shared.

The last ticks are kept, so that a browser that is a little behind still finds its own.
"""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import orjson

from dashboard.snapshot import Snapshot

KEPT: Final = 12
"""Ticks kept; a page that is further behind is given the newest tick by its next script run."""
SLOW_EVERY: Final = 5
"""Seconds between two renewals of tails and tracks: redrawing them each tick costs more than it
shows."""
_SMALL: Final = 600

Maker = Callable[[Snapshot], bytes]


@dataclass(frozen=True, slots=True)
class Body:
    """One answer, ready to send: `data` is gzip when `packed`."""

    data: bytes
    media_type: str
    packed: bool
    etag: str


def pack(data: bytes, media_type: str) -> Body:
    """Compress what is worth it."""
    etag = f'"{hashlib.blake2b(data, digest_size=9).hexdigest()}"'
    if len(data) < _SMALL:
        return Body(data, media_type, packed=False, etag=etag)
    return Body(gzip.compress(data, 5, mtime=0), media_type, packed=True, etag=etag)


def pack_json(value: object) -> Body:
    """A value as compressed JSON."""
    return pack(orjson.dumps(value), "application/json")


class Bodies:
    """The last ticks and what was made of them. Safe to use from any thread."""

    def __init__(self, eager: dict[str, Callable[[Snapshot], Body]]) -> None:
        self._eager = eager
        self._lock = threading.Lock()
        self._ticks: OrderedDict[int, tuple[Snapshot, dict[str, Body]]] = OrderedDict()
        self._slow_tick = 0

    def add(self, snapshot: Snapshot) -> None:
        """Take a new tick: make what every viewer needs now, drop the oldest."""
        made = {name: make(snapshot) for name, make in self._eager.items()}
        with self._lock:
            if snapshot.tick - self._slow_tick >= SLOW_EVERY:
                self._slow_tick = snapshot.tick
            self._ticks[snapshot.tick] = (snapshot, made)
            while len(self._ticks) > KEPT:
                self._ticks.popitem(last=False)

    def get(self, tick: int, name: str, make: Callable[[Snapshot], Body]) -> Body | None:
        """The body `name` of `tick`, made now if nobody asked before; `None`: no such tick."""
        with self._lock:
            found = self._ticks.get(tick)
        if found is None:
            return None
        snapshot, made = found
        if name not in made:
            made[name] = make(snapshot)
        return made[name]

    def snapshot(self, tick: int) -> Snapshot | None:
        """The snapshot of `tick` while it is kept."""
        with self._lock:
            found = self._ticks.get(tick)
        return None if found is None else found[0]

    @property
    def slow_tick(self) -> int:
        """The tick whose tails and tracks are shown now."""
        return self._slow_tick

    @property
    def newest(self) -> Snapshot | None:
        """The newest snapshot whose bodies can be fetched."""
        with self._lock:
            if not self._ticks:
                return None
            return next(reversed(self._ticks.values()))[0]
