"""What AIS says, as the store keeps it."""

from datetime import UTC, datetime

import pytest
from nmea import (
    NOW,
    ais,
    barge,
    decode,
    fix_of,
    patched,
    raw_payload,
    report_of,
    sentence,
    tagged,
    with_checksum,
)

from domain.positions import Rejection, StaticReport
from streams.contracts.messages import OtherMessage, PositionMessage, Rejected, StaticMessage


def test_a_class_a_position_with_its_units():
    fix = fix_of(barge(status=0, course=87.3, heading=88, turn=0))
    assert (fix.mmsi, fix.message_type) == (413000123, 1)
    assert (fix.lon, fix.lat) == pytest.approx((120.9, 31.05), abs=1e-6)
    assert (fix.sog_kn, fix.cog_deg, fix.heading_deg, fix.nav_status) == (4.2, 87.3, 88, 0)
    assert fix.t == datetime(2026, 3, 1, 12, 0, 28, tzinfo=UTC)
    assert -(2**63) <= fix.payload_hash < 2**63


@pytest.mark.parametrize("kind", [1, 2, 3, 18, 27])
def test_the_position_types(kind: int):
    fix = fix_of(barge(type=kind))
    assert fix.message_type == kind
    assert (fix.lon, fix.lat) == pytest.approx((120.9, 31.05), abs=2e-3)


def test_unknown_is_none():
    fix = fix_of(barge(speed=102.3, course=360, heading=511, status=15))
    assert (fix.sog_kn, fix.cog_deg, fix.heading_deg, fix.nav_status) == (None,) * 4
    fix = fix_of(barge(type=18, speed=102.3, course=360, heading=511))
    assert (fix.sog_kn, fix.cog_deg, fix.heading_deg, fix.nav_status) == (None,) * 4
    fix = fix_of(barge(type=27, speed=63, course=511, status=15))
    assert (fix.sog_kn, fix.cog_deg, fix.heading_deg, fix.nav_status) == (None,) * 4


def test_zero_is_not_unknown():
    fix = fix_of(barge(speed=0, course=0, heading=0, status=0))
    assert (fix.sog_kn, fix.cog_deg, fix.heading_deg, fix.nav_status) == (0, 0, 0, 0)


def test_a_long_range_report_has_knots_and_no_heading():
    fix = fix_of(barge(type=27, speed=6, course=90, status=5))
    assert (fix.sog_kn, fix.cog_deg, fix.heading_deg, fix.nav_status) == (6, 90, None, 5)
    assert fix.t == NOW.replace(microsecond=0)


def test_an_extended_class_b_report_says_where_and_who():
    fields = {"shipname": "SU JIA HUO 8", "ship_type": 79, "to_bow": 30, "to_stern": 12}
    position, static = decode(*ais(**barge_fields(type=19), **fields))
    assert isinstance(position, PositionMessage)
    assert isinstance(static, StaticMessage)
    assert position.sentence is static.sentence
    assert (static.report.name, static.report.ship_type) == ("SU JIA HUO 8", 79)
    assert (static.report.length_m, static.report.beam_m) == (42, None)
    assert static.report.t == position.fix.t


def test_an_extended_report_without_a_position_still_says_who():
    refused, static = decode(*ais(**barge_fields(type=19, lon=181, lat=91), shipname="HE 1"))
    assert isinstance(refused, Rejected)
    assert refused.reason is Rejection.POSITION
    assert isinstance(static, StaticMessage)
    assert static.report.name == "HE 1"


def test_an_extended_report_of_absurd_size_still_says_where():
    position, refused = decode(*ais(**barge_fields(type=19), to_bow=500, to_stern=319))
    assert isinstance(position, PositionMessage)
    assert isinstance(refused, Rejected)
    assert refused.reason is Rejection.DIMENSIONS


def barge_fields(**fields: object) -> dict[str, object]:
    return {"mmsi": 413000123, "lon": 120.9, "lat": 31.05, "second": 28} | fields


def test_the_hash_does_not_depend_on_the_receiver():
    line = barge()
    other_channel = with_checksum(line[1:-3].replace(b",A,", b",B,"))
    relayed = barge(repeat=1)
    own = with_checksum(line[1:-3].replace(b"VDM", b"VDO"))
    station = with_checksum(line[1:-3].replace(b"AIVDM", b"BSVDM"))
    seen = {
        fix_of(received).payload_hash
        for received in (
            line,
            tagged(line, b"s:r1,c:%d" % NOW.timestamp()),
            tagged(line, b"s:r2,c:%d" % (NOW.timestamp() + 1)),
            other_channel,
            relayed,
            own,
            station,
        )
    }
    assert len(seen) == 1


def test_the_hash_is_stable_over_runs_and_versions():
    # the store's key: a change here makes every stored fix a stranger to its repeat
    assert fix_of(raw_payload("13RlIW?04F1beOVEFLB9bRvH0L0L")).payload_hash == -704422127839249686


def test_another_content_has_another_hash():
    hashes = {fix_of(barge(lon=120.9 + n / 1000)).payload_hash for n in range(50)}
    assert len(hashes) == 50


def test_static_and_voyage_data_in_two_parts():
    lines = ais(
        type=5,
        mmsi=413000123,
        imo=9074729,
        callsign="BQPX7",
        shipname="ZHE JIA SHAN HUO 01234",
        ship_type=70,
        to_bow=30,
        to_stern=12,
        to_port=4,
        to_starboard=4,
        draught=2.4,
        destination="TAIXING",
    )
    assert len(lines) == 2
    part, message = decode(*lines)
    assert part == OtherMessage(sentence(lines[0]), "part")
    assert isinstance(message, StaticMessage)
    assert message.report == StaticReport(
        mmsi=413000123,
        t=NOW.replace(microsecond=0),
        message_type=5,
        name="ZHE JIA SHAN HUO 012",
        callsign="BQPX7",
        imo=9074729,
        ship_type=70,
        length_m=42,
        beam_m=8,
        draught_m=2.4,
        destination="TAIXING",
    )


def test_static_data_that_says_nothing():
    report = report_of(*ais(type=5, mmsi=413000123))
    assert report == StaticReport(413000123, NOW.replace(microsecond=0), 5)


def test_both_halves_of_type_24():
    first = report_of(*ais(type=24, mmsi=413000123, partno=0, shipname="HU QING PU 7"))
    assert (first.name, first.callsign, first.length_m) == ("HU QING PU 7", None, None)
    second = report_of(
        *ais(type=24, mmsi=413000123, partno=1, ship_type=36, callsign="PH7460", to_bow=12)
    )
    assert (second.name, second.callsign, second.length_m) == (None, "PH7460", 12)
    assert second.ship_type == 36


def test_a_craft_of_a_parent_ship_has_no_dimensions():
    report = report_of(
        *ais(type=24, mmsi=984131234, partno=1, callsign="TENDER", mothership_mmsi=413000123)
    )
    assert (report.callsign, report.length_m, report.beam_m) == ("TENDER", None, None)


@pytest.mark.parametrize("code", [0, 28, 47, 79, 99, 200])
@pytest.mark.parametrize(
    ("fields", "start"),
    [
        ({"type": 5}, 232),
        ({"type": 19, "lon": 120, "lat": 31}, 263),
        ({"type": 24, "partno": 1}, 40),
    ],
)
def test_the_ship_type_is_kept_as_it_was_said(fields: dict[str, int], start: int, code: int):
    messages = decode(*patched(ais(mmsi=413000123, **fields), start, 8, code))
    assert isinstance(messages[-1], StaticMessage)
    assert messages[-1].report.ship_type == (code or None)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("<IMG SRC=X ONERROR=A", "<IMG SRC=X ONERROR=A"),
        ("'; DROP TABLE VESSEL", "'; DROP TABLE VESSEL"),
        ("A&B \\ %S [0] $(X)", "A&B \\ %S [0] $(X)"),
        ("  HE 1  ", "HE 1"),
        ("HE 1@@@@@", "HE 1"),
        ("HE 1@JUNK", "HE 1"),
        ("@@@@", None),
        ("   ", None),
    ],
)
def test_names_pass_as_they_are(sent: str, read: str | None):
    assert report_of(*ais(type=5, mmsi=413000123, shipname=sent)).name == read


def test_a_hostile_name_longer_than_a_name_passes_in_what_fits():
    report = report_of(
        *ais(type=5, mmsi=413000123, shipname="<IMG SRC=X ONERROR=ALERT(1)>", callsign="<B>")
    )
    assert report.name == "<IMG SRC=X ONERROR=ALERT(1)>"[:20]
    assert report.callsign == "<B>"


def test_other_types_and_other_sentences_pass_by():
    station = ais(type=4, mmsi=2573535, lon=120, lat=31)[0]
    assert decode(station) == [OtherMessage(sentence(station), "ais_4", 2573535)]
    gps = with_checksum(b"GPGGA,120030,3101.0,N,12057.0,E,1,08,0.9,5,M,0,M,,", b"$")
    assert decode(gps) == [OtherMessage(sentence(gps), "GPGGA")]
    sounder = with_checksum(b"SDDPT,2.4,0.5", b"$")
    assert decode(sounder) == [OtherMessage(sentence(sounder), "SDDPT")]
