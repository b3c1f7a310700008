"""Layers in the store: versions kept, changes told, and the running ingest follows."""

import asyncio
import os
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
import shapely
import structlog
from ingest_process import settled
from nmea import barge
from store_content import ingest

from commands.import_layer import ImportLayer, import_layer
from db import event, layer
from db.errors import RefusedRow
from db.pool import transaction
from domain.errors import InvalidInput
from domain.layers import StoredFeature
from layers.geography import Geography
from layers.stored import geography_of, packaged_layers, to_feature, to_stored
from seed.layers import load_builtin_layers
from streams.inputs import Input
from streams.sources.stdin import StdinSource


def square(name: str, west: float, south: float, size: float = 0.1) -> StoredFeature:
    shape = shapely.MultiPolygon([shapely.box(west, south, west + size, south + size)])
    return StoredFeature(name, name, name, {"member": True}, shapely.to_wkb(shape, byte_order=1))


def districts(*features: StoredFeature) -> ImportLayer:
    return ImportLayer("district", "test", b"\x01" * 32, "wgs84", features)


async def test_the_packaged_layers_come_back_as_they_are(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        done = await load_builtin_layers(connection)
        assert [one.version.version for one in done] == [1] * len(done)
        assert await load_builtin_layers(connection) == []
        stored = await layer.current_features(connection)
        for packaged in packaged_layers():
            assert stored.get(packaged.kind, []) == sorted(
                packaged.features, key=lambda feature: feature.feature_id
            )
        assert await event.verify_all(connection) == {}
    rebuilt, builtin = geography_of(stored), Geography.builtin()
    assert rebuilt.labels == builtin.labels
    assert [gate.gate_id for gate in rebuilt.gates] == [gate.gate_id for gate in builtin.gates]
    assert len(rebuilt.waterways) == len(builtin.waterways)
    assert len(rebuilt.places) == len(builtin.places)


async def test_an_import_keeps_the_version_before(pool: asyncpg.Pool) -> None:
    a, b, c = square("000001", 120, 30), square("000002", 120.1, 30), square("000003", 120.2, 30)
    async with pool.acquire() as connection:
        first = await import_layer(connection, "test", districts(a, b))
        moved = replace(b, wkb=square("x", 120.11, 30).wkb)
        second = await import_layer(connection, "test", districts(moved, c))
        assert (second.change.added, second.change.removed, second.change.changed) == (
            ("000003",),
            ("000001",),
            ("000002",),
        )
        same = await import_layer(connection, "test", districts(moved, c))
        assert same.change.nothing
        assert same.version == second.version
        kept = await connection.fetch("select * from layer order by version")
        assert [row["layer_id"] for row in kept] == [
            done.version.layer_id for done in (first, second)
        ]
        assert kept[0]["recorded_to"] == kept[1]["recorded_from"]
        assert await layer.features(connection, first.version.layer_id) == [a, b]
        assert await layer.current_features(connection) == {"district": [moved, c]}
        events = await event.stream(connection, "layer", "district")
        assert [stored.kind for stored in events] == ["layer.imported"] * 2
        assert b'"removed":["000001"]' in events[1].payload


async def test_imports_at_once_come_one_after_the_other(pool: asyncpg.Pool) -> None:
    async def one(number: int) -> int:
        async with pool.acquire() as connection:
            command = districts(square(f"{number:06}", 120 + number, 30))
            return (await import_layer(connection, "test", command)).version.version

    assert sorted(await asyncio.gather(*(one(n) for n in range(6)))) == [1, 2, 3, 4, 5, 6]
    async with pool.acquire() as connection:
        assert len(await layer.current_versions(connection)) == 1


async def test_a_bad_layer_leaves_nothing(pool: asyncpg.Pool) -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    broken = replace(square("000001", 120, 30), wkb=shapely.to_wkb(bow, byte_order=1))
    async with pool.acquire() as connection:
        with pytest.raises(RefusedRow):
            await import_layer(connection, "test", districts(broken))
        a = square("000001", 120, 30)
        with pytest.raises(InvalidInput, match=r"features\[1\]"):
            await import_layer(connection, "test", districts(a, a))
        with pytest.raises(InvalidInput, match="kind"):
            await import_layer(connection, "test", replace(districts(broken), kind="moon"))
        assert await connection.fetchval("select count(*) from layer") == 0
        assert await connection.fetchval("select count(*) from event") == 0


async def test_the_running_ingest_takes_the_new_layers(
    layered_url: str, pool: asyncpg.Pool
) -> None:
    reading, writing = os.pipe()
    source = StdinSource(reading, feed_id="pipe")
    one = ingest(layered_url, Input(source, "stdin", None), batch_s=0.01)
    task = asyncio.create_task(one.run())
    district = "select adcode from vessel_latest where mmsi = {}"
    try:
        os.write(writing, barge(mmsi=413000001, lon=121.0, lat=31.1) + b"\n")
        query = district.format(413000001)
        assert await settled(pool, query, lambda code: code is not None) == "310118"
        async with pool.acquire() as connection:
            known = (await layer.current_features(connection))["district"]
            renamed = [
                replace(f, feature_id="999999") if f.feature_id == "310118" else f for f in known
            ]
            done = await import_layer(connection, "test", districts(*renamed))
            assert done.change.added == ("999999",)
        mmsi = 413000002
        async with asyncio.timeout(60):
            while True:
                os.write(writing, barge(mmsi=mmsi, lon=121.0, lat=31.1) + b"\n")
                query = district.format(mmsi)
                if await settled(pool, query, lambda code: code is not None) == "999999":
                    break
                mmsi += 1
        one.stop()
        await task
    finally:
        task.cancel()
        os.close(writing)
        os.close(reading)


async def test_layers_that_cannot_be_built_do_not_stop_the_ingest(
    layered_url: str, pool: asyncpg.Pool
) -> None:
    """Rows that no import would let in: the ingest goes on, takes the next good ones, starts."""
    bend = shapely.to_wkb(shapely.LineString([(120, 31), (120.1, 31)]), byte_order=1)
    broken = StoredFeature("w", "w", "w", {"uncertainty_m": "±200"}, bend)
    sound = replace(broken, properties={"uncertainty_m": 200})
    command = ImportLayer("waterway", "test", b"\x02" * 32, "wgs84", [broken])
    reading, writing = os.pipe()
    with structlog.testing.capture_logs() as logs:
        one = ingest(
            layered_url, Input(StdinSource(reading, feed_id="pipe"), "stdin", None), batch_s=0.01
        )
        task = asyncio.create_task(one.run())
        try:
            os.write(writing, barge(mmsi=413000001, lon=121.0, lat=31.1) + b"\n")
            stored = "select count(*) from vessel_position"
            await settled(pool, stored, lambda n: n == 1)
            async with pool.acquire() as connection:
                await import_layer(connection, "test", command)
            await logged(logs, "layers.failed")
            os.write(writing, barge(mmsi=413000002, lon=121.0, lat=31.1) + b"\n")
            await settled(pool, stored, lambda n: n == 2)
            async with pool.acquire() as connection:
                await import_layer(connection, "test", replace(command, features=[sound]))
            await logged(logs, "layers.recovered")
            async with pool.acquire() as connection:
                await import_layer(connection, "test", command)
            one.stop()
            await task
            restarted = ingest(layered_url, Input(StdinSource(reading), "stdin", None))
            task = asyncio.create_task(restarted.run())
            os.close(writing)
            await task
        finally:
            task.cancel()
            os.close(reading)
    told = [entry.get("action", "") for entry in logs]
    assert told.count("layers.recovered") == 1
    district = "select adcode from vessel_latest where mmsi = 413000002"
    assert await pool.fetchval(district) == "310118"


async def logged(logs: list[Any], action: str) -> None:
    async with asyncio.timeout(60):
        while action not in [entry.get("action") for entry in logs]:  # noqa: ASYNC110 - a list
            await asyncio.sleep(0.01)


def test_features_survive_the_way_there_and_back() -> None:
    for packaged in packaged_layers():
        for stored in packaged.features:
            assert to_stored(to_feature(stored)) == stored


async def test_a_command_in_a_transaction_is_part_of_it(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as connection:
        await import_layer(connection, "test", districts(square("000001", 120, 30)))
    async with pool.acquire() as connection:
        assert set(await layer.current_versions(connection)) == {"district"}
