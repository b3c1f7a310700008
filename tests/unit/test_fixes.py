"""Fixes in columns: each row is that of its message, whatever stands beside it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from nmea import NOW

from domain.positions import Fix
from streams.batch import Batch
from streams.contracts.messages import Message, OtherMessage, PositionMessage, Sentence
from streams.contracts.sentence import station_of
from streams.handlers.fixes import Fixes

BLOCKS = [
    b"",
    b"\\s:JINZE,c:1*00\\",
    b"\\c:1,s:PINGWANG*00\\",
    b"\\s:JINZE",
    b"\r\n\\s:B*1\\",
    b"\\",
]

messages = st.builds(
    lambda feed, block, seconds, fix: PositionMessage(
        Sentence(feed, NOW + timedelta(seconds=seconds), block + b"!AIVDM,1"),
        fix._replace(t=NOW + timedelta(seconds=seconds)),
    ),
    st.sampled_from(["ais", "ais-2"]),
    st.sampled_from(BLOCKS),
    st.integers(0, 300),
    st.builds(
        Fix,
        mmsi=st.integers(1, 5),
        t=st.just(NOW),
        payload_hash=st.integers(-(2**63), 2**63 - 1),
        lon=st.floats(-180, 180),
        lat=st.floats(-90, 90),
        message_type=st.integers(1, 27),
        sog_kn=st.none() | st.floats(0, 102, width=32),
        cog_deg=st.none() | st.floats(0, 359, width=32),
        heading_deg=st.none() | st.integers(0, 359),
        nav_status=st.none() | st.integers(0, 15),
    ),
)


@given(st.lists(messages, max_size=12), st.data())
def test_some_of_them_are_as_if_they_were_alone(
    found: list[PositionMessage], data: st.DataObject
) -> None:
    every = Fixes.of(found)
    chosen = data.draw(
        st.lists(st.integers(0, len(found) - 1), unique=True) if found else st.just([])
    )
    some = every.take(chosen)
    alone = Fixes.of([found[n] for n in chosen])
    assert some.rows.tobytes() == alone.rows.tobytes()
    assert (some.keys, some.receivers, some.messages) == (
        alone.keys,
        alone.receivers,
        alone.messages,
    )
    assert some.arrays.t.tolist() == alone.arrays.t.tolist()
    assert some.heard == every.heard


@given(st.lists(messages, max_size=12))
def test_the_station_is_that_of_each_sentence(found: list[PositionMessage]) -> None:
    every = Fixes.of(found)
    assert every.receivers == [
        (message.sentence.feed_id, station_of(message.sentence.raw)) for message in found
    ]
    assert every.heard.total() == len(found)


def test_other_messages_are_left_out() -> None:
    sentence = Sentence("ais", NOW, b"!AIVDM")
    mixed: list[Message] = [
        OtherMessage(sentence, "ais_4"),
        PositionMessage(sentence, Fix(413_000_001, NOW, 1, 120.9, 31.05, 1)),
    ]
    assert Fixes.of(mixed).messages == mixed[1:]


def test_columns_that_cannot_be_made_are_left_to_the_store() -> None:
    sentence = Sentence("ais", NOW, b"!AIVDM")
    batch = Batch([PositionMessage(sentence, Fix(1, NOW, 1, 120.9, 31.05, 70_000))])
    batch.make_ready()
    assert len(batch.messages) == 1
