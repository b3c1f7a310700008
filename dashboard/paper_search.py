"""Papers as the register's page lists them: found by any word on them, filtered, put in order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.permit_standing import Standing, used_up
from domain.permits import Permit
from domain.wastes import WORDS, waste_code

PAGE: Final = 200
"""Lines shown at once; more on request."""
MOST: Final = 20_000
LOOKS: Final = ("all", "valid", *Standing, "used_up")
"""What can be asked for: `valid` are those in force, expiring ones included."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper as it stands now, with the names of those it names.

    `carrier`: Chinese and English; `changed_at`: when anything of it was recorded last.
    """

    permit: Permit
    carrier: tuple[str, str] | None
    vessel: str | None
    changed_at: datetime
    standing: Standing

    @property
    def used_up(self) -> bool:
        """Whether nothing is left of its quantity."""
        return used_up(self.permit)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a viewer looks for. `text`: words that all have to stand somewhere on the paper."""

    text: str = ""
    kind: str = "all"
    look: str = "all"
    order: str = "state"
    backwards: bool = False
    count: int = PAGE


_ORDER_OF: Final = {
    standing: n
    for n, standing in enumerate(
        (
            Standing.EXPIRING,
            Standing.IN_FORCE,
            Standing.NOT_YET_VALID,
            Standing.EXPIRED,
            Standing.WITHDRAWN,
        )
    )
}
_ORDERS: Final[dict[str, Callable[[Paper], Any]]] = {
    "number": lambda p: p.permit.number,
    "kind": lambda p: p.permit.kind,
    "holder": lambda p: p.permit.holder,
    "who": lambda p: (p.carrier[0] if p.carrier else "", p.permit.mmsi or 0),
    "waste": lambda p: p.permit.waste,
    "quantity": lambda p: _share(p.permit),
    "route": lambda p: (p.permit.from_adcode, p.permit.to_adcode),
    "term": lambda p: (p.permit.last_day, p.permit.first_day),
    "state": lambda p: (_ORDER_OF[p.standing], p.permit.last_day),
}
ORDERS: Final = tuple(_ORDERS)


def search(papers: Iterable[Paper], wanted: Wanted) -> tuple[list[Paper], int]:
    """The papers that fit, the first `wanted.count` of them in order, and how many fit in all."""
    words = wanted.text.casefold().split()
    fitting = [p for p in papers if _fits(p, wanted) and all(word in _text(p) for word in words)]
    key = _ORDERS.get(wanted.order, _ORDERS["state"])
    fitting.sort(key=lambda p: p.permit.number)
    fitting.sort(key=key, reverse=wanted.backwards)
    return fitting[: max(1, min(wanted.count, MOST))], len(fitting)


def of_id(papers: Iterable[Paper], permit_id: UUID) -> Paper | None:
    """The paper of that id."""
    return next((paper for paper in papers if paper.permit.permit_id == permit_id), None)


def _fits(paper: Paper, wanted: Wanted) -> bool:
    if wanted.kind not in {"all", paper.permit.kind}:
        return False
    if wanted.look == "valid":
        return paper.standing in {Standing.IN_FORCE, Standing.EXPIRING}
    if wanted.look == "used_up":
        return paper.used_up
    return wanted.look in {"all", paper.standing}


def _text(paper: Paper) -> str:
    """All that can be searched for."""
    permit = paper.permit
    code = waste_code(permit.waste)
    said = (
        permit.number,
        permit.holder,
        *(paper.carrier or ()),
        permit.carrier_id,
        paper.vessel,
        permit.mmsi,
        permit.waste,
        *WORDS.get(code, ()),
        permit.from_adcode,
        permit.to_adcode,
    )
    return "\n".join(str(each) for each in said if each is not None).casefold()


def _share(permit: Permit) -> float:
    return permit.used_t / permit.quantity_t if permit.quantity_t else -1.0
