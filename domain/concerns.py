"""Whom an incident concerns, and why: the recipients that are proposed to the controller.

Nobody has to approve the list; the controller changes it as they see fit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.authorities import Authority, Level
from domain.incidents import Spot
from domain.matters import MATTER_DEPARTMENTS, Matter


class Concern(StrEnum):
    """Why a district is concerned, the nearest reason first."""

    PLACE = "place"
    """地点: it happens there."""
    BORDER = "border"
    """交界: within the border zone, where both sides are told."""
    ORIGIN = "origin"
    """来源地: it comes from there."""
    ROUTE = "route"
    """下一辖区: it is bound there."""
    ADDED = "added"
    """Named by the controller."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An authority and why it is concerned: the reasons of its district, then its department."""

    authority: Authority
    reasons: tuple[str, ...]


def propose(
    spot: Spot,
    matter: Matter,
    authorities: Iterable[Authority],
    *,
    origin: str | None = None,
    following: str | None = None,
) -> list[Proposal]:
    """The authorities that are concerned, by district and within it as the law names departments.

    `origin`, `following`: adcodes of where it comes from and where it will be next. Only districts'
    own authorities are proposed: their superiors are what the whistle saves.
    """
    concerns = [(spot.adcode, Concern.PLACE)]
    concerns += [(adcode, Concern.BORDER) for adcode in spot.border_adcodes]
    concerns += [(origin, Concern.ORIGIN)] if origin else []
    concerns += [(following, Concern.ROUTE)] if following else []
    districts: dict[str, list[str]] = {}
    for adcode, concern in concerns:
        if concern not in districts.setdefault(adcode, []):
            districts[adcode].append(concern)
    departments = MATTER_DEPARTMENTS[matter]
    found = [
        Proposal(one, (*districts[one.adcode], one.department))
        for one in authorities
        if one.level is Level.DISTRICT and one.adcode in districts and one.department in departments
    ]
    places = list(districts)
    return sorted(
        found,
        key=lambda each: (
            places.index(each.authority.adcode),
            departments.index(each.authority.department),
            each.authority.authority_id,
        ),
    )
