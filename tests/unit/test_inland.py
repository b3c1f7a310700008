"""Inland AIS against what other decoders report (gpsd and libais, their published test data)."""

from datetime import timedelta

import pytest
from nmea import NOW, ais, decode, patched, raw_payload, tagged

from domain.positions import Rejection
from streams.contracts.messages import OtherMessage, Rejected, StaticMessage

SPOOF = (
    b"!AIVDM,2,1,4,A,83aDChPj2d<dL<uM=hhhI?a@6HP0e9QvUEEEOPPrE4t880>p2JqA6wimt:Ow,0*22",
    b"!AIVDM,2,2,4,A,UPP8k;JvOeD,2*7F",
)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            "83aDChPj2d<dL<uM=hhhI?a@6HP0",
            {
                "mmsi": 244650946,
                "eni": "02103547",
                "length_m": 39.0,
                "beam_m": 5.0,
                "inland_type": 8010,
                "hazard": 0,
                "draught_m": 2.04,
                "loaded_raw": 1,
            },
        ),
        (
            "85NLn@0j2d<8000000BhI?`50000",
            {
                "mmsi": 367474240,
                "eni": None,
                "length_m": 15.0,
                "beam_m": 5.0,
                "inland_type": 8000,
                "hazard": 5,
                "draught_m": None,
                "loaded_raw": 0,
            },
        ),
        (
            "839d00Pj2P00000003G0pga@6@P0",
            {"mmsi": 211484674, "length_m": 172.0, "beam_m": 11.3, "eni": None},
        ),
        (
            "83aDoP@j2d<dtMLLN1b@j?bP8hP0",
            {"mmsi": 244660097, "eni": "02315118", "length_m": 85.0, "beam_m": 10.0},
        ),
    ],
)
def test_static_data_as_others_read_it(payload: str, expected: dict[str, object]):
    (message,) = decode(raw_payload(payload))
    assert isinstance(message, StaticMessage)
    assert message.report.message_type == 8
    assert {name: getattr(message.report, name) for name in expected} == expected


def test_a_hull_of_819_metres_is_refused():
    (refused,) = decode(raw_payload("83aC4dPj2d<dteef=wwuS08r01H0"))
    assert isinstance(refused, Rejected)
    assert (refused.reason, refused.mmsi) == (Rejection.DIMENSIONS, 244630706)
    assert "819.1" in refused.detail


def test_the_known_spoof_is_refused_for_its_length():
    part, refused = decode(*SPOOF)
    assert isinstance(part, OtherMessage)
    assert isinstance(refused, Rejected)
    assert refused.reason is Rejection.SPOOF_LENGTH
    assert refused.raw == b"\n".join(SPOOF)


@pytest.mark.parametrize("extra", ["", "0", "000", "000000"])
def test_only_168_bits_are_fi_10(extra: str):
    (message,) = decode(raw_payload("83aDChPj2d<dL<uM=hhhI?a@6HP0" + extra))
    assert isinstance(message, Rejected) == bool(extra)
    (message,) = decode(raw_payload("83aDChPj2d<dL<uM=hhhI?a@6HP", fill=0))
    assert isinstance(message, Rejected)
    assert message.reason is Rejection.SPOOF_LENGTH


def test_water_levels_are_not_stored_since_they_come_out_wrong():
    (message,) = decode(raw_payload("802ATu0j624P2@G80pEd0D5F0634"))
    assert isinstance(message, OtherMessage)
    assert (message.kind, message.mmsi) == ("ais_8_200_24", 2385140)


def inland(**fields: object) -> list[bytes]:
    return ais(type=8, mmsi=413000123, dac=200, fid=10, **fields)


def report_of(lines: list[bytes]):
    (message,) = decode(*lines)
    assert isinstance(message, StaticMessage), message
    return message.report


def test_what_is_not_used_is_unknown():
    # hazard 6 and 7 and a draught above 20 m are "not to be used"
    assert report_of(patched(inland(), 141, 3, 6)).hazard is None
    assert report_of(inland(draught=20.0)).draught_m == 20.0
    assert report_of(inland(draught=20.01)).draught_m is None
    silent = report_of(inland(vin="00000000"))
    assert (silent.eni, silent.length_m, silent.beam_m, silent.inland_type) == (None,) * 4


@pytest.mark.parametrize("raw", [0, 1, 2, 3])
def test_loaded_is_kept_raw(raw: int):
    assert report_of(patched(inland(), 155, 2, raw)).loaded_raw == raw


def test_inland_data_is_checked_like_any_other():
    (refused,) = decode(*patched(inland(), 8, 30, 123456789))
    assert isinstance(refused, Rejected)
    assert refused.reason is Rejection.MMSI
    ahead = NOW + timedelta(hours=1)
    (refused,) = decode(tagged(inland()[0], b"c:%d" % ahead.timestamp()))
    assert isinstance(refused, Rejected)
    assert refused.reason is Rejection.TIME_FUTURE


def test_other_applications_pass_by():
    assert decode(*ais(type=8, mmsi=413000123, dac=200, fid=23))[-1] == OtherMessage(
        decode(*ais(type=8, mmsi=413000123, dac=200, fid=23))[-1].sentence,
        "ais_8_200_23",
        413000123,
    )
    kinds = [m.kind for m in decode(*ais(type=6, mmsi=413000123, dac=1, fid=40)) if m]
    assert kinds == ["ais_6_1_40"]
