from functools import reduce
from operator import xor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nmea import barge, tagged, with_checksum

from domain.positions import Rejection
from streams.contracts.sentence import LINE_LIMIT, BadSentence, TagBlock, checksum, parse

GOOD = b"!AIVDM,1,1,,A,13RlIW?04F1beOVEFLB9bRvH0L0L,0*6C"


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_the_folded_checksum_is_the_xor_of_all_bytes(body: bytes):
    assert checksum(body) == reduce(xor, body, 0)


def test_a_sentence_is_taken_apart():
    frame = parse(GOOD)
    assert frame.start == ord("!")
    assert frame.fields == [b"AIVDM", b"1", b"1", b"", b"A", b"13RlIW?04F1beOVEFLB9bRvH0L0L", b"0"]
    assert frame.tag is None


def test_a_checksum_may_be_in_lower_case_and_blanks_around_do_not_matter():
    assert parse(b" " + GOOD[:-2] + b"6c\r\n").fields[0] == b"AIVDM"


def reason(raw: bytes, length: int | None = None) -> Rejection:
    with pytest.raises(BadSentence) as caught:
        parse(raw, length)
    assert caught.value.detail
    return caught.value.reason


def test_each_kind_of_damage_has_its_name():
    assert reason(b"garbage") is Rejection.NOT_NMEA
    assert reason(b"2024-04-03 10:00 " + GOOD) is Rejection.NOT_NMEA
    assert reason(b"\xff\xfe\x00") is Rejection.NOT_NMEA
    assert reason(GOOD[:-5]) is Rejection.TRUNCATED
    assert reason(GOOD[:-1]) is Rejection.TRUNCATED
    assert reason(GOOD[:-2]) is Rejection.TRUNCATED
    assert reason(b"!") is Rejection.TRUNCATED
    assert reason(GOOD[:-2] + b"6D") is Rejection.CHECKSUM
    assert reason(GOOD[:-2] + b"zz") is Rejection.CHECKSUM
    assert reason(GOOD + b"9") is Rejection.CHECKSUM
    assert reason(GOOD.replace(b"LB9", b"LB8")) is Rejection.CHECKSUM
    assert reason(b"!" + b"A" * LINE_LIMIT) is Rejection.TOO_LONG
    assert reason(GOOD, 10_000_000) is Rejection.TOO_LONG


@pytest.mark.parametrize("cut", range(1, len(GOOD)))
def test_no_truncated_sentence_passes(cut: int):
    assert reason(GOOD[:cut]) is Rejection.TRUNCATED


@pytest.mark.parametrize("at", range(1, len(GOOD)))
def test_no_flipped_bit_passes(at: int):
    for bit in range(7):
        broken = bytearray(GOOD)
        broken[at] ^= 1 << bit
        if bytes(broken).upper() == GOOD.upper() and at >= len(GOOD) - 2:
            continue  # the case of a checksum's letters says nothing
        assert reason(bytes(broken)) in {Rejection.CHECKSUM, Rejection.TRUNCATED}


def test_a_tag_block_gives_clock_station_and_group():
    frame = parse(tagged(GOOD, b"g:1-2-73874,s:r003669945,c:1712102400"))
    assert frame.tag == TagBlock(1712102400, b"r003669945", b"73874")
    assert frame.fields[0] == b"AIVDM"


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (b"1712102400", 1712102400),
        (b"1712102400123", 1712102400),
        (b"1924992000", 1924992000),  # 2031: believed here, refused as a time
        (b"12345", None),  # seconds since the receiver was switched on: it has no clock
        (b"946684799", None),
        (b"946684800", 946684800),
        (b"-5", None),
        (b"noon", None),
        (b"", None),
        (b"9" * 30, None),
    ],
)
def test_the_clock_of_a_tag_block(clock: bytes, expected: int | None):
    tag = parse(tagged(GOOD, b"s:r1,c:" + clock)).tag
    assert tag is not None
    assert tag.time_s == expected


def test_a_tag_block_without_clock_or_with_strange_fields_is_still_one():
    assert parse(tagged(GOOD, b"s:r1")).tag == TagBlock(None, b"r1", None)
    assert parse(tagged(GOOD, b"x,::,g:1,q:7")).tag == TagBlock()


def test_a_damaged_tag_block_refuses_the_line():
    whole = tagged(GOOD, b"s:r1,c:1712102400")
    assert reason(whole.replace(b"c:17", b"c:18")) is Rejection.CHECKSUM
    assert reason(b"\\s:r1,c:1712102400\\" + GOOD) is Rejection.CHECKSUM
    assert reason(b"\\s:r1,c:1712102400*00") is Rejection.TRUNCATED
    assert reason(tagged(b"", b"s:r1")) is Rejection.TRUNCATED
    assert reason(tagged(b"noise", b"s:r1")) is Rejection.NOT_NMEA


def test_two_tag_blocks_the_nearer_one_counts():
    assert parse(tagged(tagged(GOOD, b"s:near"), b"s:far")).tag == TagBlock(None, b"near", None)


def test_many_different_tag_blocks_stay_right():
    for second in range(1_700_000_000, 1_700_002_000):
        tag = parse(tagged(GOOD, b"c:%d" % second)).tag
        assert tag is not None
        assert tag.time_s == second


def test_what_pyais_encodes_is_read():
    assert parse(barge()).fields[0] == b"AIVDM"
    assert parse(with_checksum(b"GPGGA,1,2", b"$")).fields == [b"GPGGA", b"1", b"2"]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_nothing_but_a_bad_sentence_is_raised(raw: bytes):
    for line in (raw, b"!" + raw, b"\\" + raw, with_checksum(raw), tagged(GOOD, raw)):
        try:
            frame = parse(line)
        except BadSentence:
            continue
        assert frame.fields
