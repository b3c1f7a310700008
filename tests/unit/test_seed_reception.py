"""What the receivers hear: intervals, noise, silences, repeats and dirt in the right doses."""

import re
from collections import Counter, defaultdict
from functools import cache

import numpy as np
from pyais import decode

from seed import dirt
from seed.chance import Channel, scatter, uniform
from seed.fleet import Radio, Trouble
from seed.reception import Reception
from seed.world import M_PER_DEG_LAT, M_PER_DEG_LON, World

NOON = 1_717_387_200
TAG = re.compile(rb"\\s:([A-Z]+),c:(\d+)\*[0-9A-F]{2}\\")


@cache
def world() -> World:
    return World(220, 11)


@cache
def half_an_hour() -> list[tuple[int, bytes]]:
    reception = Reception(world())
    return [(t, line) for t, lines in reception.lines(NOON, NOON + 1800) for line in lines]


@cache
def fixes() -> dict[int, list]:
    """Positions by MMSI as (second, decoded), exact repeats once, clones left out."""
    cloned = {b.mmsi for b in world().barges if b.clone_of is not None}
    found: dict[int, dict] = defaultdict(dict)
    for t, line in half_an_hour():
        sentence = line[line.rfind(b"\\") + 1 :].strip()
        if not sentence.startswith(b"!AIVDM,1,1") or b",,0*" in sentence:
            continue
        payload = sentence.split(b",")[5]
        if payload[:1] not in b"1B" or len(payload) != 28 or not checks(sentence):
            continue
        heard = decode(sentence)
        if heard.mmsi not in cloned:
            found[heard.mmsi][t, payload] = heard
    return {m: [(t, h) for (t, _), h in seen.items()] for m, seen in found.items()}


def checks(sentence: bytes) -> bool:
    body, star, said = sentence[1:].partition(b"*")
    total = 0
    for byte in body:
        total ^= byte
    return bool(star) and said == b"%02X" % total


def test_the_same_second_sounds_the_same_however_it_is_asked_for():
    one_by_one = []
    reception = Reception(world())
    for t in range(NOON + 600, NOON + 630):
        for at, lines in reception.lines(t, t + 1):
            one_by_one += [(at, line) for line in lines]
    assert one_by_one == [x for x in half_an_hour() if NOON + 600 <= x[0] < NOON + 630]


def test_every_line_ends_and_nearly_every_one_names_station_and_second():
    for t, line in half_an_hour():
        assert line.endswith(b"\r\n")
        assert line.count(b"\n") == 1
        if tag := TAG.match(line):
            assert int(tag[2]) - t in {0, 1}
    tagged = [TAG.match(line) for _, line in half_an_hour()]
    assert {tag[1] for tag in tagged if tag} == {b"JINZE", b"PINGWANG", b"ZHOUZHUANG"}
    assert sum(tag is None for tag in tagged) < 0.002 * len(tagged)


def test_barges_report_as_often_as_their_radio_has_to():
    usual = defaultdict(list)
    for barge in world().barges:
        times = [t for t, _ in fixes().get(barge.mmsi, [])]
        speeds = [h.speed for _, h in fixes().get(barge.mmsi, [])]
        if barge.trouble is not Trouble.CLEAN or len(times) < 2:
            continue
        if min(speeds) > 3:
            usual[barge.radio].append(float(np.median(np.diff(times))))
        if max(speeds) < 0.3:
            usual["resting"].append(float(np.median(np.diff(times))))
    assert set(usual[Radio.A]) == set(usual[Radio.INLAND]) == {10.0}
    assert set(usual[Radio.B]) == {30.0}
    assert Counter(usual["resting"]).most_common(1)[0][0] == 180.0


def test_everybody_says_who_they_are_every_six_minutes():
    reception = Reception(world())
    list(reception.lines(NOON, NOON + 360))
    kinds = reception.tally.kinds
    silent = sum(b.trouble is Trouble.SILENT for b in world().barges)
    assert len(world().barges) - silent - 12 <= kinds["identity"] <= len(world().barges)
    inland = sum(b.radio is Radio.INLAND for b in world().barges)
    assert inland - silent - 6 <= kinds["inland"] <= inland


def off_by(barge) -> np.ndarray:
    heard = fixes().get(barge.mmsi, [])
    t = np.array([t for t, _ in heard], dtype=np.int64)
    true = world().at(np.full(len(t), barge.index), t)
    east = (np.array([h.lon for _, h in heard]) - true.lon) * M_PER_DEG_LON
    north = (np.array([h.lat for _, h in heard]) - true.lat) * M_PER_DEG_LAT
    return np.hypot(east, north)


def test_clean_barges_are_where_they_say():
    for barge in world().barges:
        if barge.trouble in {Trouble.CLEAN, Trouble.SILENT} and len(off := off_by(barge)):
            assert off.max() < 5 * 3 + 0.5


def test_noise_has_the_spread_that_its_label_says():
    checked = 0
    for barge in world().barges:
        off = off_by(barge)
        if barge.trouble is Trouble.NOISY and len(off) > 100:
            assert 0.75 < np.sqrt(np.mean(off**2) / 2) / barge.sigma_m < 1.25
            checked += 1
    assert checked > 3


def test_jumps_are_far_off_and_inside_their_spells():
    reception = Reception(world())
    jumpy = np.array([b.index for b in world().barges if b.trouble is Trouble.JUMPY])
    spells = reception.jumps.between(jumpy, NOON, NOON + 86_400)
    assert len(spells) > 10 * len(jumpy)
    seen = 0
    for spell in spells[:20]:
        mmsi = world().barges[spell.barge].mmsi
        for t, lines in reception.lines(spell.start - 11, spell.end + 11):
            for line in lines:
                sentence = line[line.rfind(b"\\") + 1 :].strip()
                if sentence[14:15] not in {b"1", b"B"} or not checks(sentence):
                    continue
                heard = decode(sentence)
                if heard.mmsi == mmsi:
                    true = world().at(np.array([spell.barge]), np.array([t]))
                    east = (heard.lon - true.lon[0]) * M_PER_DEG_LON
                    north = (heard.lat - true.lat[0]) * M_PER_DEG_LAT
                    inside = spell.start <= t < spell.end
                    assert (np.hypot(east, north) > 2900) == inside
                    seen += inside
    assert seen > 5


def test_silence_is_silent_and_ends():
    reception = Reception(world())
    silent = np.array([b.index for b in world().barges if b.trouble is Trouble.SILENT])
    spells = reception.silences.between(silent, NOON, NOON + 1800)
    assert spells
    for spell in spells:
        assert 180 <= spell.end - spell.start <= 3600
        times = [t for t, _ in fixes().get(world().barges[spell.barge].mmsi, [])]
        assert not [t for t in times if spell.start <= t < spell.end]
    day = reception.silences.between(silent, NOON, NOON + 86_400)
    assert len(day) > 2 * len(silent)


def test_some_lines_are_heard_twice_with_the_same_payload():
    seen = Counter(line[line.rfind(b"\\") + 1 :] for _, line in half_an_hour())
    twice = [line for line, n in seen.items() if n == 2 and line.startswith(b"!AIVDM,1,1")]
    positions = sum(len(v) for v in fixes().values())
    assert 0.01 < len(twice) / positions < 0.03


def test_about_four_in_a_thousand_are_dirt_of_every_kind():
    barge = np.arange(100_000)
    kind = dirt.kinds(3, barge, np.full(100_000, NOON))
    assert 0.003 < np.mean(kind > 0) < 0.005
    assert set(kind.tolist()) == set(range(len(dirt.KINDS) + 1))


def test_dirt_is_what_its_name_says():
    good = "!AIVDM,1,1,,A,169wue0P0r`b`q4Af5?KHa5@0000,0*40"
    (wrong,) = dirt.spoil("checksum", "JINZE", NOON, good)
    assert wrong.split(b"\\")[2][:-4] == good[:-2].encode()
    assert not checks(wrong.split(b"\\")[2].strip())
    (short,) = dirt.spoil("truncated", "JINZE", NOON, good)
    assert good.encode().startswith(short.split(b"\\")[2].strip())
    assert b"*" not in short.split(b"\\")[2]
    (empty,) = dirt.spoil("empty_payload", "JINZE", NOON, good)
    assert empty.endswith(b"!AIVDM,1,1,,A,,0*26\r\n")
    (other,) = dirt.spoil("other_sentence", "JINZE", NOON, good)
    assert other.startswith(b"$GPZDA,040000.00")
    assert checks(other.strip())
    (rubbish,) = dirt.spoil("rubbish", "JINZE", NOON, good)
    assert min(rubbish[:-2]) >= 0x80
    assert b"\n" not in rubbish[:-1]


def test_load_can_be_asked_for():
    few = World(30, 11)
    usual, heavy = Reception(few), Reception(few, every_s=1)
    lines = [sum(len(x) for _, x in r.lines(NOON, NOON + 60)) for r in (usual, heavy)]
    assert lines[1] > 8 * lines[0]


def test_chance_is_even_and_can_be_asked_again():
    barge = np.arange(50_000)
    draw = uniform(1, Channel.LOSS, barge, 7)
    assert np.array_equal(draw, uniform(1, Channel.LOSS, barge, 7))
    assert 0 < draw.min() < draw.max() < 1
    assert abs(draw.mean() - 0.5) < 0.01
    for other in (
        uniform(2, Channel.LOSS, barge, 7),
        uniform(1, Channel.REPEAT, barge, 7),
        uniform(1, Channel.LOSS, barge, 8),
    ):
        assert abs(np.corrcoef(draw, other)[0, 1]) < 0.02
    east, north = scatter(1, barge, barge, np.full(50_000, 10.0))
    assert abs(east.std() - 10) < 0.2
    assert abs(north.std() - 10) < 0.2
    assert abs(np.corrcoef(east, north)[0, 1]) < 0.02
