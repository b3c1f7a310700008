"""Messages in several parts: put together, mixed up, cut off, given up."""

import itertools
from datetime import timedelta

import pytest
from nmea import NOW, ais, barge, decode, decoder, parts, sentence, tagged, with_checksum

from domain.positions import Rejection
from streams.contracts.assembly import FILE_WINDOW
from streams.contracts.messages import OtherMessage, PositionMessage, Rejected, StaticMessage


def static(name: str, sequence: int = 1, mmsi: int = 413000123) -> list[bytes]:
    return ais(type=5, mmsi=mmsi, shipname=name, sequence=sequence)


def names(messages: list[object]) -> list[str | None]:
    return [m.report.name for m in messages if isinstance(m, StaticMessage)]


def orphans(messages: list[object]) -> list[bytes]:
    found = [m for m in messages if isinstance(m, Rejected)]
    assert {m.reason for m in found} <= {Rejection.ORPHAN_PART}
    return [m.raw for m in found]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_parts_come_in_any_order(order: tuple[int, ...]):
    whole = b"".join(line.split(b",")[5] for line in static("ANY ORDER")).decode()
    lines = parts(whole, 2, size=20)
    assert len(lines) == 4
    *held, message = decode(*(lines[at] for at in order))
    assert held == [OtherMessage(sentence(lines[at]), "part") for at in order[:-1]]
    assert names([message]) == ["ANY ORDER"]


def test_two_stations_interleaved_under_different_numbers():
    (a1, a2), (b1, b2) = static("FIRST", 1), static("SECOND", 2)
    assert names(decode(a1, b1, b2, a2)) == ["SECOND", "FIRST"]


def test_interleaved_under_the_same_number_but_another_channel():
    (a1, a2) = static("FIRST", 1)
    b1, b2 = (with_checksum(line[1:-3].replace(b",A,", b",B,")) for line in static("SECOND", 1))
    assert sorted(names(decode(a1, b1, a2, b2))) == ["FIRST", "SECOND"]


def test_interleaved_under_the_same_number_told_apart_by_station():
    (a1, a2), (b1, b2) = static("FIRST", 1), static("SECOND", 1)
    first = [tagged(line, b"s:r1,c:%d" % NOW.timestamp()) for line in (a1, a2)]
    second = [tagged(line, b"s:r2,c:%d" % NOW.timestamp()) for line in (b1, b2)]
    assert names(decode(first[0], second[0], first[1], second[1])) == ["FIRST", "SECOND"]


def test_interleaved_under_the_same_number_told_apart_by_group():
    (a1, a2), (b1, b2) = static("FIRST", 1), static("SECOND", 1)
    first = tagged(a1, b"g:1-2-100,s:r1"), tagged(a2, b"g:2-2-100")
    second = tagged(b1, b"g:1-2-101,s:r1"), tagged(b2, b"g:2-2-101")
    assert names(decode(first[0], second[0], second[1], first[1])) == ["SECOND", "FIRST"]


def test_only_the_first_part_has_a_tag_block():
    clock = NOW - timedelta(minutes=5)
    first, second = static("HE 1")
    messages = decode(tagged(first, b"s:r1,c:%d" % clock.timestamp()), second)
    (report,) = [m.report for m in messages if isinstance(m, StaticMessage)]
    assert report.t == clock.replace(microsecond=0)


def test_parts_without_a_number_still_find_each_other():
    lines = [with_checksum(line[1:-3].replace(b",1,A,", b",,A,")) for line in static("HE 1")]
    assert names(decode(*lines)) == ["HE 1"]


def test_a_part_that_stays_alone_is_told_once():
    first, second = static("HE 1")
    for lonely in (first, second):
        messages = decode(lonely, barge())
        assert orphans(messages) == [lonely]
        assert sum(isinstance(m, PositionMessage) for m in messages) == 1


def test_the_number_used_again_gives_the_older_part_up():
    (a1, _), (b1, b2) = static("FIRST", 1), static("SECOND", 1)
    messages = decode(a1, b1, b2)
    assert orphans(messages) == [a1]
    assert names(messages) == ["SECOND"]


def test_a_repeated_part_is_not_lost_from_the_count():
    first, second = static("HE 1")
    messages = decode(first, first, second, second)
    assert names(messages) == ["HE 1"]
    assert orphans(messages) == [first, second]


def test_too_late_is_alone():
    one = decoder(part_timeout=timedelta(seconds=10))
    first, second = static("HE 1")
    assert one.decode(sentence(first)) == []
    assert orphans(one.decode(sentence(barge(), at=NOW + timedelta(seconds=11)))) == [first]
    assert one.decode(sentence(second, at=NOW + timedelta(seconds=12))) == []
    assert orphans(one.flush()) == [second]
    assert one.flush() == []


def test_in_time_is_together():
    one = decoder(part_timeout=timedelta(seconds=10))
    first, second = static("HE 1")
    one.decode(sentence(first))
    assert names(one.decode(sentence(second, at=NOW + timedelta(seconds=9)))) == ["HE 1"]


def test_in_a_recording_the_receivers_clock_tells_apart():
    first, second = static("HE 1")
    early = tagged(first, b"c:%d" % (NOW.timestamp() - 60))
    late = tagged(second, b"c:%d" % NOW.timestamp())
    assert orphans(decode(early, late)) == [early, late]


def test_in_a_recording_the_distance_counts_and_not_how_fast_it_is_read():
    first, second = static("HE 1")
    much_later = NOW + timedelta(hours=1)
    one = decoder(now=lambda: much_later)
    one.decode(sentence(first, offset=0, end=50))
    assert names(one.decode(sentence(second, at=much_later, offset=50, end=100))) == ["HE 1"]

    one.decode(sentence(first, offset=100, end=150))
    for n in range(FILE_WINDOW):
        assert orphans(one.decode(sentence(b"", offset=150 + n, end=151 + n))) == []
    assert orphans(one.decode(sentence(second, offset=9000, end=9050))) == [first]


def test_what_waits_is_bounded():
    one = decoder(part_limit=8)
    firsts = [
        tagged(parts("5" * 70, 2, sequence="1")[0], b"s:r%d" % station) for station in range(50)
    ]
    found = [orphan for line in firsts for orphan in orphans(one.decode(sentence(line)))]
    assert found == firsts[:42]
    assert orphans(one.flush()) == firsts[42:]


def test_an_unsound_whole_is_refused_with_all_its_bytes():
    lines = parts("1" + "0" * 70, 0)
    part, refused = decode(*lines)
    assert part == OtherMessage(sentence(lines[0]), "part")
    assert isinstance(refused, Rejected)
    assert refused.reason is Rejection.UNDECODABLE
    assert refused.raw == b"\n".join(lines)


def test_an_empty_part_is_refused_and_leaves_the_other_alone():
    first, _ = static("HE 1")
    empty = with_checksum(b"AIVDM,2,2,1,A,,0")
    reasons = [m.reason for m in decode(first, empty) if isinstance(m, Rejected)]
    assert reasons == [Rejection.EMPTY_PAYLOAD, Rejection.ORPHAN_PART]


# --- cursors -------------------------------------------------------------------------------------


def test_a_cursor_never_skips_half_a_message():
    lines = [barge(), *static("FIRST", 1)[:1], barge(), *static("SECOND", 2), barge()]
    lines.insert(5, static("FIRST", 1)[1])
    one = decoder()
    pending = []
    offset = 0
    for line in lines:
        end = offset + len(line) + 1
        one.decode(sentence(line, offset=offset, end=end))
        pending.append(list(one.pending_offsets))
        offset = end
    starts = list(itertools.accumulate((len(line) + 1 for line in lines), initial=0))
    first, second = starts[1], starts[3]
    assert pending == [
        [],
        [first],
        [first],
        [first, second],
        [first],
        [],
        [],
    ]


def test_sockets_have_no_cursor():
    one = decoder()
    one.decode(sentence(static("HE 1")[0]))
    assert one.pending_offsets == []
