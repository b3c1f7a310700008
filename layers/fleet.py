"""States of many vessels in columns, so that the quiet ones cost numpy a row and Python nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.tracks import Spot, VesselState
from layers.datum import Floats

NOWHERE: Final = -9
"""Code of no district: that of a vessel with something pending, which the machine must see."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Last accepted fixes and quiet homes of n vessels; nan and `NOWHERE` where there is none.

    `home` is a district code as in `Geography.labels`, or `NOWHERE`.
    """

    t: Floats
    lon: Floats
    lat: Floats
    depth_m: Floats
    home: NDArray[np.int16]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Columns":
        """Some of the rows."""
        return Columns(
            self.t[rows], self.lon[rows], self.lat[rows], self.depth_m[rows], self.home[rows]
        )

    def put(self, rows: NDArray[np.int64], new: "Columns") -> None:
        """Overwrite rows in place."""
        self.t[rows], self.lon[rows], self.lat[rows] = new.t, new.lon, new.lat
        self.depth_m[rows], self.home[rows] = new.depth_m, new.home

    @classmethod
    def empty(cls, size: int) -> "Columns":
        """Rows of vessels never seen."""
        t, lon, lat, depth_m = (np.full(size, np.nan) for _ in range(4))
        return cls(t, lon, lat, depth_m, np.full(size, NOWHERE, dtype=np.int16))


def columns_of(states: list[VesselState | None], codes: Mapping[str, int]) -> Columns:
    """The columns of states that are kept one by one."""
    spots = np.array([s.spot if s else _NO_SPOT for s in states], dtype=np.float64).reshape(-1, 3)
    depths = np.array([s.depth_m if s else np.nan for s in states], dtype=np.float64)
    homes = np.array([quiet_home(s, codes) for s in states], dtype=np.int16)
    return Columns(spots[:, 0], spots[:, 1], spots[:, 2], depths, homes)


def quiet_home(state: VesselState | None, codes: Mapping[str, int]) -> int:
    """Code of the confirmed district when nothing is pending, else `NOWHERE`."""
    if state is None or state.stays or state.rival or state.shallow:
        return NOWHERE
    return codes.get(state.district or "", NOWHERE)


class Changes(Mapping[int, VesselState]):
    """States after a batch: quiet vessels as columns, made into objects only when asked for."""

    def __init__(
        self,
        vessels: NDArray[np.int64],
        columns: Columns,
        labels: tuple[str, ...],
        gates: Mapping[int, dict[str, int]],
    ) -> None:
        self.vessels, self.columns, self.gates = vessels, columns, gates
        self.others: dict[int, VesselState] = {}
        self._labels = labels

    def __getitem__(self, mmsi: int) -> VesselState:
        return self._all[mmsi]

    def __iter__(self) -> Iterator[int]:
        return iter(self._all)

    def __len__(self) -> int:
        return int(self.vessels.size) + len(self.others)

    @cached_property
    def _all(self) -> dict[int, VesselState]:
        made = quiet_states(self.vessels, self.columns, self._labels, self.gates)
        return {**made, **self.others}


class Fleet(Mapping[int, VesselState]):
    """A store of states for long runs in one process: takes up `Changes` without making objects."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self._labels = labels
        self._keys = np.empty(0, dtype=np.int64)
        self._columns = Columns.empty(0)
        self._others: dict[int, VesselState] = {}
        self.gates: dict[int, dict[str, int]] = {}

    def columns(self, vessels: NDArray[np.int64]) -> Columns:
        """Columns of these vessels (sorted, each once)."""
        found = self._rows(vessels)
        known = found >= 0
        columns = Columns.empty(vessels.size)
        columns.put(np.flatnonzero(known), self._columns.take(found[known]))
        return columns

    def absorb(self, changes: Changes) -> None:
        """Take over the states after a batch."""
        others = changes.others
        hard = np.array(sorted(others), dtype=np.int64)
        self._add(np.concatenate([changes.vessels, hard]))
        rows = self._rows(changes.vessels)
        self._columns.put(rows, changes.columns)
        for mmsi in self._others.keys() & set(changes.vessels.tolist()):
            del self._others[mmsi]
        if others:
            codes = {label: code for code, label in enumerate(self._labels[:-1])}
            codes[self._labels[-1]] = -1
            self._columns.put(self._rows(hard), columns_of([others[m] for m in hard], codes))
            for mmsi, state in others.items():
                if state.gates:
                    self.gates[mmsi] = state.gates
                else:
                    self.gates.pop(mmsi, None)
                if quiet_home(state, codes) == NOWHERE:
                    self._others[mmsi] = state
                else:
                    self._others.pop(mmsi, None)

    def __getitem__(self, mmsi: int) -> VesselState:
        other = self._others.get(mmsi)
        if other is not None:
            return other
        one = np.array([mmsi], dtype=np.int64)
        row = self._rows(one)
        if row[0] < 0:
            raise KeyError(mmsi)
        return quiet_states(one, self._columns.take(row), self._labels, self.gates)[mmsi]

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys.tolist())

    def __len__(self) -> int:
        return int(self._keys.size)

    def _rows(self, vessels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Row of each vessel, -1 for one never seen."""
        if not self._keys.size:
            return np.full(vessels.shape, -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._keys, vessels), self._keys.size - 1)
        return np.where(self._keys[at] == vessels, at, -1)

    def _add(self, vessels: NDArray[np.int64]) -> None:
        new = np.unique(vessels[self._rows(vessels) < 0])
        if not new.size:
            return
        keys = np.concatenate([self._keys, new])
        order = np.argsort(keys, kind="stable")
        blank, old = Columns.empty(new.size), self._columns
        self._columns = Columns(
            np.concatenate([old.t, blank.t]),
            np.concatenate([old.lon, blank.lon]),
            np.concatenate([old.lat, blank.lat]),
            np.concatenate([old.depth_m, blank.depth_m]),
            np.concatenate([old.home, blank.home]),
        ).take(order)
        self._keys = keys[order]


def quiet_states(
    vessels: NDArray[np.int64],
    columns: Columns,
    labels: tuple[str, ...],
    gates: Mapping[int, dict[str, int]],
) -> dict[int, VesselState]:
    """State objects of vessels with nothing pending."""
    rows = zip(
        vessels.tolist(),
        columns.t.tolist(),
        columns.lon.tolist(),
        columns.lat.tolist(),
        columns.depth_m.tolist(),
        columns.home.tolist(),
        strict=True,
    )
    return {
        mmsi: VesselState(
            t, Spot(t, lon, lat), labels[home], depth_m, labels[home], gates=gates.get(mmsi) or {}
        )
        for mmsi, t, lon, lat, depth_m, home in rows
    }


_NO_SPOT = Spot(np.nan, np.nan, np.nan)
