"""`whistle decode`: one record for every line, and what it says."""

import pytest
from nmea import NOW, ais, barge, raw_payload, tagged, with_checksum
from samples import DECODED, EMPTY, LINES, NOWHERE, ORPHANS, samples

from domain.positions import Rejection
from ops.decoding import Listing, Record


def listing(*lines: bytes) -> tuple[list[Record], Listing]:
    one = Listing(lambda: NOW)
    chunks = [line + b"\n" for line in lines]
    return [record for records in one.records(chunks) for record in records], one


def test_a_position_says_what_the_vessel_said_and_nothing_more():
    (record,), _ = listing(barge(heading=511, course=360, status=15))
    assert record == {
        "line": 1,
        "mmsi": 413000123,
        "type": 1,
        "lon": pytest.approx(120.9, abs=1e-6),
        "lat": pytest.approx(31.05, abs=1e-6),
        "sog_kn": 4.2,
    }


def test_the_time_stands_only_where_a_receiver_gave_it():
    # five years ago: a recording is never too old to be read
    (record,), _ = listing(tagged(barge(second=28), b"s:r1,c:1614600030"))
    assert record["t"] == "2021-03-01T12:00:28+00:00"


def test_a_message_in_parts_is_one_record_at_its_last_line():
    first, second = ais(type=5, mmsi=413000123, shipname="HE 1")
    records, one = listing(first, barge(), second)
    assert [record["line"] for record in records] == [2, 3]
    assert records[1] | {"lines": [1, 3], "name": "HE 1", "type": 5} == records[1]
    assert one.decoded == 2


def test_type_19_is_one_record_with_both():
    (record,), one = listing(
        *ais(type=19, mmsi=413000123, lon=120.9, lat=31.05, shipname="HE 1", to_bow=40)
    )
    assert (record["name"], record["length_m"], record["lat"]) == ("HE 1", 40, 31.05)
    assert one.decoded == 1


def test_what_the_store_does_not_keep_is_still_named():
    records, one = listing(
        ais(type=4, mmsi=2573535)[0],
        raw_payload("802ATu0j624P2@G80pEd0D5F0634"),
        with_checksum(b"GPGGA,1", b"$"),
    )
    assert records == [
        {"line": 1, "mmsi": 2573535, "type": 4, "stored": False},
        {"line": 2, "mmsi": 2385140, "type": 8, "dac": 200, "fid": 24, "stored": False},
        {"line": 3, "other": "GPGGA"},
    ]
    assert (one.decoded, one.other.total(), one.rejected.total()) == (2, 1, 0)


def test_no_position_is_decoded_and_refused_an_impossible_one_is_rejected():
    (record, wrong), one = listing(barge(lon=181, lat=91), barge(lon=181))
    assert record["refused"] == Rejection.POSITION
    assert (record["type"], record["sog_kn"]) == (1, 4.2)
    assert "lon" not in record
    assert "rejected" not in record
    assert (wrong["rejected"], wrong["mmsi"]) == (Rejection.POSITION, 413000123)
    assert (one.decoded, one.rejected.total()) == (1, 1)


def test_the_refusals_by_name():
    records, one = listing(
        b"hello",
        barge()[:30],
        barge()[:-2] + b"00",
        barge(mmsi=123456789),
        tagged(barge(), b"c:1924992000"),
        b"A" * 5000,
        raw_payload("83aC4dPj2d<dteef=wwuS08r01H0"),
        *ais(type=5, mmsi=413000123)[:1],
        b"",
    )
    assert [(record["line"], record["rejected"]) for record in records] == [
        (1, "not_nmea"),
        (2, "truncated"),
        (3, "checksum"),
        (4, "mmsi"),
        (5, "time_future"),
        (6, "too_long"),
        (7, "dimensions"),
        (8, "orphan_part"),
    ]
    assert all(record["detail"] for record in records)
    assert one.decoded == 0
    assert "rejected orphan_part: 1" in one.summary()


def test_a_spoof_counts_with_all_its_lines():
    (record,), one = listing(
        b"!AIVDM,2,1,4,A,83aDChPj2d<dL<uM=hhhI?a@6HP0e9QvUEEEOPPrE4t880>p2JqA6wimt:Ow,0*22",
        b"!AIVDM,2,2,4,A,UPP8k;JvOeD,2*7F",
    )
    assert (record["rejected"], record["lines"]) == ("spoof_length", [1, 2])
    assert one.rejected.total() == 2


def test_inland_fields_keep_their_names():
    (record,), _ = listing(raw_payload("83aDChPj2d<dL<uM=hhhI?a@6HP0"))
    assert record == {
        "line": 1,
        "mmsi": 244650946,
        "type": 8,
        "dac": 200,
        "fid": 10,
        "eni": "02103547",
        "inland_type": 8010,
        "length_m": 39.0,
        "beam_m": 5.0,
        "draught_m": 2.04,
        "hazard": 0,
        "loaded_raw": 1,
    }


@pytest.mark.parametrize("lines", samples())
def test_a_busy_station(lines: list[bytes]):
    one = Listing(lambda: NOW)
    records = [r for chunk in one.records([b"\n".join(lines)]) for r in chunk]
    assert sorted(record["line"] for record in records) == list(range(1, LINES + 1))
    assert one.decoded == DECODED
    assert one.rejected == {"empty_payload": EMPTY, "orphan_part": ORPHANS}
    assert one.refused == {Rejection.POSITION: NOWHERE}
    assert all({"mmsi", "type"} <= record.keys() for record in records if "rejected" not in record)
