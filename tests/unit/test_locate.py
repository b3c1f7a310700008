"""Where n points are: the grid's quick answers against the exact ones."""

import numpy as np
import pytest
import shapely

from layers.borders import metric
from layers.datum import to_metres
from layers.geography import BORDER_ZONE_M, REACH_M, Geography


@pytest.fixture(scope="module")
def geography() -> Geography:
    return Geography.builtin()


@pytest.fixture(scope="module")
def points() -> tuple[np.ndarray, np.ndarray]:
    """Half anywhere in and about the area, half within a kilometre of some boundary."""
    random = np.random.default_rng(4)
    lon, lat = random.uniform(119.7, 121.8, 20_000), random.uniform(30.3, 31.7, 20_000)
    corners = shapely.get_coordinates([d.geometry for d in Geography.builtin().districts])
    near = corners[random.integers(0, len(corners), 20_000)]
    near = near + random.normal(0, 0.004, near.shape)
    return np.concatenate([lon, near[:, 0]]), np.concatenate([lat, near[:, 1]])


def test_districts_agree_with_point_in_polygon(
    geography: Geography, points: tuple[np.ndarray, np.ndarray]
) -> None:
    found = geography.locate(*points).district
    expected = np.full(found.shape, -1)
    for index, district in enumerate(geography.districts):
        expected[shapely.contains_xy(district.geometry, *points)] = index
    assert (found == expected).all()


def test_distances_agree_with_the_geometry(
    geography: Geography, points: tuple[np.ndarray, np.ndarray]
) -> None:
    chosen = slice(18_000, 22_000)
    lon, lat = points[0][chosen], points[1][chosen]
    found = geography.locate(lon, lat)
    spots = shapely.points(np.stack(to_metres(lon, lat), axis=1))
    borders = shapely.STRtree([metric(line) for line in geography.borders.values()])
    rims = shapely.STRtree([metric(d.geometry).boundary for d in geography.districts])
    for tree, distances in ((borders, found.nearest_border_m), (rims, found.depth_m)):
        _, exact = tree.query_nearest(spots, return_distance=True, all_matches=False)
        assert distances == pytest.approx(np.minimum(exact, REACH_M), abs=1e-6)
    assert (found.border_water == (found.nearest_border_m <= BORDER_ZONE_M)).all()


def test_where_says_what_locate_says(
    geography: Geography, points: tuple[np.ndarray, np.ndarray]
) -> None:
    found = geography.locate(*points)
    for index in range(0, len(points[0]), 400):
        where = geography.where(float(points[0][index]), float(points[1][index]))
        assert where.adcode == geography.labels[found.district[index]]
        assert where.border_water == found.border_water[index]
        assert bool(where.neighbours) == where.border_water
        assert min(where.nearest_border_m, REACH_M) == pytest.approx(
            found.nearest_border_m[index], abs=1e-6
        )


def test_a_point_on_a_border_belongs_to_one_district_always_the_same(geography: Geography) -> None:
    sides = [
        {tuple(corner) for corner in shapely.get_coordinates(district.geometry).tolist()}
        for district in (geography.district("310118"), geography.district("330421"))
        if district
    ]
    lon, lat = sorted(sides[0] & sides[1])[7]
    found = geography.locate([lon] * 3, [lat] * 3)
    assert [geography.labels[i] for i in found.district] == ["310118"] * 3
    assert found.nearest_border_m == pytest.approx(0, abs=1e-6)


def test_the_tripoint_names_all_neighbours(geography: Geography) -> None:
    where = geography.where(120.8973, 31.0199)
    assert {where.adcode, *where.neighbours} == {"310118", "320509", "330421"}


@pytest.mark.parametrize(
    ("lon", "lat"), [(np.nan, 31.0), (120.0, np.nan), (np.inf, 31.0), (-179.0, -89.0), (4.0, 52.0)]
)
def test_no_number_and_far_away_are_outside(geography: Geography, lon: float, lat: float) -> None:
    found = geography.locate([lon], [lat])
    assert found.district[0] == -1
    assert not found.border_water[0]


def test_no_points(geography: Geography) -> None:
    assert geography.locate([], []).district.shape == (0,)
