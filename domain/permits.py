"""Papers for waste that leaves its province, and whether a load on the water has one.

Law: Solid Waste Law 2020 art 22. Storage (贮存) or disposal (处置) in another province needs an
approval (转移审批), utilisation (利用) a filing (利用备案). A disposal permit (处置许可) for
construction waste is asked beside them and replaces neither. Operators confirm what is in force.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, get_args
from uuid import UUID, uuid5

from domain.clock import SHANGHAI
from domain.jurisdiction import OUTSIDE_ADCODE
from domain.wastes import covers

PermitKind = Literal["approval", "filing", "disposal"]
"""转移审批, 利用备案, 处置许可."""
Purpose = Literal["storage", "disposal", "utilisation"]
"""贮存, 处置, 利用."""
Result = Literal["approved", "filed", "none"]
Why = Literal[
    "missing",
    "withdrawn",
    "not_yet_valid",
    "expired",
    "other_vessel",
    "other_carrier",
    "wrong_waste",
    "wrong_purpose",
    "wrong_route",
    "used_up",
    "exceeded",
]
"""Why a paper does not cover a load; `missing`: there is none of its kind on the register."""

PERMIT_KINDS: Final[tuple[PermitKind, ...]] = get_args(PermitKind)
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
TRANSFER: Final[dict[Purpose, PermitKind]] = {
    "storage": "approval",
    "disposal": "approval",
    "utilisation": "filing",
}
"""What a transfer to another province needs, by what becomes of the waste there."""

_PERMITS: Final = UUID("5b0e1d5e-77a4-5d0c-8a53-0d5c1f6a9c21")
_QUANTITY: Final[frozenset[Why]] = frozenset({"used_up", "exceeded"})
_GRAIN_T: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Permit:
    """One paper. It names a vessel, a carrier or both; quantities in tonnes, `None`: not limited.

    `first_day` to `last_day` is the term printed on it, both days included, Asia/Shanghai. Places
    are adcodes or their prefixes (`"31"`, `"3212"`, `"310118"`); `via`: passed on the way 途经.
    `withdrawn_at`: the register ended it at that moment, whatever its term says.
    """

    permit_id: UUID
    number: str
    kind: PermitKind
    purpose: Purpose
    holder: str
    carrier_id: str | None
    mmsi: int | None
    waste: str
    quantity_t: float | None
    used_t: float
    from_adcode: str
    to_adcode: str
    first_day: date
    last_day: date
    via: tuple[str, ...] = ()
    withdrawn_at: datetime | None = None

    @property
    def begins_at(self) -> datetime:
        """Midnight in Shanghai that begins the first day."""
        return midnight(self.first_day)

    @property
    def ends_at(self) -> datetime:
        """Midnight in Shanghai that ends the last day; the first moment without the paper."""
        return midnight(self.last_day + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class PermitRow:
    """A paper and the line of a table on which it stands, from 1.

    `used_said`: the table tells how much of it is used.
    """

    line: int
    permit: Permit
    used_said: bool = True


@dataclass(frozen=True, slots=True)
class Missing:
    """A paper that was looked for and does not cover the load, or (`missing`) is not there."""

    kind: PermitKind
    why: Why
    permit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PermitCheck:
    """Whether a transfer has its paper, and which papers were found or missed.

    `used_up`: a paper would cover it but for its quantity. A disposal permit stands in `found` or
    `missed` without changing the result.
    """

    result: Result
    found: tuple[Permit, ...]
    missed: tuple[Missing, ...]
    used_up: bool


def midnight(day: date) -> datetime:
    """The moment at which `day` begins in Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)


def permit_id_of(kind: PermitKind, number: str) -> UUID:
    """The id of a paper: its kind and the number printed on it, so a file read twice is one."""
    return uuid5(_PERMITS, f"{kind}|{number}")


def check(
    permits: Iterable[Permit],
    *,
    mmsi: int | None,
    carrier_id: str | None,
    waste: str | None,
    purpose: Purpose | None,
    from_adcode: str | None,
    to_adcode: str | None,
    quantity_t: float | None,
    at: datetime,
) -> PermitCheck:
    """Whether the load seen at `at`, going from `from_adcode` to `to_adcode`, has its paper.

    What is `None` nobody knows, and it contradicts no paper; with an unknown purpose an approval
    or a filing will do. `carrier_id` is the vessel's carrier by the register of hulls.
    `quantity_t` is the load on board. `at` is aware. The order of `permits` does not matter.
    """
    seen = sorted(set(permits), key=lambda permit: (permit.kind, permit.number, permit.first_day))
    faults = {
        permit: (
            *_term_faults(permit, at),
            *_subject_faults(permit, mmsi, carrier_id),
            *_load_faults(permit, waste, purpose, quantity_t),
            *_route_faults(permit, from_adcode, to_adcode),
        )
        for permit in seen
    }
    transfers = [permit for permit in seen if permit.kind != "disposal"]
    disposals = [permit for permit in seen if permit.kind == "disposal"]
    needed = tuple(sorted(set(TRANSFER.values()))) if purpose is None else (TRANSFER[purpose],)
    covering = [permit for permit in transfers if not faults[permit]]
    allowing = [permit for permit in disposals if not faults[permit]]
    missed: list[Missing] = []
    if not covering:
        missed += _missed(needed, transfers, faults)
    if not allowing:
        missed += _missed(("disposal",), disposals, faults)
    result: Result = "none"
    if covering:
        result = "approved" if any(p.kind == "approval" for p in covering) else "filed"
    return PermitCheck(
        result=result,
        found=(*covering, *allowing),
        missed=tuple(missed),
        used_up=not covering
        and any(faults[permit] and _QUANTITY.issuperset(faults[permit]) for permit in transfers),
    )


def _missed(
    needed: Sequence[PermitKind],
    permits: Sequence[Permit],
    faults: dict[Permit, tuple[Why, ...]],
) -> list[Missing]:
    there = {permit.kind for permit in permits}
    absent = [Missing(kind, "missing") for kind in needed if kind not in there]
    return absent + [
        Missing(permit.kind, why, permit.permit_id) for permit in permits for why in faults[permit]
    ]


def _term_faults(permit: Permit, at: datetime) -> tuple[Why, ...]:
    if permit.withdrawn_at is not None and permit.withdrawn_at <= at:
        return ("withdrawn",)
    if at < permit.begins_at:
        return ("not_yet_valid",)
    return ("expired",) if at >= permit.ends_at else ()


def _subject_faults(permit: Permit, mmsi: int | None, carrier_id: str | None) -> tuple[Why, ...]:
    if permit.mmsi is not None and permit.mmsi != mmsi:
        return ("other_vessel",)  # also for a vessel that nobody could name
    known = carrier_id is not None or permit.mmsi is None
    if permit.carrier_id is not None and known and permit.carrier_id != carrier_id:
        return ("other_carrier",)
    return ()


def _load_faults(
    permit: Permit, waste: str | None, purpose: Purpose | None, quantity_t: float | None
) -> tuple[Why, ...]:
    found: list[Why] = []
    if waste is not None and not covers(permit.waste, waste):
        found.append("wrong_waste")
    # a disposal permit speaks of the load and its carriage, not of what becomes of it
    if purpose is not None and permit.kind != "disposal" and permit.purpose != purpose:
        found.append("wrong_purpose")
    if permit.quantity_t is not None:
        left_t = permit.quantity_t - permit.used_t
        if left_t <= _GRAIN_T:
            found.append("used_up")
        elif quantity_t is not None and quantity_t > left_t + _GRAIN_T:
            found.append("exceeded")
    return tuple(found)


def _route_faults(
    permit: Permit, from_adcode: str | None, to_adcode: str | None
) -> tuple[Why, ...]:
    """The leg seen lies on the way: out of the origin or a place passed, into any place named.

    The law asks by province, and who is bound for Taixing enters Wujiang first, so provinces are
    compared. Rivers wind: coming back into the origin's province on the way is no contradiction.
    """
    on_the_way = {province(place) for place in (permit.from_adcode, *permit.via)}
    begins, ends = province(from_adcode), province(to_adcode)
    if begins is not None and begins not in on_the_way:
        return ("wrong_route",)
    if ends is not None and ends not in on_the_way | {province(permit.to_adcode)}:
        return ("wrong_route",)
    return ()


def province(adcode: str | None) -> str | None:
    """The two digits of the province; `None` for unknown places and those outside all districts."""
    return None if adcode is None or adcode == OUTSIDE_ADCODE else adcode[:2]
