"""What the authorities wrote down: carriers, wharves and the register of known vessels 船舶名录."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

WharfKind = Literal["spoil_licensed", "building_material", "other"]
"""Licensed for spoil 渣土码头, building material 建材码头, any other."""

WHARF_KINDS: Final[tuple[WharfKind, ...]] = get_args(WharfKind)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A firm that carries 承运单位. `home_adcode`: where it is registered, adcode or its prefix."""

    carrier_id: str
    name: str
    name_en: str
    home_adcode: str


@dataclass(frozen=True, slots=True)
class Wharf:
    """A place where barges load or land 码头; WGS-84 degrees."""

    wharf_id: str
    name: str
    name_en: str
    adcode: str
    lon: float
    lat: float
    kind: WharfKind


@dataclass(frozen=True, slots=True)
class Hull:
    """A vessel as an authority measured it, metres and tonnes; not what AIS says of itself.

    `light_draught_m`, `laden_draught_m`: `None` when nobody measured them, then the size class
    speaks. `carries_spoil`: known to carry construction spoil 渣土.
    """

    mmsi: int
    name: str
    length_m: float
    beam_m: float
    capacity_t: float
    light_draught_m: float | None = None
    laden_draught_m: float | None = None
    carrier_id: str | None = None
    carries_spoil: bool = False
