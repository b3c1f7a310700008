"""The packaged geography holds the facts that everything else relies on."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import shapely

from layers.borders import metric
from layers.datum import Datum
from layers.facts import facts
from layers.features import MEMBERS, District
from layers.geography import Geography
from layers.sources import builtin_districts, converted


@pytest.fixture(scope="module")
def geography() -> Geography:
    return Geography.builtin()


def test_every_fact_of_the_packaged_layers_holds(geography: Geography) -> None:
    failed = [fact for fact in facts(geography) if not fact.ok]
    assert failed == []


def test_left_unconverted_the_facts_fail() -> None:
    """The proof has teeth: GCJ-02 taken for WGS-84 is noticed."""
    raw = builtin_districts()
    shifted = [
        replace(district, geometry=shapely.affinity.translate(district.geometry, 0.0043, -0.0022))
        for district in raw
    ]
    names = [fact.name for fact in facts(Geography(shifted)) if not fact.ok]
    assert any(name.startswith("tripoint") for name in names)
    assert any("金泽水库" in name for name in names)


def test_three_members_and_twelve_neighbours(geography: Geography) -> None:
    assert {d.adcode for d in geography.districts if d.member} == MEMBERS
    assert len(geography.districts) == 15
    assert all(d.name_zh and d.name_en for d in geography.districts)


def test_borders_lie_only_between_districts(geography: Geography) -> None:
    """The rim towards districts we do not have, and the sea, is no border."""
    assert len(geography.borders) == 30
    shared = geography.edges.lengths_m()[geography.edges.shared].sum()
    drawn = sum(metric(line).length for line in geography.borders.values())
    assert drawn == pytest.approx(shared)
    # off the coast of Jinshan: next to a polygon, next to no border
    sea = geography.where(121.30, 30.688)
    assert sea.nearest_border_m > 300
    assert not sea.border_water


def test_border_zones_cover_their_border(geography: Geography) -> None:
    for pair, zone in geography.border_zones.items():
        assert zone.buffer(1e-4).covers(geography.borders[pair])


def test_conversion_keeps_shared_vertices_shared() -> None:
    left = shapely.box(120.0, 31.0, 120.1, 31.1)
    right = shapely.box(120.1, 31.0, 120.2, 31.1)
    a, b = converted([left, right], Datum.BD09)
    assert shapely.intersection(a, b).area == 0
    assert shapely.get_coordinates(shapely.intersection(a, b)).shape == (2, 2)


def _halves(gap_deg: float) -> Iterator[District]:
    for adcode, box in (
        ("000001", shapely.box(120.0, 31.0, 120.1, 31.1)),
        ("000002", shapely.box(120.1 + gap_deg, 31.0, 120.2, 31.1)),
    ):
        yield District(adcode, adcode, adcode, False, shapely.MultiPolygon([box]))


def test_an_imported_border_that_does_not_match_to_the_vertex_is_still_a_border() -> None:
    geography = Geography(_halves(gap_deg=0.00005))  # 5 m
    assert geography.where(120.099, 31.05).neighbours == ("000002",)
    assert geography.where(120.101, 31.05).neighbours == ("000001",)


def test_districts_a_hundred_metres_apart_share_no_border() -> None:
    geography = Geography(_halves(gap_deg=0.001))
    assert geography.borders == {}
    assert not geography.where(120.099, 31.05).border_water
