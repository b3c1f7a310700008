"""A million points: the grid's answers against PostGIS, which knows nothing of the grid."""

import asyncpg
import numpy as np
import pytest
import shapely

from layers.geography import BORDER_ZONE_M, Geography

POINTS = 1_000_000

pytestmark = pytest.mark.timeout(600)


def random_points() -> tuple[np.ndarray, np.ndarray]:
    """Half anywhere in and about the area, half within some 2 km of a boundary."""
    random = np.random.default_rng(20240403)
    half = POINTS // 2
    anywhere = np.stack([random.uniform(119.8, 121.7, half), random.uniform(30.4, 31.6, half)])
    corners = shapely.get_coordinates([d.geometry for d in Geography.builtin().districts])
    near = corners[random.integers(0, len(corners), half)].T + random.normal(0, 0.006, (2, half))
    lon, lat = np.concatenate([anywhere, near], axis=1)
    return lon, lat


@pytest.fixture
async def loaded(pool: asyncpg.Pool) -> tuple[asyncpg.Pool, np.ndarray, np.ndarray]:
    """Points and polygons in PostGIS. Borders are made there, from the polygons alone."""
    lon, lat = random_points()
    geography = Geography.builtin()
    async with pool.acquire() as connection:
        await connection.execute(
            """
            create table point (id integer, lon double precision, lat double precision);
            create table area (idx integer, geom geometry(MultiPolygon, 4326));
            """
        )
        await connection.copy_records_to_table(
            "point", records=zip(range(len(lon)), lon.tolist(), lat.tolist(), strict=True)
        )
        await connection.executemany(
            "insert into area values ($1, st_geomfromwkb($2, 4326))",
            [(i, shapely.to_wkb(d.geometry)) for i, d in enumerate(geography.districts)],
        )
        await connection.execute(
            """
            alter table point add geom geometry(Point, 4326);
            update point set geom = st_setsrid(st_makepoint(lon, lat), 4326);
            create index on point using gist (geom);
            create table border as
                select dumped.geom as geom, st_transform(dumped.geom, 32651) as metric
                from area a join area b on a.idx < b.idx and st_intersects(a.geom, b.geom)
                cross join lateral st_intersection(
                    st_boundary(a.geom), st_boundary(b.geom)
                ) shared
                cross join lateral st_dumpsegments(st_collectionextract(shared, 2)) dumped;
            create index on border using gist (metric);
            analyze point, area, border;
            """
        )
    return pool, lon, lat


async def test_where_agrees_with_st_contains_and_border_water_with_st_dwithin(
    loaded: tuple[asyncpg.Pool, np.ndarray, np.ndarray],
) -> None:
    pool, lon, lat = loaded
    found = Geography.builtin().locate(lon, lat)
    async with pool.acquire() as connection:
        inside = await connection.fetch(
            "select p.id, a.idx from area a join point p on st_contains(a.geom, p.geom)",
            timeout=500,
        )
        water = await connection.fetch(
            """
            select p.id from (select id, st_transform(geom, 32651) as metric from point) p
            where exists (select from border b where st_dwithin(p.metric, b.metric, $1))
            """,
            BORDER_ZONE_M,
            timeout=500,
        )
    district = np.full(POINTS, -1)
    district[[row["id"] for row in inside]] = [row["idx"] for row in inside]
    assert len(inside) == np.count_nonzero(district >= 0), "no point is in two districts"
    assert np.flatnonzero(found.district != district).tolist() == []
    border_water = np.zeros(POINTS, dtype=bool)
    border_water[[row["id"] for row in water]] = True
    assert np.flatnonzero(found.border_water != border_water).tolist() == []
    assert border_water.sum() > 50_000
