"""Records of the two AIS topics: what goes in comes out, and a bad item is alone with its fault."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st
from nmea import NOW

from domain.positions import Fix, Rejection, StaticReport
from streams.contracts.contract import BadRecord
from streams.contracts.items import SentenceItem, microseconds
from streams.contracts.messages import (
    OtherMessage,
    PositionMessage,
    Rejected,
    Sentence,
    StaticMessage,
)
from streams.contracts.records import (
    RECEIVERS,
    VESSELS,
    ReceiverBatch1,
    encode_receiver,
    encode_vessels,
    read,
)
from streams.topics.keys import partition_of, vessel_key

MOMENTS = st.integers(0, 4_000_000_000_000_000).map(
    lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
SECONDS = MOMENTS.map(lambda at: at.replace(microsecond=0))
SENTENCES = st.builds(
    Sentence,
    st.just("ais"),
    MOMENTS,
    st.binary(max_size=120),
    st.none() | st.integers(0, 2**40),
)
MMSIS = st.integers(1, 999_999_999)
WORDS = st.none() | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)
FIXES = st.builds(
    Fix,
    MMSIS,
    SECONDS,
    st.integers(-(2**63), 2**63 - 1),
    st.floats(-180, 180),
    st.floats(-90, 90),
    st.sampled_from([1, 2, 3, 18, 19, 27]),
    st.none() | st.floats(0, 102.2),
    st.none() | st.floats(0, 360, exclude_max=True),
    st.none() | st.integers(0, 359),
    st.none() | st.integers(0, 14),
)
REPORTS = st.builds(
    StaticReport,
    mmsi=MMSIS,
    t=SECONDS,
    message_type=st.sampled_from([5, 19, 24]),
    name=WORDS,
    callsign=WORDS,
    eni=WORDS,
    destination=WORDS,
    imo=st.none() | st.integers(1, 2**30),
    ship_type=st.none() | st.integers(0, 255),
    inland_type=st.none() | st.integers(0, 9999),
    length_m=st.none() | st.floats(0, 1022),
    beam_m=st.none() | st.floats(0, 126),
    draught_m=st.none() | st.floats(0, 25.5),
    hazard=st.none() | st.integers(0, 7),
    loaded_raw=st.none() | st.integers(0, 3),
)
VESSEL_MESSAGES = st.builds(PositionMessage, SENTENCES, FIXES) | st.builds(
    StaticMessage, SENTENCES, REPORTS
)
RECEIVER_MESSAGES = st.builds(
    OtherMessage, SENTENCES, st.sampled_from(["part", "ais_4", "GPGGA"]), st.none() | MMSIS
) | st.builds(
    Rejected,
    SENTENCES,
    st.sampled_from(Rejection),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.binary(max_size=60),
    st.none() | st.integers(0, 2**30 - 1),
)


@given(st.lists(VESSEL_MESSAGES, max_size=8))
def test_vessels_messages_come_out_as_they_went_in(messages: list[Any]) -> None:
    found = read(VESSELS, encode_vessels("ais", messages, relay="relay-1"))
    assert (found.feed_id, found.messages, found.faults) == ("ais", messages, [])


@given(st.lists(RECEIVER_MESSAGES, max_size=8))
def test_a_receivers_messages_come_out_as_they_went_in(messages: list[Any]) -> None:
    found = read(RECEIVERS, encode_receiver("ais", messages))
    assert (found.messages, found.unread, found.faults) == (messages, [], [])


@given(st.lists(SENTENCES, max_size=8))
def test_sentences_are_forwarded_unread(sentences: list[Sentence]) -> None:
    items = [
        SentenceItem(
            microseconds(one.arrived_at), one.raw.decode("latin-1"), one.offset, one.length
        )
        for one in sentences
    ]
    found = read(RECEIVERS, RECEIVERS.encode(ReceiverBatch1("ais", items)))
    assert (found.messages, found.unread) == ([], sentences)


def fix(mmsi: int = 413000123) -> PositionMessage:
    at = NOW.replace(microsecond=0)
    return PositionMessage(Sentence("ais", NOW, b"!AIVDM"), Fix(mmsi, at, -7, 120.9, 31.05, 1))


def test_a_recordings_name_and_place_travel_along() -> None:
    at = Sentence("ais", NOW, b"x", 4711)
    (message,) = read(VESSELS, encode_vessels("ais", [fix()], source_id="day.nmea")).messages
    assert message.sentence.source_id == "day.nmea"
    (other,) = read(RECEIVERS, encode_receiver("ais", [OtherMessage(at, "ais_4")])).messages
    assert (other.sentence.offset, other.sentence.source_id) == (4711, None)


@pytest.mark.parametrize(
    "change",
    [
        ("mmsi", 3, 0),
        ("mmsi is a word", 3, "413"),
        ("time", 4, -1),
        ("longitude", 6, 181),
        ("unknown longitude", 6, None),
        ("heading", 11, 400),
        ("bytes beyond ISO 8859-1", 2, "沪"),
    ],
    ids=lambda change: change[0],
)
def test_a_bad_item_leaves_its_neighbours_alone(change: tuple[str, int, Any]) -> None:
    value = json.loads(encode_vessels("ais", [fix(1), fix(2), fix(3)]))
    value["items"][1][change[1]] = change[2]
    found = read(VESSELS, json.dumps(value).encode())
    assert found.messages == [fix(1), fix(3)]
    ((detail, raw),) = found.faults
    assert detail
    assert json.loads(raw) == value["items"][1]


@pytest.mark.parametrize(
    "value",
    [None, b"", b"{", b"[]", b"\xff", b'{"v":1}', b'{"v":2,"feed":"a","items":[]}', b"[" * 5000],
    ids=["null", "empty", "cut", "list", "no text", "no fields", "unknown version", "deep"],
)
def test_what_is_no_batch_is_refused_whole(value: bytes | None) -> None:
    with pytest.raises(BadRecord):
        read(VESSELS, value)


def test_a_fix_is_no_business_of_the_receivers_topic() -> None:
    found = read(RECEIVERS, encode_vessels("ais", [fix()]))
    assert (found.messages, len(found.faults)) == ([], 1)


def test_unknown_fields_are_passed_over() -> None:
    value = json.loads(encode_vessels("ais", [fix()]))
    value["colour"] = "red"
    value["items"][0] += [None, "later"]
    assert read(VESSELS, json.dumps(value).encode()).messages == [fix()]


@given(MMSIS, st.integers(1, 50))
def test_a_vessel_lies_where_the_java_client_puts_it(mmsi: int, count: int) -> None:
    partitions = list(range(count))
    expected = DefaultPartitioner()(vessel_key(mmsi), partitions, partitions)
    assert partition_of(vessel_key(mmsi), count) == expected


def test_microseconds_are_exact() -> None:
    at = datetime(2026, 3, 1, 12, 0, 30, 1, tzinfo=UTC) + timedelta(microseconds=998)
    message = OtherMessage(Sentence("ais", at, b""), "ais_4")
    assert read(RECEIVERS, encode_receiver("ais", [message])).messages == [message]
