"""An operator's own layer: read, converted, checked; every fault named."""

import json
from typing import Any

import pytest
import shapely

from domain.errors import InvalidInput
from domain.layers import Datum, LayerKind
from layers.datum import from_wgs84
from layers.features import District, Gate, Waterway
from layers.geography import Geography
from layers.importing import LayerFile, parse_kind, read_layer
from layers.sources import builtin_districts
from layers.stored import to_stored


def collection(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def feature(geometry: shapely.Geometry, **properties: Any) -> dict[str, Any]:
    shape = json.loads(shapely.to_geojson(geometry))
    return {"type": "Feature", "properties": properties, "geometry": shape}


def district(adcode: str, *box: float) -> dict[str, Any]:
    return feature(shapely.box(*box), adcode=adcode, name_zh=adcode, name_en=adcode)


def said(layer: LayerFile) -> list[tuple[str, str, bool]]:
    return [(p.field, p.text, p.fatal) for p in layer.problems]


def test_the_packaged_districts_survive_the_way_out_and_in() -> None:
    rows = []
    for one in builtin_districts():
        corners = shapely.get_coordinates(one.geometry)
        moved = from_wgs84(corners[:, 0], corners[:, 1], Datum.GCJ02)
        gcj = shapely.set_coordinates(one.geometry, list(zip(*moved, strict=True)))
        rows.append(feature(gcj, adcode=one.adcode, name_zh=one.name_zh, name_en=one.name_en))
    layer = read_layer(collection(*rows), "district", Datum.GCJ02)
    assert layer.problems == ()
    geography = Geography([District.from_feature(f) for f in layer.features])
    assert round(geography.where(120.9583, 31.0266).nearest_border_m) == 278
    lengths = [one.edges.lengths_m().sum() for one in (geography, Geography.builtin())]
    assert lengths[0] == pytest.approx(lengths[1])


def test_an_overlap_refuses_the_file() -> None:
    data = collection(
        district("000001", 120.0, 31.0, 120.11, 31.1), district("000002", 120.1, 31.0, 120.2, 31.1)
    )
    layer = read_layer(data, "district", Datum.WGS84)
    assert layer.refused
    ((field, text, fatal),) = said(layer)
    assert field == "features[0] (000001)"
    assert text.startswith("overlaps 000002 by 10,5")
    assert fatal


def test_a_gap_is_told_and_does_not_refuse() -> None:
    ring = shapely.Polygon(
        shapely.box(120, 31, 120.2, 31.2).exterior,
        [shapely.box(120.05, 31.05, 120.1, 31.1).exterior],
    )
    data = collection(
        feature(ring, adcode="000001"), district("000002", 120.05, 31.05, 120.0999, 31.1)
    )
    layer = read_layer(data, "district", Datum.WGS84)
    assert not layer.refused
    ((field, text, _),) = said(layer)
    assert field == "features"
    assert text.startswith("gap of ")
    assert text.endswith("between 000001, 000002")


def test_a_polygon_that_crosses_itself_refuses_the_file() -> None:
    bow = shapely.Polygon([(120, 31), (120.1, 31.1), (120.1, 31), (120, 31.1)])
    layer = read_layer(collection(feature(bow, adcode="000001")), "district", Datum.WGS84)
    ((field, text, fatal),) = said(layer)
    assert (field, fatal) == ("features[0].geometry", True)
    assert "Self-intersection" in text


def test_what_an_import_changes() -> None:
    before = [to_stored(d.to_feature()) for d in builtin_districts()[:2]]
    rows = [
        feature(d.geometry, adcode=d.adcode, name_zh=d.name_zh, name_en=d.name_en, member=d.member)
        for d in builtin_districts()[1:3]
    ]
    change = read_layer(collection(*rows), "district", Datum.WGS84).changes(before)
    codes = [d.adcode for d in builtin_districts()]
    assert (change.added, change.removed) == ((codes[2],), (codes[0],))
    assert not change.nothing


def gate(second_lat: float, **more: Any) -> dict[str, Any]:
    lines = shapely.MultiLineString(
        [[(120.0, 31.0), (120.01, 31.0)], [(120.0, second_lat), (120.01, second_lat)]]
    )
    said = {"gate_id": "g", "first_adcode": "000001", "second_adcode": "000002", **more}
    return feature(lines, **said)


def test_a_gate_is_taken() -> None:
    layer = read_layer(collection(gate(31.01)), "gate", Datum.WGS84)
    assert layer.problems == ()
    assert Gate.from_feature(layer.features[0]).second_adcode == "000002"


def test_gate_lines_too_close_or_with_one_side_are_refused() -> None:
    assert read_layer(collection(gate(31.0005)), "gate", Datum.WGS84).refused
    same = collection(gate(31.01, second_adcode="000001"))
    assert read_layer(same, "gate", Datum.WGS84).refused


@pytest.mark.parametrize("said", [None, "±200", "", "nan", float("nan"), -1, True, [200], {}])
@pytest.mark.parametrize("kind", ["waterway", "lake", "place"])
def test_what_the_program_could_not_build_is_refused_by_name(kind: LayerKind, said: Any) -> None:
    shapes = {
        "waterway": shapely.LineString([(120, 31), (120.1, 31)]),
        "lake": shapely.box(120, 31, 120.1, 31.1),
        "place": shapely.Point(120, 31),
    }
    sound = feature(shapes[kind], id="a", uncertainty_m=200)
    data = collection(sound, feature(shapes[kind], id="b", uncertainty_m=said))
    with pytest.raises(InvalidInput, match="expected metres") as refused:
        read_layer(data, kind, Datum.WGS84)
    assert refused.value.field == "features[1].properties.uncertainty_m"


def test_a_waterway_that_is_no_name_is_refused_by_name() -> None:
    place = collection(feature(shapely.Point(120, 31), id="a", waterway=["x"]))
    for data, kind in ((place, "place"), (collection(gate(31.01, waterway=7)), "gate")):
        with pytest.raises(InvalidInput) as refused:
            read_layer(data, kind, Datum.WGS84)
        assert refused.value.field == "features[0].properties.waterway"


def test_an_uncertainty_may_be_left_out_or_be_a_number_in_quotes() -> None:
    shape = shapely.LineString([(120, 31), (120.1, 31)])
    layer = read_layer(
        collection(feature(shape, id="a"), feature(shape, id="b", uncertainty_m="200")),
        "waterway",
        Datum.WGS84,
    )
    assert [Waterway.from_feature(f).uncertainty_m for f in layer.features] == [0, 200]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"{", "file"),
        (b"\xff", "file"),
        (b"[]", "type"),
        (b'{"type": "FeatureCollection"}', "features"),
        (collection(), "features"),
        (collection(district("31011", 120, 31, 121, 32)), "features[0].properties.adcode"),
        (collection(feature(shapely.box(0, 0, 1, 1))), "features[0].properties.adcode"),
        (
            collection(feature(shapely.Point(1, 1), adcode="000001")),
            "features[0].geometry.type",
        ),
        (
            collection(
                feature(shapely.box(300_000, 3_400_000, 300_100, 3_400_100), adcode="1" * 6)
            ),
            "features[0].geometry.coordinates",
        ),
        (
            collection({"type": "Feature", "properties": {"adcode": "000001"}, "geometry": None}),
            "features[0].geometry",
        ),
        (
            collection(
                {
                    "type": "Feature",
                    "properties": {"adcode": "000001"},
                    "geometry": {"type": "Polygon", "coordinates": [[["x", "y"]]]},
                }
            ),
            "features[0].geometry.coordinates",
        ),
        (
            collection(district("000001", 120, 31, 121, 32), district("000001", 122, 31, 123, 32)),
            "features[1].properties",
        ),
    ],
)
def test_a_file_that_cannot_be_read_names_the_field(data: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_layer(data, "district", Datum.WGS84)
    assert refused.value.field == field


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(InvalidInput, match="kind: expected one of district, waterway"):
        parse_kind("road")
