"""What browsers fetch: each body is made once per tick (and language), compressed once, shared.

The last ticks are kept, so that a browser that is a little behind still finds its own.
"""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from dashboard.snapshot import Snapshot

KEPT: Final = 12
"""Ticks kept; a page that is further behind is given the newest tick by its next script run."""
SLOW_EVERY: Final = 5
"""Seconds between two renewals of tails and tracks: drawn each tick they cost too much."""
PICK_EVERY: Final = 3
"""Seconds between two renewals of what a click hits; a barge sails 10 m meanwhile."""
MADE: Final = 256
"""Bodies kept per tick beside the eager ones, the least asked for dropped first."""
_SMALL: Final = 600


@dataclass(frozen=True, slots=True)
class Body:
    """One answer, ready to send: `data` is gzip when `packed`."""

    data: bytes
    media_type: str
    packed: bool
    etag: str


Maker = Callable[[Snapshot], Body]


def pack(data: bytes, media_type: str) -> Body:
    """Compress what is worth it."""
    etag = f'"{hashlib.blake2b(data, digest_size=9).hexdigest()}"'
    if len(data) < _SMALL:
        return Body(data, media_type, packed=False, etag=etag)
    return Body(gzip.compress(data, 5, mtime=0), media_type, packed=True, etag=etag)


def pack_json(value: object) -> Body:
    """A value as compressed JSON."""
    return pack(orjson.dumps(value), "application/json")


class _Tick:
    """One snapshot with what was made of it: all that is eager, and some of what was asked for."""

    def __init__(
        self, snapshot: Snapshot, eager: Mapping[str, Body], keys: Mapping[str, str]
    ) -> None:
        self.snapshot = snapshot
        self.keys = keys
        self._eager = eager
        self._asked: OrderedDict[str, Body] = OrderedDict()

    def held(self, name: str) -> Body | None:
        if name in self._asked:
            self._asked.move_to_end(name)
        return self._eager.get(name) or self._asked.get(name)

    def keep(self, name: str, body: Body) -> Body:
        """Keep it, unless another viewer was first: everybody gets the same."""
        kept = self._asked.setdefault(name, body)
        while len(self._asked) > MADE:
            self._asked.popitem(last=False)
        return kept


class Bodies:
    """The last ticks and what was made of them. Safe to use from any thread.

    `eager` bodies are made at every tick. `steady` ones are addressed by their content instead, so
    that a layer that did not change is neither fetched nor drawn again: name → (maker, seconds
    between two looks).
    """

    def __init__(
        self, eager: Mapping[str, Maker], steady: Mapping[str, tuple[Maker, int]] | None = None
    ) -> None:
        self._eager = dict(eager)
        self._steady = dict(steady or {})
        self._lock = threading.Lock()
        self._ticks: OrderedDict[int, _Tick] = OrderedDict()
        self._looked: dict[str, int] = {}
        self._keys: dict[str, str] = {}
        self._by_content: OrderedDict[str, Body] = OrderedDict()
        self._slow_tick = 0
        self._pick_tick = 0

    def add(self, snapshot: Snapshot) -> None:
        """Take a new tick: make what every viewer needs now, drop the oldest."""
        made = {name: make(snapshot) for name, make in self._eager.items()}
        steady = {
            name: make(snapshot)
            for name, (make, every) in self._steady.items()
            if snapshot.tick - self._looked.get(name, 0) >= every
        }
        with self._lock:
            for name, body in steady.items():
                self._looked[name] = snapshot.tick
                self._keep(name, body)
            if snapshot.tick - self._slow_tick >= SLOW_EVERY:
                self._slow_tick = snapshot.tick
            if snapshot.tick - self._pick_tick >= PICK_EVERY:
                self._pick_tick = snapshot.tick
            self._ticks[snapshot.tick] = _Tick(snapshot, made, dict(self._keys))
            while len(self._ticks) > KEPT:
                self._ticks.popitem(last=False)

    def get(self, tick: int, name: str, make: Maker) -> Body | None:
        """The body `name` of `tick`, made now if nobody asked before; `None`: no such tick."""
        with self._lock:
            found = self._ticks.get(tick)
            body = None if found is None else found.held(name)
        if found is None or body is not None:
            return body
        body = make(found.snapshot)
        with self._lock:
            return found.keep(name, body)

    def by_content(self, key: str) -> Body | None:
        """A steady body by the key in its address, while it is kept."""
        with self._lock:
            return self._by_content.get(key)

    def key(self, name: str, tick: int) -> str:
        """The key of the steady body of that name at `tick`; it changes when the content does.

        Not the newest one: a tick may come in while a page is told of the one before it.
        """
        with self._lock:
            found = self._ticks.get(tick)
            return name if found is None else found.keys.get(name, name)

    def snapshot(self, tick: int) -> Snapshot | None:
        """The snapshot of `tick` while it is kept."""
        with self._lock:
            found = self._ticks.get(tick)
        return None if found is None else found.snapshot

    @property
    def slow_tick(self) -> int:
        """The tick as of which tracks are read: it moves on every few seconds."""
        return self._slow_tick

    @property
    def pick_tick(self) -> int:
        """The tick whose vessels a click on the map hits."""
        return self._pick_tick

    @property
    def newest(self) -> Snapshot | None:
        """The newest snapshot whose bodies can be fetched."""
        with self._lock:
            if not self._ticks:
                return None
            return next(reversed(self._ticks.values())).snapshot

    def _keep(self, name: str, body: Body) -> None:
        key = f"{name}-{body.etag.strip(chr(34))}"
        self._keys[name] = key
        self._by_content[key] = body
        self._by_content.move_to_end(key)
        while len(self._by_content) > KEPT * max(1, len(self._steady)):
            self._by_content.popitem(last=False)
