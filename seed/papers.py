"""The permit register of the simulated world: who may carry spoil where, until when, how much.

Papers follow the ways that a barge really sails: a transfer paper for each province that it leaves,
and a disposal permit beside. They are drawn per (seed, n); their terms lie around the day of
loading, so that a demo shows valid ones at whatever date it starts.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby

from domain.permits import Permit, PermitKind, Purpose, permit_id_of
from seed.crossings import OUTSIDE, Borders, true_crossings
from seed.fleet import generator
from seed.registers import Papers, hull, trade
from seed.world import World

Legs = frozenset[tuple[str, str]]
"""Ways out of a province: (from, to) by its first two digits."""

HOLDERS = (
    "青湾地块工程项目部", "淀西路网工程项目部", "朱枫河道整治项目部", "芦墟南地块项目部",
    "汾湖站前工程项目部", "盛泽西区工程项目部", "姚庄产业园项目部", "俞汇圩区整治项目部",
)  # fmt: skip
"""Sites whose spoil is carried; invented."""
_MARK = {"31": "沪", "32": "苏", "33": "浙"}
_WORD: Mapping[PermitKind, str] = {"approval": "转批", "filing": "转备", "disposal": "处置"}
_PURPOSES: tuple[Purpose, ...] = ("storage", "disposal", "utilisation")
_ELSEWHERE = "34"  # where a paper leads that is of no use here: Anhui
_WASTES = ("渣土", "渣土", "建筑垃圾")


def legs(world: World, borders: Borders) -> dict[int, Legs]:
    """Per spoil carrier of `world` the province borders that its round crosses."""
    found = {}
    for n, round_ in enumerate(world.rounds):
        if trade(world.seed, n).carries_spoil:
            pairs = [(c.from_adcode, c.to_adcode) for c in true_crossings(n, round_, borders)]
            found[n] = frozenset(
                (a[:2], b[:2]) for a, b in pairs if OUTSIDE not in (a, b) and a[:2] != b[:2]
            )
    return found


def permits(seed: int, ways: Mapping[int, Legs], on: date) -> list[Permit]:
    """The papers of these barges, with terms around the day `on`."""
    return [paper for n in sorted(ways) for paper in papers(seed, n, ways[n], on)]


def papers(seed: int, n: int, ways: Legs, on: date) -> list[Permit]:
    """The papers of barge `n`; none for those who have none."""
    state = trade(seed, n).papers
    if state in (Papers.NOT_ASKED, Papers.NONE):
        return []
    rng = generator(seed, n, 7)
    entry = hull(seed, n)
    begun = on - timedelta(days=int(rng.integers(20, 150)))
    ends = on + timedelta(days=int(rng.integers(200, 500)))
    if state is Papers.EXPIRED:
        begun, ends = begun - timedelta(days=400), on - timedelta(days=int(rng.integers(3, 40)))
    purpose = _PURPOSES[rng.choice(3, p=(0.3, 0.3, 0.4))]
    transfer: PermitKind = "filing" if purpose == "utilisation" else "approval"
    holder = HOLDERS[int(rng.integers(len(HOLDERS)))]
    waste = _WASTES[int(rng.integers(len(_WASTES)))]
    quantity = 1000.0 * int(rng.integers(20, 80))
    share = 1.0 if state is Papers.USED_UP else float(rng.uniform(0.1, 0.6))

    def paper(kind: PermitKind, index: int, start: str, end: str, via: Iterable[str]) -> Permit:
        number = f"{_MARK.get(start, '沪')}{_WORD[kind]}〔{begun.year}〕{n:04d}-{index}"
        return Permit(
            permit_id=permit_id_of(kind, number),
            number=number,
            kind=kind,
            purpose=purpose,
            holder=holder,
            carrier_id=entry.carrier_id,
            mmsi=entry.mmsi,
            waste=waste,
            quantity_t=None if kind == "disposal" else quantity,
            used_t=0.0 if kind == "disposal" else round(quantity * share, 1),
            from_adcode=start,
            to_adcode=end,
            first_day=begun,
            last_day=ends,
            via=tuple(via),
        )

    found: list[Permit] = []
    for start, group in groupby(sorted(ways), key=lambda way: way[0]):
        ends_at = [end for _, end in group]
        if state is Papers.WRONG_ROUTE:
            ends_at = [_ELSEWHERE]
        found.append(paper(transfer, len(found) + 1, start, ends_at[0], ends_at[1:]))
    if state is not Papers.EXPIRED:
        home = min(ways)[0] if ways else "31"
        found.append(paper("disposal", 0, home, home, sorted({end for way in ways for end in way})))
    return found
