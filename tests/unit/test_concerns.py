"""Whom an incident concerns: its place, both sides of a border, origin, route and matter."""

import pytest

from domain.authorities import Authority, Department, Level
from domain.concerns import propose
from domain.incidents import Spot
from domain.matters import Matter

QINGPU, WUJIANG, JIASHAN, KUNSHAN = "310118", "320509", "330421", "320583"
_SHORT = {
    Department.ENVIRONMENT: "env",
    Department.URBAN_MANAGEMENT: "urban",
    Department.MARITIME: "msa",
    Department.POLICE: "police",
}


def authority(adcode: str, department: Department, level: Level = Level.DISTRICT) -> Authority:
    name = f"{adcode}-{_SHORT[department]}"
    return Authority(name, name, "", level, adcode, department)


REGISTER = [
    *(
        authority(adcode, department)
        for adcode in (WUJIANG, QINGPU, JIASHAN)
        for department in _SHORT
    ),
    authority(KUNSHAN, Department.ENVIRONMENT),
    authority("31", Department.ENVIRONMENT, Level.PROVINCE),
    Authority("group", "group", "", Level.GROUP, QINGPU, Department.COORDINATION),
]


def test_the_lead_case() -> None:
    found = propose(
        Spot(120.85, 31.11, KUNSHAN, (QINGPU,)),
        Matter.SOLID_WASTE_TRANSFER,
        REGISTER,
        origin=QINGPU,
        following=WUJIANG,
    )
    assert [(one.authority.authority_id, one.reasons) for one in found] == [
        ("320583-env", ("place", "environment")),
        ("310118-env", ("border", "origin", "environment")),
        ("310118-urban", ("border", "origin", "urban_management")),
        ("310118-msa", ("border", "origin", "maritime")),
        ("320509-env", ("route", "environment")),
        ("320509-urban", ("route", "urban_management")),
        ("320509-msa", ("route", "maritime")),
    ]


@pytest.mark.parametrize(
    ("matter", "departments"),
    [
        (Matter.SPOIL_DUMPING, ["urban", "env", "msa"]),
        (Matter.HAZARDOUS_WASTE, ["env", "police", "msa"]),
        (Matter.VESSEL_VIOLATION, ["msa"]),
        (Matter.OTHER, ["env"]),
    ],
)
def test_whose_matter_it_is_comes_first(matter: Matter, departments: list[str]) -> None:
    found = propose(Spot(121.0, 31.0, QINGPU), matter, REGISTER)
    assert [one.authority.authority_id for one in found] == [
        f"{QINGPU}-{one}" for one in departments
    ]


def test_outside_of_all_districts_nobody_is_proposed() -> None:
    assert propose(Spot(119.0, 33.0, "outside"), Matter.OTHER, REGISTER) == []


def test_every_matter_has_its_department() -> None:
    for matter in Matter:
        assert propose(Spot(121.0, 31.0, JIASHAN), matter, REGISTER)
