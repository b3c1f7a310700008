"""The registers of the simulated world: carriers, wharves and the hulls of all barges; invented.

Who carries spoil and who has papers is a pure function of (seed, n), drawn by hundreds: of every
200 barges exactly 30 carry spoil, and 27 of those have papers. A larger fleet begins with the same.
"""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import numpy as np

from domain.registers import WHARF_KINDS, Carrier, Hull, Wharf
from seed.fleet import CLONE_EVERY, Barge, generator, launch

BLOCK = 200
SPOIL_OF_BLOCK = 30
PAPERED_OF_BLOCK = 27
_MEASURED = 0.7  # of the hulls somebody measured the draughts

HULL_WORDS = {
    "QING HUO": "青货", "WU HUO": "吴货", "SHAN HUO": "善货", "JIA HUO": "嘉货",
    "SU YUN": "苏运", "ZHE YUN": "浙运", "HU YUN": "沪运", "HE XIANG": "和祥",
    "YUN FAN": "云帆", "SHUN HANG": "顺航", "XIN HE": "新河", "TAI HANG": "泰航",
    "JIANG FAN": "江帆", "WAN TONG": "万通",
}  # fmt: skip
"""What stands on the hull for what AIS can say."""


class Papers(StrEnum):
    """What the permit register holds for a barge. Only `VALID` covers the ways it sails."""

    NOT_ASKED = "not_asked"
    """Carries no spoil."""
    VALID = "valid"
    USED_UP = "used_up"
    """The quantity on it is spent: a paper, but none for another tonne."""
    EXPIRED = "expired"
    WRONG_ROUTE = "wrong_route"
    NONE = "none"


_DRAWN = (Papers.VALID,) * 26 + (
    Papers.USED_UP,
    Papers.EXPIRED,
    Papers.WRONG_ROUTE,
    Papers.NONE,
)
"""The thirty spoil carriers of a block: 27 with papers, of which one is used up, and 3 without."""


@dataclass(frozen=True, slots=True)
class Trade:
    """What a barge does for a living, and under which papers."""

    carries_spoil: bool
    papers: Papers

    @property
    def has_papers(self) -> bool:
        """Whether it holds papers for its ways, spent or not."""
        return self.papers in (Papers.VALID, Papers.USED_UP)

    @property
    def lacks_cover(self) -> bool:
        """Whether a laden voyage out of its province is an offence."""
        return self.carries_spoil and self.papers is not Papers.VALID


_OTHER = Trade(False, Papers.NOT_ASKED)


@cache
def _block(seed: int, block: int) -> dict[int, Trade]:
    """The spoil carriers among barges `200 block` to `200 block + 199`."""
    rng = generator(seed, block, 5)
    # neither a clone nor the barge whose number it uses: one MMSI, one trade
    eligible = [n for n in range(BLOCK) if n % (CLONE_EVERY // 2) != CLONE_EVERY // 2 - 1]
    chosen = rng.permutation(np.array(eligible))[:SPOIL_OF_BLOCK]
    return {
        block * BLOCK + int(n): Trade(True, papers)
        for n, papers in zip(chosen, _DRAWN, strict=True)
    }


def trade(seed: int, n: int) -> Trade:
    """The trade of barge `n` of the world `seed`."""
    return _block(seed, n // BLOCK).get(n, _OTHER)


def hull(seed: int, n: int) -> Hull:
    """The entry of barge `n` in the register of vessels 船舶名录."""
    barge = launch(seed, n)
    rng = generator(seed, n, 6)
    spoil = trade(seed, n).carries_spoil
    firms = [
        carrier for carrier, hauls in _carriers() if hauls == "yes" or (hauls == "no" and not spoil)
    ]
    firm = firms[int(rng.integers(len(firms)))]
    measured = rng.random() < _MEASURED
    return Hull(
        mmsi=barge.mmsi,
        name=hull_name(barge),
        length_m=barge.length_m,
        beam_m=barge.beam_m,
        capacity_t=float(barge.tonnes),
        light_draught_m=barge.light_m if measured else None,
        laden_draught_m=barge.laden_m if measured else None,
        carrier_id=firm.carrier_id,
        carries_spoil=spoil,
    )


def hulls(seed: int, count: int) -> list[Hull]:
    """The register of a fleet; a clone has no entry of its own, it sails under another's."""
    return [hull(seed, n) for n in range(count) if n % CLONE_EVERY != CLONE_EVERY - 1]


def hull_name(barge: Barge) -> str:
    """The name as painted on the hull: 青货1204 for QING HUO 1204."""
    word, _, number = barge.name.rpartition(" ")
    return f"{HULL_WORDS[word]}{number}" if word in HULL_WORDS else barge.name


def carriers() -> list[Carrier]:
    """The carriers 承运单位, invented."""
    return [carrier for carrier, _ in _carriers()]


@cache
def wharves() -> tuple[Wharf, ...]:
    """The wharves 码头 of the simulated trade, and the spoil wharf of the lead case.

    Berths lie up to 400 m along the bank from the point of their wharf. Raises `ValueError` for a
    kind that the domain does not know.
    """
    found = []
    for row in table("wharves.csv"):
        kind = next((known for known in WHARF_KINDS if known == row["kind"]), None)
        if kind is None:
            raise ValueError(f"wharf {row['wharf_id']}: kind {row['kind']!r}")
        place = float(row["lon"]), float(row["lat"])
        names = row["wharf_id"], row["name"], row["name_en"], row["adcode"]
        found.append(Wharf(*names, *place, kind))
    return tuple(found)


@cache
def _carriers() -> tuple[tuple[Carrier, str], ...]:
    """Each carrier, and whether it hauls spoil: `yes`, `no`, or `case` for the lead case only."""
    return tuple(
        (
            Carrier(row["carrier_id"], row["name"], row["name_en"], row["home_adcode"]),
            row["carries_spoil"],
        )
        for row in table("carriers.csv")
    )


def table(name: str) -> list[dict[str, str]]:
    """The rows of a packaged CSV file of this room."""
    text = files("seed").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
