"""Who enforces what where: the authorities 执法部门 of the register, and who stands in for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.errors import InvalidInput
from domain.registers import PLACE_EXPECTED, is_place

ID_MOST: Final = 60
NAME_MOST: Final = 120
_SUBSTITUTES_MOST: Final = 10


class Level(StrEnum):
    """How high an authority stands; a group stands beside the ladder."""

    PROVINCE = "province"
    """省级, with the municipality 直辖市."""
    CITY = "city"
    """市级 (设区的市)."""
    DISTRICT = "district"
    """区县级."""
    GROUP = "group"
    """The coordination group 协调联络组 that the bureaux lead together."""


class Department(StrEnum):
    """Which trade an authority is."""

    ENVIRONMENT = "environment"
    """生态环境."""
    URBAN_MANAGEMENT = "urban_management"
    """城管/环卫: construction waste is theirs."""
    MARITIME = "maritime"
    """海事."""
    POLICE = "police"
    """公安: when it is a crime."""
    COORDINATION = "coordination"
    """协调联络组."""


_DIGITS: Final = {Level.PROVINCE: 2, Level.CITY: 4, Level.DISTRICT: 6}


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority. `adcode`: its territory, or for a group where its office is.

    `substitutes`: ids of the authorities that are asked in its place, in order.
    """

    authority_id: str
    name: str
    name_en: str
    level: Level
    adcode: str
    department: Department
    substitutes: tuple[str, ...] = ()

    def covers(self, adcode: str) -> bool:
        """Whether the district `adcode` lies in its territory; a group has none of its own."""
        return self.level is not Level.GROUP and adcode.startswith(self.adcode)


def wrong_fields(authority: Authority) -> list[InvalidInput]:
    """What no register takes, by field; `[]` when all is well."""
    faults = [
        *unless(is_id(authority.authority_id), "authority_id", ID_EXPECTED),
        *unless(is_name(authority.name), "name", NAME_EXPECTED),
        *unless(not authority.name_en or is_name(authority.name_en), "name_en", NAME_EXPECTED),
    ]
    digits = _DIGITS.get(authority.level)
    if not is_place(authority.adcode):
        faults += unless(False, "adcode", PLACE_EXPECTED)
    elif digits is not None and len(authority.adcode) != digits:
        faults += unless(False, "adcode", f"{digits} digits for the level {authority.level}")
    group, coordinates = Level.GROUP, Department.COORDINATION
    faults += unless(
        (authority.level is group) == (authority.department is coordinates),
        "department",
        "coordination for a group, and for a group only",
    )
    named = authority.substitutes
    if authority.authority_id in named:
        faults += unless(False, "substitutes", "other authorities, not itself")
    elif len(set(named)) != len(named):
        faults += unless(False, "substitutes", "each authority once")
    elif not all(map(is_id, named)) or len(named) > _SUBSTITUTES_MOST:
        faults += unless(False, "substitutes", f"up to {_SUBSTITUTES_MOST} ids of authorities")
    return faults


def circles(authorities: Mapping[str, Authority]) -> list[tuple[str, ...]]:
    """Chains of substitutes that come back to where they began, each once, from its least id.

    Whoever asks the next in such a chain may ask for ever. Two circles through one edge may be
    told as one until that is mended.
    """
    found: set[tuple[str, ...]] = set()
    done: set[str] = set()
    for begin in sorted(authorities):
        path: list[str] = []
        places: dict[str, int] = {}
        turns = [iter((begin,))]
        while turns:
            following = next(turns[-1], None)
            if following is None:
                turns.pop()
                if path:
                    done.add(path[-1])
                    del places[path.pop()]
            elif following in places:
                found.add(_from_least(path[places[following] :]))
            elif following not in done and following in authorities:
                places[following] = len(path)
                path.append(following)
                turns.append(iter(authorities[following].substitutes))
    return sorted(found)


def in_place_of(authorities: Mapping[str, Authority], authority_id: str) -> list[str]:
    """Everybody who may be asked instead of `authority_id`, nearest first, none twice."""
    asked: list[str] = []
    waiting = [authority_id]
    while waiting:
        one = authorities.get(waiting.pop(0))
        new = [] if one is None else [i for i in one.substitutes if i not in (authority_id, *asked)]
        asked += new
        waiting += new
    return asked


def _from_least(ring: Sequence[str]) -> tuple[str, ...]:
    at = ring.index(min(ring))
    return (*ring[at:], *ring[:at])


ID_EXPECTED: Final = f"1 to {ID_MOST} letters, digits, - . or _"
NAME_EXPECTED: Final = f"one line of 1 to {NAME_MOST} characters without outer spaces"


def is_id(text: str) -> bool:
    """Whether `text` can name an entry: it stands in links, files and lists between spaces."""
    return 0 < len(text) <= ID_MOST and all(char.isalnum() or char in "-._" for char in text)


def is_name(text: str) -> bool:
    """Whether `text` can be a name of something or somebody."""
    return 0 < len(text) <= NAME_MOST and text == text.strip() and text.isprintable()


def unless(right: bool, field: str, expected: str) -> list[InvalidInput]:
    """A fault of `field` where `right` is not so."""
    return [] if right else [InvalidInput(field, f"expected {expected}")]
