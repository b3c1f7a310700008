"""What is refused, by name and with its bytes, and that the stream goes on."""

import pytest
from nmea import (
    NOW,
    ais,
    barge,
    decode,
    decoder,
    fix_of,
    raw_payload,
    refusal_of,
    sentence,
    tagged,
    with_checksum,
)
from samples import EMPTY, LINES, NOWHERE, ORPHANS, POSITIONS, samples

from domain.positions import Rejection
from streams.contracts.messages import PositionMessage, Rejected
from streams.contracts.sentence import station_of
from streams.sources.lines import LineSplitter
from streams.sources.pace import received_s


@pytest.mark.parametrize(
    ("lon", "lat", "named"),
    [
        (181, 91, "no position"),
        (181, 31, "longitude 181"),
        (200, 31, "longitude 200"),
        (-190, 31, "longitude -190"),
        (120, 91, "latitude 91"),
        (120, -100, "latitude -100"),
        (0, 0, "longitude 0"),
    ],
)
@pytest.mark.parametrize("kind", [1, 18, 27])
def test_an_impossible_position_is_refused_by_name(kind: int, lon: float, lat: float, named: str):
    line = barge(type=kind, lon=lon, lat=lat)
    refused = refusal_of(line)
    assert refused.reason is Rejection.POSITION
    assert named in refused.detail
    assert refused.raw == line
    assert refused.mmsi == 413000123


def test_the_edges_of_the_world_are_in_it():
    for lon, lat in ((180, 90), (-180, -90), (180, 0), (0, 51.5), (120, 0)):
        fix = fix_of(barge(lon=lon, lat=lat))
        assert (fix.lon, fix.lat) == (lon, lat)


@pytest.mark.parametrize("mmsi", [0, 123456789, 111111111, 999999999, 2573535, 992345678])
def test_an_absurd_mmsi_is_refused_by_name(mmsi: int):
    refused = refusal_of(barge(mmsi=mmsi))
    assert refused.reason is Rejection.MMSI
    assert refused.mmsi == mmsi


def test_819_metres_are_refused_by_name():
    refused = refusal_of(*ais(type=5, mmsi=413000123, to_bow=500, to_stern=319, to_port=5))
    assert refused.reason is Rejection.DIMENSIONS
    assert "819" in refused.detail


def test_blank_lines_are_nothing():
    assert decode(b"", b"  ", b"\r") == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"hello", Rejection.NOT_NMEA),
        (b"GET / HTTP/1.1", Rejection.NOT_NMEA),
        (b"\x16\x03\x01\x02\x00", Rejection.NOT_NMEA),
        (with_checksum(b",,,"), Rejection.NOT_NMEA),
        (with_checksum(b"A B C,1"), Rejection.NOT_NMEA),
        (b"!AIVDM,1,1,,A,13RlIW?04F1beO", Rejection.TRUNCATED),
        (b"!AIVDM,1,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0*6D", Rejection.CHECKSUM),
        (with_checksum(b"AIVDM,1,1,,B,,0"), Rejection.EMPTY_PAYLOAD),
        (with_checksum(b"AIVDM,1,1,,A,13RlIW,0,1"), Rejection.UNDECODABLE),
        (with_checksum(b"AIVDM,1,1,,A"), Rejection.UNDECODABLE),
        (with_checksum(b"AIVDM"), Rejection.UNDECODABLE),
        (with_checksum(b"AIVDM,1,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,6"), Rejection.UNDECODABLE),
        (with_checksum(b"AIVDM,1,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,"), Rejection.UNDECODABLE),
        (with_checksum(b"AIVDM,0,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0"), Rejection.UNDECODABLE),
        (with_checksum(b"AIVDM,1,2,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0"), Rejection.UNDECODABLE),
        (with_checksum(b"AIVDM,x,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0"), Rejection.UNDECODABLE),
        (with_checksum(b"AIVDM,12,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0"), Rejection.UNDECODABLE),
        (raw_payload("13RlIW?04F1beOVEFLB9bRvH0L0~"), Rejection.UNDECODABLE),
        (raw_payload("13RlIW?04F1beO"), Rejection.UNDECODABLE),
        (raw_payload("13R"), Rejection.UNDECODABLE),
        (raw_payload("1"), Rejection.UNDECODABLE),
        (raw_payload("13RlIW?04F1beOVEFLB9bRvH0L0L13RlIW?"), Rejection.UNDECODABLE),
        (raw_payload("03RlIW?04F1beOVEFLB9bRvH0L0L"), Rejection.UNDECODABLE),
        (raw_payload("w3RlIW?04F1beOVEFLB9bRvH0L0L"), Rejection.UNDECODABLE),
        (raw_payload("H3RlIW<f0hD4eB222222222222222"), Rejection.UNDECODABLE),
    ],
)
def test_every_rubbish_has_its_name(line: bytes, reason: Rejection):
    refused = refusal_of(line)
    assert refused.reason is reason, refused.detail
    assert refused.raw == line


@pytest.mark.parametrize(
    "line",
    [b"\x00\xff", b" \t!AIVDM,1,1 \x00", b"\r\r!x\r", b"\x00GET / HTTP/1.1  ", b"\x0bhi\x0c"],
)
def test_what_a_source_refuses_keeps_its_blanks_and_zero_bytes(line: bytes):
    (taken,) = LineSplitter("test").feed(line + b"\r\n", NOW)
    assert refusal_of(taken.raw).raw == line


def test_blanks_and_zero_bytes_around_a_sentence_are_no_fault():
    line = tagged(barge(), b"s:JINZE,c:%d" % NOW.timestamp())
    found = LineSplitter("test").feed(
        b"\x00 " + line + b" \x00\r\n" + b" \x00\t\r\n" + line + b"\n", NOW
    )
    assert [one.raw for one in found] == [b"\x00 " + line + b" \x00", line]
    assert len({fix_of(one.raw) for one in found}) == 1
    assert [station_of(one.raw) for one in found] == ["JINZE", "JINZE"]
    assert [received_s(one) for one in found] == [int(NOW.timestamp())] * 2


def test_a_line_without_end_is_told_with_its_length():
    (refused,) = decoder().decode(sentence(b"A" * 1024, length=10_000_000))
    assert isinstance(refused, Rejected)
    assert refused.reason is Rejection.TOO_LONG
    assert "10000000" in refused.detail
    assert len(refused.raw) == 1024


def test_the_stream_goes_on_after_each_of_them():
    lines = [barge(), b"junk", barge(mmsi=0), b"!AIVDM,1,1", barge(lon=181), barge(speed=5)]
    kinds = [type(message).__name__ for message in decode(*lines)]
    assert kinds == ["PositionMessage", *["Rejected"] * 4, "PositionMessage"]


@pytest.mark.parametrize("lines", samples())
def test_a_busy_station_line_by_line(lines: list[bytes]):
    one = decoder()
    messages = [
        message
        for number, raw in enumerate(lines, 1)
        for message in one.decode(sentence(raw, line=number))
    ]
    messages += one.flush()
    refused = [m for m in messages if isinstance(m, Rejected)]
    reasons = [m.reason for m in refused]
    assert len(messages) == LINES
    assert sorted(m.sentence.line or 0 for m in messages) == list(range(1, LINES + 1))
    assert reasons.count(Rejection.EMPTY_PAYLOAD) == EMPTY
    assert reasons.count(Rejection.ORPHAN_PART) == ORPHANS
    # four reports of one vessel say that it has no position
    assert len({m.mmsi for m in refused if m.reason is Rejection.POSITION}) == 1
    assert len(refused) == EMPTY + ORPHANS + NOWHERE
    assert sum(isinstance(m, PositionMessage) for m in messages) == POSITIONS
