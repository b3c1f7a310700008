"""What an incident is about 事由, and which departments that concerns."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.authorities import Department


class Matter(StrEnum):
    """The matters that authorities are called for."""

    SPOIL_DUMPING = "spoil_dumping"
    """渣土倾倒."""
    SOLID_WASTE_TRANSFER = "solid_waste_transfer"
    """固废跨省转移."""
    HAZARDOUS_WASTE = "hazardous_waste"
    """危险废物."""
    WATER_POLLUTION = "water_pollution"
    """水污染."""
    VESSEL_VIOLATION = "vessel_violation"
    """船舶违规."""
    OTHER = "other"
    """其他."""


_ENVIRONMENT, _URBAN = Department.ENVIRONMENT, Department.URBAN_MANAGEMENT
_MARITIME, _POLICE = Department.MARITIME, Department.POLICE

MATTER_DEPARTMENTS: Final[Mapping[Matter, tuple[Department, ...]]] = {
    Matter.SPOIL_DUMPING: (_URBAN, _ENVIRONMENT, _MARITIME),
    Matter.SOLID_WASTE_TRANSFER: (_ENVIRONMENT, _URBAN, _MARITIME),
    Matter.HAZARDOUS_WASTE: (_ENVIRONMENT, _POLICE, _MARITIME),
    Matter.WATER_POLLUTION: (_ENVIRONMENT, _MARITIME),
    Matter.VESSEL_VIOLATION: (_MARITIME,),
    Matter.OTHER: (_ENVIRONMENT,),
}
"""Matter → the departments concerned, the one whose matter it is first.

Construction waste is urban management's (Solid Waste Law, articles 62 and 111), other waste is the
environment's; hazardous waste is a crime soon, so the police hear of it; a vessel is maritime's.
"""
