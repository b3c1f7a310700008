"""What the authorities wrote down: carriers, wharves and the register of known vessels 船舶名录."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from domain.errors import InvalidInput

WharfKind = Literal["spoil_licensed", "building_material", "other"]
"""Licensed for spoil 渣土码头, building material 建材码头, any other."""

WHARF_KINDS: Final[tuple[WharfKind, ...]] = get_args(WharfKind)

PLACE_EXPECTED: Final = "an adcode or its first two or four digits"


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


def wrong_fields(entry: Carrier | Wharf | Hull) -> list[InvalidInput]:
    """What no register takes, by field; `[]` when all is well."""
    if isinstance(entry, Carrier):
        return [
            *_unnamed(carrier_id=entry.carrier_id, name=entry.name),
            *_unless(is_place(entry.home_adcode), "home_adcode", PLACE_EXPECTED),
        ]
    if isinstance(entry, Wharf):
        return [
            *_unnamed(wharf_id=entry.wharf_id, name=entry.name),
            *_unless(
                is_place(entry.adcode) and len(entry.adcode) == 6, "adcode", "an adcode of 6 digits"
            ),
            *_unless(-180 <= entry.lon <= 180, "lon", "degrees from -180 to 180"),
            *_unless(-90 <= entry.lat <= 90, "lat", "degrees from -90 to 90"),
            *_unless(entry.kind in WHARF_KINDS, "kind", f"one of {', '.join(WHARF_KINDS)}"),
        ]
    light, laden = entry.light_draught_m, entry.laden_draught_m
    return [
        *_unless(0 < entry.mmsi <= 999_999_999, "mmsi", "a number of one to nine digits"),
        *_unnamed(name=entry.name),
        *_unless(0 < entry.length_m < 400, "length_m", "metres, above 0 and below 400"),
        *_unless(0 < entry.beam_m < 80, "beam_m", "metres, above 0 and below 80"),
        *_unless(0 < entry.capacity_t < 100_000, "capacity_t", "tonnes, above 0 below 100000"),
        *_unless(light is None or 0 < light < 20, "light_draught_m", "metres, above 0 below 20"),
        *_unless(laden is None or 0 < laden < 20, "laden_draught_m", "metres, above 0 below 20"),
        *_unless(
            light is None or laden is None or light < laden,
            "laden_draught_m",
            "more than light_draught_m",
        ),
    ]


def is_place(code: str) -> bool:
    """Whether `code` is an adcode of a district, or its first two or four digits."""
    return len(code) in {2, 4, 6} and code.isascii() and code.isdigit()


def _unnamed(**texts: str) -> list[InvalidInput]:
    return [
        fault
        for field, text in texts.items()
        for fault in _unless(text == text.strip() != "", field, "a text without outer spaces")
    ]


def _unless(right: bool, field: str, expected: str) -> list[InvalidInput]:
    return [] if right else [InvalidInput(field, f"expected {expected}")]
