"""Track files: what is taken, and how what is not is named by line and field."""

import io

import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.tables import WrongTable
from layers.trackfile import read_tracks


def read(text: str | bytes) -> object:
    data = text if isinstance(text, bytes) else text.encode()
    return read_tracks(io.BytesIO(data))


def test_all_ways_to_write_a_time_mean_the_same() -> None:
    tracks = read_tracks(
        io.BytesIO(
            b"mmsi,t,lon,lat\n"
            b"412000001,2024-04-03T10:00:00+08:00,120.9,31.0\n"
            b"412000001,2024-04-03T02:00:00Z,120.9,31.0\n"
            b"412000001,2024-04-03 02:00+00:00,120.9,31.0\n"
            b"412000001,1712109600,120.9,31.0\n"
            b"412000001,1712109600.0,120.9,31.0\n"
        )
    )
    assert set(tracks.fixes.t.tolist()) == {1712109600.0}


def test_columns_in_any_order_and_further_ones() -> None:
    tracks = read_tracks(
        io.BytesIO("\ufefflat,LON ,name,sog,t,mmsi\r\n31.0,120.9,甲,4.5,0,7\r\n".encode())
    )
    fixes = tracks.fixes
    assert (fixes.mmsi[0], fixes.t[0], fixes.lon[0], fixes.lat[0]) == (7, 0.0, 120.9, 31.0)
    assert fixes.sog[0] == np.float32(4.5)


def test_an_unknown_speed_is_nan() -> None:
    tracks = read_tracks(
        io.BytesIO(b"mmsi,t,lon,lat,sog\n1,0,120,31,\n1,1,120,31,102.3\n1,2,120,31,3\n")
    )
    assert np.isnan(tracks.fixes.sog).tolist() == [True, True, False]


def test_disorder_is_counted_and_sorted() -> None:
    tracks = read_tracks(
        io.BytesIO(b"mmsi,t,lon,lat\n2,5,120,31\n1,9,120,31\n1,3,121,31\n\n2,6,120,31\n")
    )
    assert tracks.disordered == 1
    assert tracks.sorted().t.tolist() == [3, 9, 5, 6]


def test_a_header_alone_is_an_empty_record() -> None:
    assert len(read_tracks(io.BytesIO(b"mmsi,t,lon,lat\n")).fixes) == 0


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "line 1"),
        ("mmsi,t,lon\n", "line 1, lat"),
        ("mmsi,t,lon,lat,lat\n", "line 1, lat"),
        ("mmsi,t,lon,lat\n1,0,120,31\n1,2024-04-03T10:00:00,120,31\n", "line 3, t"),
        ("mmsi,t,lon,lat\n1,2024-04-03,120,31\n", "line 2, t"),
        ("mmsi,t,lon,lat\n1,2024-02-30T10:00Z,120,31\n", "line 2, t"),
        ("mmsi,t,lon,lat\n1,1712109600000,120,31\n", "line 2, t"),
        ("mmsi,t,lon,lat\n1,-5,120,31\n", "line 2, t"),
        ("mmsi,t,lon,lat\n1,,120,31\n", "line 2, t"),
        ("mmsi,t,lon,lat\n\n\nabc,0,120,31\n", "line 4, mmsi"),
        ("mmsi,t,lon,lat\n1.5,0,120,31\n", "line 2, mmsi"),
        ("mmsi,t,lon,lat\n0,0,120,31\n", "line 2, mmsi"),
        ("mmsi,t,lon,lat\n1234567890,0,120,31\n", "line 2, mmsi"),
        ("mmsi,t,lon,lat\n1,0,181,31\n", "line 2, lon"),
        ("mmsi,t,lon,lat\n1,0,nan,31\n", "line 2, lon"),
        ("mmsi,t,lon,lat\n1,0,120,inf\n", "line 2, lat"),
        ("mmsi,t,lon,lat\n1,0,120,91\n", "line 2, lat"),
        ("mmsi,t,lon,lat,sog\n1,0,120,31,fast\n", "line 2, sog"),
        ("mmsi,t,lon,lat,sog\n1,0,120,31,-1\n", "line 2, sog"),
        ("mmsi,t,lon,lat\n1,0,120\n", "line 2"),
        ("mmsi,t,lon,lat\n1,0,120,31,5\n", "line 2"),
        ('mmsi,t,lon,lat\n1,0,120,"31\n1,0,120,31\n"\n', "line 2"),
        (b"mmsi,t,lon,lat\n\xff\xfe,0,120,31\n", "file"),
        (b"mmsi,t,lon,lat\n" + b"9" * 200_000, "line 2"),
    ],
)
def test_what_is_wrong_is_named(text: str | bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(text)
    assert refused.value.field == field
    assert len(str(refused.value)) < 300


def test_the_first_fault_is_named_whatever_its_column_and_all_are_counted() -> None:
    rows = [
        "1,0,120,31",
        "1,1,120,xx",
        "1,2,120",
        "1.5,yesterday,120,31",
        "x,3,120,31",
        "1,4,120,31",
    ]
    with pytest.raises(WrongTable) as refused:
        read("mmsi,t,lon,lat\n" + "\n".join(rows) + "\n")
    assert str(refused.value) == (
        "line 3, lat: expected degrees from -90 to 90, got 'xx' (and 4 more: lines 4, 5, 6)"
    )
    assert [(one.line, one.column) for one in refused.value.faults] == [
        (3, "lat"), (4, ""), (5, "mmsi"), (5, "t"), (6, "mmsi"),
    ]  # fmt: skip


def test_a_file_of_faults_is_counted_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.trackfile.CHUNK_ROWS", 100)
    with pytest.raises(WrongTable) as refused:
        read("mmsi,t,lon,lat\n1,0,120,31\n" + "1,0,x,31\n" * 998 + '1,0,120,"3\n1"\n')
    assert str(refused.value) == (
        "line 3, lon: expected degrees from -180 to 180, got 'x'"
        " (and 998 more: lines 4, 5, 6, 7, 8, 9, 10, 11, …)"
    )
    assert len(refused.value.faults) == 20


def test_where_lines_end_to_count_what_was_found_is_told() -> None:
    with pytest.raises(WrongTable) as refused:
        read("mmsi,t,lon,lat\n1,0,120,95\n" + "1,0,120,31\n" * 20_000 + "9" * 200_000)
    assert refused.value.field == "line 2, lat"
    assert "(and 1 more: line" in str(refused.value)
