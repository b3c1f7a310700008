"""Records: each vessel in its partition, in order, none too long, whatever the bytes."""

from hypothesis import given
from hypothesis import strategies as st
from nmea import NOW, ais, barge, decoder, sentence

from streams.contracts.contract import VALUE_LIMIT
from streams.contracts.messages import (
    Message,
    OtherMessage,
    PositionMessage,
    Rejected,
    StaticMessage,
)
from streams.contracts.records import RECEIVERS, VESSELS, read
from streams.relay.entry import Entry
from streams.relay.packing import VALUE_MOST, Packer
from streams.topics.keys import partition_of, vessel_key


def decoded(*lines: bytes) -> list[Message]:
    one = decoder()
    return [message for line in lines for message in one.decode(sentence(line))]


def packer(most: int = 500) -> Packer:
    return Packer(relay="mast-1", most=most)


def contents(entries: list[Entry], topic: str) -> list[Message]:
    contract = VESSELS if topic == VESSELS.name else RECEIVERS
    found: list[Message] = []
    for entry in entries:
        if entry.topic == topic:
            batch = read(contract, entry.value)
            assert not batch.faults
            assert len(batch.messages) == entry.messages
            found += batch.messages
    return found


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=200), st.integers(1, 40), st.integers(1, 30)
)
def test_every_vessel_is_in_its_partition_and_in_order(
    vessels: list[int], most: int, partitions: int
) -> None:
    one = packer(most)
    one.partitions = partitions
    lines = [
        barge(mmsi=413000000 + n, lon=round(120 + place * 0.0001, 4))
        for place, n in enumerate(vessels)
    ]
    messages = decoded(*lines)
    entries = [entry for message in messages for entry in one.add("test", None, [message])]
    assert one.started == (len(messages) > sum(entry.messages for entry in entries))
    entries += one.close()
    assert not one.started
    assert sum(entry.messages for entry in entries) == len(messages)
    for entry in entries:
        assert entry.messages <= most
        mine = [m.fix.mmsi for m in read(VESSELS, entry.value).messages]  # type: ignore[union-attr]
        assert entry.key == vessel_key(mine[0])
        assert len({partition_of(vessel_key(mmsi), partitions) for mmsi in mine}) == 1
    assert_same_per_vessel(contents(entries, VESSELS.name), messages)
    # and for a broker that has another number of them
    other = partitions % 7 + 1
    again = [new for entry in entries for new in one.regroup(entry, other)]
    for entry in again:
        mine = [m.fix.mmsi for m in read(VESSELS, entry.value).messages]  # type: ignore[union-attr]
        assert len({partition_of(vessel_key(mmsi), other) for mmsi in mine}) == 1
    assert_same_per_vessel(contents(again, VESSELS.name), messages)


def assert_same_per_vessel(found: list[Message], expected: list[Message]) -> None:
    for mmsi in {m.fix.mmsi for m in expected if isinstance(m, PositionMessage)}:
        assert [m for m in found if isinstance(m, PositionMessage) and m.fix.mmsi == mmsi] == [
            m for m in expected if isinstance(m, PositionMessage) and m.fix.mmsi == mmsi
        ]
    assert len(found) == len(expected)


def test_what_is_no_vessel_goes_by_receiver() -> None:
    messages = decoded(
        *ais(type=5, mmsi=413000123, shipname="HU"),
        barge(lon=181),
        b"noise \xff",
        *ais(type=4, mmsi=4130001),
    )
    one = packer()
    entries = one.add("mast-ä", "file:x#1", messages) + one.close()
    vessels, rest = contents(entries, VESSELS.name), contents(entries, RECEIVERS.name)
    assert [type(m) for m in vessels] == [StaticMessage]
    assert [type(m) for m in rest] == [OtherMessage, Rejected, Rejected, OtherMessage]
    assert {e.key for e in entries if e.topic == RECEIVERS.name} == {"mast-ä".encode()}
    assert {m.sentence.source_id for m in [*vessels, *rest]} == {"file:x#1"}
    assert {m.sentence.feed_id for m in [*vessels, *rest]} == {"mast-ä"}
    assert {m.sentence.arrived_at for m in [*vessels, *rest]} == {NOW}


def test_feeds_do_not_mix() -> None:
    one = packer()
    messages = decoded(barge())
    assert one.add("a", None, messages) == one.add("b", None, messages) == []
    assert {read(VESSELS, entry.value).feed_id for entry in one.close()} == {"a", "b"}


def test_hostile_bytes_make_more_records_and_no_long_one() -> None:
    """Zero bytes take six characters each in JSON."""
    one = packer(most=5000)
    messages = decoded(*[b"\x01" * 1024] * 600)
    entries = one.add("test", None, messages) + one.close()
    assert max(len(entry.value) for entry in entries) <= VALUE_MOST < VALUE_LIMIT
    assert len(entries) > 10
    assert contents(entries, RECEIVERS.name) == messages
    longest = decoded(b"\x01" * 1024)
    assert one.add("test", None, longest) == []
    assert len(one.close()) == 1
