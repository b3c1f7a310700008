"""What detection remembers of one vessel: its last fix, its district, and the evidence so far.

Plain data with an exact JSON form, so that a restart or another worker goes on where this one was.
"""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self


class Spot(NamedTuple):
    """A fix reduced to what a track needs: epoch seconds (UTC) and WGS-84 degrees."""

    t: float
    lon: float
    lat: float


@dataclass(slots=True)
class Stay:
    """Evidence that the vessel is in `district`, from the moment it seems to have entered.

    `before` and `after` are the fixes astride the entry, `since` and `start` the entry itself.
    `weight_ms` sums signed depth times time (metre seconds) and ends the stay when it falls to
    zero; its last zero is where a cumulative sum puts the change. `area_ha` is the largest product
    of mean depth and distance made good, in hectares: the water between the track and the border.
    `depths_m` are the latest unbroken fixes inside.
    """

    district: str
    before: Spot
    after: Spot
    start: Spot
    weight_ms: float = 0.0
    extent_m: float = 0.0
    area_ha: float = 0.0
    deepest_m: float = 0.0
    alive: bool = True
    depths_m: list[float] = field(default_factory=list)

    def copy(self) -> "Stay":
        """A stay that may be changed without touching this one."""
        return Stay(
            self.district,
            self.before,
            self.after,
            self.start,
            self.weight_ms,
            self.extent_m,
            self.area_ha,
            self.deepest_m,
            self.alive,
            list(self.depths_m),
        )

    def mean_depth_m(self, t: float) -> float:
        """Signed depth averaged over the time since entry."""
        return self.weight_ms / (t - self.start.t) if t > self.start.t else 0.0

    def to_json(self) -> list[Any]:
        """Every field in order; floats keep their bits."""
        return [
            self.district,
            list(self.before),
            list(self.after),
            list(self.start),
            self.weight_ms,
            self.extent_m,
            self.area_ha,
            self.deepest_m,
            self.alive,
            self.depths_m,
        ]

    @classmethod
    def from_json(cls, data: list[Any]) -> Self:
        """The inverse of `to_json`."""
        district, before, after, start, *rest = data
        return cls(district, Spot(*before), Spot(*after), Spot(*start), *rest)


@dataclass(slots=True)
class Rival:
    """A second place that fixes under this MMSI insist on, out of reach of the accepted track.

    `count`: fixes there since the accepted track was last heard. `contested`: that track was heard
    again after the rival began, so two hulls send under one number. `left`: the accepted track was
    here itself before it moved over to where it is now.
    """

    spot: Spot
    count: int = 1
    contested: bool = False
    left: bool = False

    def to_json(self) -> list[Any]:
        """Every field in order."""
        return [list(self.spot), self.count, self.contested, self.left]


@dataclass(slots=True)
class VesselState:
    """The detection state of one vessel. Never changed in place once handed out.

    `t` is the newest time seen, flagged fixes included; `spot`, `here` and `depth_m` are the last
    accepted fix, its district and depth. `district` is the confirmed district, `None` before the
    first; `shallow` says it was confirmed by dwell and the vessel never left border water since.
    """

    t: float
    spot: Spot
    here: str
    depth_m: float
    district: str | None = None
    shallow: bool = False
    stays: list[Stay] = field(default_factory=list)
    rival: Rival | None = None
    gates: dict[str, int] = field(default_factory=dict)

    @property
    def quiet(self) -> bool:
        """Nothing pending: a further fix in the confirmed district only moves the last fix on."""
        return not self.stays and self.rival is None and not self.shallow

    def copy(self) -> "VesselState":
        """A state that may be changed without touching this one."""
        rival = self.rival
        return VesselState(
            self.t,
            self.spot,
            self.here,
            self.depth_m,
            self.district,
            self.shallow,
            [stay.copy() for stay in self.stays],
            replace(rival) if rival else None,
            dict(self.gates),
        )

    def to_json(self) -> dict[str, Any]:
        """A JSON object; what is not pending is left out."""
        data: dict[str, Any] = {
            "t": self.t,
            "spot": list(self.spot),
            "here": self.here,
            "depth_m": self.depth_m,
            "district": self.district,
        }
        if self.shallow:
            data["shallow"] = True
        if self.stays:
            data["stays"] = [stay.to_json() for stay in self.stays]
        if self.rival:
            data["rival"] = self.rival.to_json()
        if self.gates:
            data["gates"] = self.gates
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        rival = data.get("rival")
        return cls(
            t=data["t"],
            spot=Spot(*data["spot"]),
            here=data["here"],
            depth_m=data["depth_m"],
            district=data["district"],
            shallow=data.get("shallow", False),
            stays=[Stay.from_json(stay) for stay in data.get("stays", [])],
            rival=Rival(Spot(*rival[0]), *rival[1:]) if rival else None,
            gates=dict(data.get("gates", {})),
        )
