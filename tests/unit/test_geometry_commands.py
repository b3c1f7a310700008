"""`whistle where`, `crossings`, `layers check`: their output is an interface."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sailing import HONGQI, JISHUI, NOISE_M, START_S, Voyage, sail

from layers.datum import Datum, from_wgs84
from layers.detection import FixArrays
from layers.geography import Geography

ROOT = Path(__file__).parents[2]


def whistle(*arguments: str, given: str = "") -> tuple[int, list[dict[str, object]], str]:
    """Exit code, the JSON lines on stdout, the text on stderr."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "ops.cli", *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def as_csv(fixes: FixArrays, times: list[str]) -> str:
    rows = zip(fixes.mmsi.tolist(), times, fixes.lon.tolist(), fixes.lat.tolist(), strict=True)
    return "mmsi,t,lon,lat\n" + "".join(f"{m},{t},{x},{y}\n" for m, t, x, y in rows)


def test_where_the_jinze_reservoir_is() -> None:
    code, records, said = whistle("where", "120.9583", "31.0266")
    assert (code, said) == (0, "")
    assert records == [
        {
            "adcode": "310118",
            "name_zh": "青浦",
            "name_en": "Qingpu",
            "border_water": True,
            "nearest_border_m": 278,
            "neighbours": ["330421"],
            "lon": 120.9583,
            "lat": 31.0266,
        }
    ]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_where_a_pin_of_a_map_app_is(datum: str) -> None:
    lon, lat = from_wgs84([120.9583], [31.0266], Datum(datum))
    code, (record,), _ = whistle("where", str(lon[0]), str(lat[0]), "--datum", datum)
    assert code == 0
    assert (record["lon"], record["lat"], record["nearest_border_m"]) == (120.9583, 31.0266, 278)


def test_where_nobody_we_know_is_responsible() -> None:
    _, (record,), _ = whistle("where", "-70.5", "-12.25")
    assert record["adcode"] == "outside"
    assert record["border_water"] is False
    assert record["neighbours"] == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("181", "31"), "lon"),
        (("120", "ninety"), "lat"),
        (("nan", "31"), "lon"),
        (("120", "31", "--datum", "cgcs"), "datum"),
    ],
)
def test_bad_input_to_where_names_the_field(arguments: tuple[str, ...], field: str) -> None:
    code, records, said = whistle("where", *arguments)
    assert (code, records) == (2, [])
    assert said.startswith(f"whistle: {field}: expected ")


def test_crossings_of_a_track_file(tmp_path: Path) -> None:
    """Two vessels over each other, epoch seconds, in a file."""
    a = sail(HONGQI, Voyage(step_s=60, noise_m=NOISE_M), mmsi=412_000_002)
    b = sail(JISHUI, Voyage(step_s=60), mmsi=412_000_001)
    fixes = FixArrays.joined([a, b])
    fixes = fixes.take(np.argsort(fixes.t, kind="stable"))
    path = tmp_path / "tracks.csv"
    path.write_text(as_csv(fixes, [f"{t:.0f}" for t in fixes.t]))
    code, records, said = whistle("crossings", str(path))
    assert code == 0
    assert said.endswith("fixes of 2 vessels: 5 crossings\n")
    assert set(records[0]) == {
        *("mmsi", "from", "to", "via", "crossed_at", "confirmed_at"),
        *("lon", "lat", "by", "grazing", "fixes"),
    }
    seen = [(r["mmsi"], r["from"], r["to"], r["grazing"]) for r in records]
    assert [s for s in seen if s[0] == 412_000_001] == [(412_000_001, "320509", "310118", False)]
    assert [s[1:] for s in seen if s[0] == 412_000_002] == [
        ("330421", "310118", False),
        ("310118", "310117", False),
        ("310117", "310118", True),
        ("310118", "310117", True),
    ]
    for record in records:
        before, after = record["fixes"]  # type: ignore[misc]
        assert before <= record["crossed_at"] <= after <= record["confirmed_at"]  # type: ignore[operator]
        assert str(record["crossed_at"]).endswith("+00:00")
        where = Geography.builtin().where(float(record["lon"]), float(record["lat"]))  # type: ignore[arg-type]
        assert where.nearest_border_m < 1


def test_two_fixes_from_a_pipe() -> None:
    """5 km and 20 min apart on both sides: one crossing that cites both."""
    rows = "412000001,2024-04-03T10:00:00+08:00,120.8702,31.0600\n"
    rows += "412000001,2024-04-03T10:20:00+08:00,120.9350,31.0600\n"
    code, (record,), _ = whistle("crossings", "-", given="mmsi,t,lon,lat\n" + rows)
    assert code == 0
    assert (record["from"], record["to"], record["by"]) == ("320509", "310118", "segment")
    assert record["fixes"] == ["2024-04-03T02:00:00+00:00", "2024-04-03T02:20:00+00:00"]
    minute = rows.replace("10:20", "10:01")
    code, records, said = whistle("crossings", "-", given="mmsi,t,lon,lat\n" + minute)
    assert (code, records) == (0, [])
    assert "1 jump" in said


def test_rows_out_of_order_are_sorted_unless_asked_otherwise() -> None:
    fixes = sail(JISHUI, Voyage(step_s=60))
    back = fixes.take(np.arange(len(fixes))[::-1].copy())
    text = as_csv(back, [f"{t:.0f}" for t in back.t])
    _, records, said = whistle("crossings", "-", given=text)
    assert len(records) == 1
    assert "rows were out of order" in said
    _, records, said = whistle("crossings", "-", "--as-received", given=text)
    assert records == []
    assert f"{len(fixes) - 1} late" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mmsi,t,lon,lat\n1,2024-04-03T10:00:00,120,31\n", "line 2, t: expected ISO 8601 with"),
        (f"mmsi,t,lon,lat\n1,{START_S},120,31\n1,{START_S},x,31\n", "line 3, lon: expected"),
        (
            f"mmsi,t,lon,lat\n1,{START_S},120,31\n1,noon,120,31\n1,{START_S},x,31\n1,2,3\n"
            f"0,{START_S},120,31\n",
            "line 3, t: expected ISO 8601 with its offset (Z or +08:00), or epoch seconds,"
            " got 'noon' (and 3 more: lines 4, 5, 6)\n",
        ),
        ("mmsi,t,lon\n", "line 1, lat: column is missing"),
    ],
)
def test_bad_track_files_name_line_and_field(text: str, said: str) -> None:
    code, records, message = whistle("crossings", "-", given=text)
    assert (code, records) == (2, [])
    assert message.startswith(f"whistle: {said}")


def test_a_missing_track_file() -> None:
    code, _, said = whistle("crossings", "nowhere.csv")
    assert code == 2
    assert said.startswith("whistle: file: nowhere.csv: ")


def test_layers_check_proves_every_fact() -> None:
    code, records, said = whistle("layers", "check")
    assert (code, said) == (0, "")
    assert len(records) >= 13
    assert all(record["ok"] for record in records)


def test_a_dry_import_tells_what_would_change(tmp_path: Path) -> None:
    path = tmp_path / "gates.geojson"
    packaged = json.loads((ROOT / "layers/data/gates.geojson").read_text())
    packaged["features"] = packaged["features"][1:]
    path.write_text(json.dumps(packaged))
    code, (report,), _ = whistle("layers", "import", str(path), "--kind", "gate", "--dry-run")
    assert code == 0
    assert len(report["removed"]) == 1  # type: ignore[arg-type]
    assert report["stored"] is False


def test_a_refused_import_says_why(tmp_path: Path) -> None:
    path = tmp_path / "broken.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [{"type": "Feature"}]}')
    code, records, said = whistle("layers", "import", str(path), "--dry-run")
    assert (code, records) == (2, [])
    assert said.startswith("whistle: features[0].properties.adcode: missing")
