"""How a paper stands at a moment: in force, soon over, over, not begun, or withdrawn."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.permits import Permit

SOON: Final = timedelta(days=30)
"""A paper that ends within this is called expiring: time enough to ask for the next."""


class Standing(StrEnum):
    """有效, 即将到期, 已过期, 未生效, 已撤销. One that is expiring is in force."""

    IN_FORCE = "in_force"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WITHDRAWN = "withdrawn"


def standing(permit: Permit, at: datetime) -> Standing:
    """How the paper stands at `at` (aware). What is used of it is another question."""
    if permit.withdrawn_at is not None and permit.withdrawn_at <= at:
        return Standing.WITHDRAWN
    if at < permit.begins_at:
        return Standing.NOT_YET_VALID
    if at >= permit.ends_at:
        return Standing.EXPIRED
    return Standing.EXPIRING if permit.ends_at - at <= SOON else Standing.IN_FORCE


def used_up(permit: Permit) -> bool:
    """Whether nothing is left of its quantity."""
    return permit.quantity_t is not None and permit.used_t >= permit.quantity_t
