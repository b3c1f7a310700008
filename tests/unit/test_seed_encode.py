"""What the barges send reads back as what they meant, with pyais as the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyais import decode
from pyais.util import SixBitNibleEncoder

from seed.encode import Report, armour, checksum, identity, inland, position, tag_block
from seed.fleet import Radio, launch

FLEET = [launch(5, n) for n in range(60)]
BY_RADIO = {radio: next(b for b in FLEET if b.radio is radio) for radio in Radio}


REPORTS = st.builds(
    Report,
    t=st.integers(1_600_000_000, 2_000_000_000),
    lon=st.floats(120, 122),
    lat=st.floats(30, 32),
    sog_kn=st.integers(0, 120).map(lambda tenths: tenths / 10),
    cog_deg=st.integers(0, 3599).map(lambda tenths: tenths / 10),
    heading_deg=st.none() | st.integers(0, 359),
    moored=st.booleans(),
)


@given(radio=st.sampled_from(list(Radio)), report=REPORTS)
def test_a_position_survives_the_radio(radio, report):
    barge = BY_RADIO[radio]
    sentences = position(barge, report, "B")
    assert len(sentences) == 1
    assert sentences[0].startswith("!AIVDM,1,1,,B,")
    heard = decode(*sentences)
    assert heard.mmsi == barge.mmsi
    assert heard.msg_type == (18 if radio is Radio.B else 1)
    assert heard.lon == pytest.approx(report.lon, abs=2 / 600_000)
    assert heard.lat == pytest.approx(report.lat, abs=2 / 600_000)
    assert heard.speed == pytest.approx(report.sog_kn, abs=0.101)
    assert heard.course == pytest.approx(report.cog_deg, abs=0.101)
    assert heard.heading == (511 if report.heading_deg is None else report.heading_deg)
    assert heard.second == report.t % 60
    if radio is not Radio.B:
        assert heard.status == (5 if report.moored else 0)


@given(bits=st.binary(min_size=1, max_size=128), short=st.integers(0, 7))
def test_the_armour_is_that_of_pyais(bits, short):
    assert armour(bits, 8 * len(bits)) == SixBitNibleEncoder().encode(bits, 8 * len(bits))
    # a message may end within a byte, the rest of which is zero
    whole = bits[:-1] + bytes([bits[-1] >> short << short])
    count = 8 * len(bits) - short
    assert armour(whole, count) == SixBitNibleEncoder().encode(whole, count)


@pytest.mark.parametrize("radio", [Radio.A, Radio.INLAND])
def test_class_a_and_inland_say_who_they_are_in_two_parts(radio):
    barge = BY_RADIO[radio]
    sentences = identity(
        barge, laden=True, destination="JINZE", eta=1_717_387_200, channel="A", sequence=7
    )
    assert [s.split(",")[1:4] for s in sentences] == [["2", "1", "7"], ["2", "2", "7"]]
    heard = decode(*sentences)
    assert (heard.msg_type, heard.mmsi, heard.shipname) == (5, barge.mmsi, barge.name)
    assert (heard.destination, heard.callsign) == ("JINZE", barge.callsign)
    assert heard.to_bow + heard.to_stern == round(barge.length_m)
    assert abs(heard.to_port + heard.to_starboard - barge.beam_m) <= 1
    assert heard.draught == pytest.approx(barge.laden_m, abs=0.1)
    assert (heard.month, heard.day, heard.hour, heard.minute) == (6, 3, 4, 0)


def test_class_b_says_who_it_is_in_parts_a_and_b_and_no_draught():
    barge = BY_RADIO[Radio.B]
    part_a, part_b = map(
        decode,
        identity(barge, laden=True, destination="JINZE", eta=0, channel="A", sequence=0),
    )
    assert (part_a.msg_type, part_a.partno, part_a.shipname) == (24, 0, barge.name)
    assert (part_b.msg_type, part_b.partno, part_b.callsign) == (24, 1, barge.callsign)
    assert part_b.to_bow + part_b.to_stern == round(barge.length_m)


@pytest.mark.parametrize("laden", [True, False])
def test_inland_data_is_168_bits_with_hull_and_draught(laden):
    barge = BY_RADIO[Radio.INLAND]
    (sentence,) = inland(barge, laden=laden, channel="B")
    assert len(sentence.split(",")[5]) * 6 == 168
    heard = decode(sentence)
    assert (heard.dac, heard.fid, heard.vin, heard.shiptype) == (200, 10, barge.vin, 8010)
    assert heard.length == pytest.approx(barge.length_m, abs=0.101)
    assert heard.draught == pytest.approx(barge.laden_m if laden else barge.light_m, abs=0.011)
    assert heard.loaded == (1 if laden else 2)


def test_a_tag_block_says_who_heard_it_and_when():
    assert tag_block("JINZE", 1_717_387_200) == "\\s:JINZE,c:1717387200*60\\"


def test_the_checksum_is_that_of_published_sentences():
    assert checksum("g:1-2-73874,n:157036,s:r003669945,c:1241544035") == 0x4A
    assert checksum("AIVDM,1,1,,B,,0") == 0x25
