"""Truth labels: what really happens in the simulated world, as JSON lines beside the feed.

Per line one object with `kind`: `world` (first line), `barge` (one each, all at the beginning),
`clone`, `crossing`, `silence`, `jump`, `counts`. Times are ISO 8601 in UTC.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from layers import sources
from seed.crossings import Borders, TrueCrossing, true_crossings
from seed.fleet import Trouble
from seed.label_file import LabelFile, iso
from seed.reception import Reception
from seed.spells import Spells


@dataclass(frozen=True, slots=True)
class Passage:
    """A true crossing at its hour: epoch seconds; the rest as in `TrueCrossing`."""

    crossing: TrueCrossing
    mmsi: int
    left_at: float
    entered_at: float


class Chronicle:
    """All true crossings of a world, or of those barges in `who`, to be asked for by time."""

    def __init__(
        self,
        reception: Reception,
        districts: Mapping[str, BaseGeometry],
        who: Container[int] | None = None,
    ) -> None:
        self.world = reception.world
        borders = Borders(districts)
        self.crossings = tuple(
            crossing
            for index, round_ in enumerate(self.world.rounds)
            if who is None or index in who
            for crossing in true_crossings(index, round_, borders)
        )
        self._barge = np.array([c.barge for c in self.crossings], dtype=np.int64)
        self._entered = np.array([c.entered_s for c in self.crossings])
        periods = np.array([r.period_s for r in self.world.rounds], dtype=np.int64)
        self._period = periods[self._barge]
        self._phase = self.world.phase_s[self._barge]

    def between(self, start: int, end: int) -> list[Passage]:
        """Crossings that enter their new district in [start, end), epoch seconds, by time."""
        if not self.crossings:
            return []
        wait = (self._entered - (start + self._phase)) % self._period
        found = []
        for n in np.flatnonzero(wait < end - start).tolist():
            crossing, period = self.crossings[n], int(self._period[n])
            for entered in np.arange(start + wait[n], end, period).tolist():
                since_left = (crossing.entered_s - crossing.left_s) % period
                mmsi = self.world.barges[crossing.barge].mmsi
                found.append(Passage(crossing, mmsi, entered - since_left, entered))
        return sorted(found, key=lambda passage: passage.entered_at)


class TruthLog:
    """The label file: put aside as `.1` and begun anew when it grows over `max_bytes`.

    Each file begins with the world and its barges, so that it can be read alone.
    """

    def __init__(
        self,
        path: Path,
        reception: Reception,
        districts: Mapping[str, BaseGeometry],
        max_bytes: int = 16_000_000,
    ) -> None:
        self._reception = reception
        self._world = reception.world
        self._chronicle = Chronicle(reception, districts)
        troubles = [barge.trouble for barge in self._world.barges]
        self._silent = _indices(troubles, Trouble.SILENT)
        self._jumpy = _indices(troubles, Trouble.JUMPY)
        self._file = LabelFile(path, self._head, max_bytes)

    def record(self, start: int, end: int) -> None:
        """Write what happens in [start, end): crossings entered, silences and jumps begun."""
        rows = [_passage_row(passage) for passage in self._chronicle.between(start, end)]
        rows += self._spells("silence", self._reception.silences, self._silent, start, end)
        rows += self._spells("jump", self._reception.jumps, self._jumpy, start, end)
        self._file.write(rows)

    def counts(self, t: int, kinds: Mapping[str, int]) -> None:
        """Write how many messages of each kind were sent until `t` since the program began."""
        self._file.write([{"kind": "counts", "t": iso(t), "sent": dict(sorted(kinds.items()))}])

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _spells(
        self, kind: str, spells: Spells, who: np.ndarray[Any, Any], start: int, end: int
    ) -> list[dict[str, Any]]:
        return [
            {
                "kind": kind,
                "mmsi": self._world.barges[spell.barge].mmsi,
                "from": iso(spell.start),
                "to": iso(spell.end),
            }
            for spell in spells.between(who, start, end)
            if start <= spell.start < end
        ]

    def _head(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [
            {"kind": "world", "seed": self._world.seed, "barges": len(self._world.barges)}
        ]
        for barge in self._world.barges:
            rows.append(
                {
                    "kind": "barge",
                    "index": barge.index,
                    "mmsi": barge.mmsi,
                    "name": barge.name,
                    "radio": barge.radio,
                    "trouble": barge.trouble,
                    "sigma_m": round(barge.sigma_m, 1),
                    "tonnes": barge.tonnes,
                    "length_m": barge.length_m,
                    "beam_m": barge.beam_m,
                    "laden_m": barge.laden_m,
                    "light_m": barge.light_m,
                }
            )
            if barge.clone_of is not None:
                rows.append(
                    {"kind": "clone", "mmsi": barge.mmsi, "barges": [barge.clone_of, barge.index]}
                )
        return rows


def builtin_districts() -> dict[str, BaseGeometry]:
    """The packaged district polygons, WGS-84, by adcode."""
    return {d.adcode: d.geometry for d in sources.builtin_districts()}


def _passage_row(passage: Passage) -> dict[str, Any]:
    crossing = passage.crossing
    return {
        "kind": "crossing",
        "mmsi": passage.mmsi,
        "barge": crossing.barge,
        "from": crossing.from_adcode,
        "to": crossing.to_adcode,
        "via": list(crossing.via),
        "left_at": iso(passage.left_at),
        "entered_at": iso(passage.entered_at),
        "lon": round(crossing.lon, 6),
        "lat": round(crossing.lat, 6),
        "laden": crossing.laden,
        "grazing": crossing.grazing,
    }


def _indices(troubles: list[Trouble], kind: Trouble) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([n for n, trouble in enumerate(troubles) if trouble is kind], dtype=np.int64)
