"""Whatever comes in: nothing raises, every line has exactly one outcome, chunks do not matter."""

import itertools
from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st
from nmea import ARMOUR, NOW, ais, barge, decoder, parts, tagged, with_checksum

from streams.contracts.messages import Message, Rejected, Sentence, StaticMessage
from streams.sources.lines import LineSplitter

payloads = st.text(alphabet=ARMOUR, max_size=80)
digits = st.sampled_from(["", "0", "1", "2", "3", "9", "x"])
framed = st.builds(
    lambda kind, total, number, sequence, channel, payload, fill: with_checksum(
        f"{kind},{total},{number},{sequence},{channel},{payload},{fill}".encode()
    ),
    st.sampled_from(["AIVDM", "AIVDO", "BSVDM", "ABVDM", "GPGGA", "VDM", ""]),
    digits,
    digits,
    digits,
    st.sampled_from(["A", "B", ""]),
    payloads,
    digits,
)
typed = st.builds(
    # every message type of every length, also those that no encoder would make
    lambda kind, rest, fill: parts(ARMOUR[kind] + rest, fill)[0],
    st.integers(0, 63),
    st.text(alphabet=ARMOUR, min_size=1, max_size=59),
    st.integers(0, 5),
)
stored = st.sampled_from([1, 2, 3, 5, 8, 18, 19, 24, 27])
sound = st.builds(
    lambda kind, rest: parts(ARMOUR[kind] + rest, 0)[0],
    stored,
    st.integers(15, 59).flatmap(lambda n: st.text(alphabet=ARMOUR, min_size=n, max_size=n)),
)
several = st.builds(
    lambda kind, rest, fill, sequence: parts(ARMOUR[kind] + rest, fill, sequence=sequence),
    st.sampled_from([5, 8, 19, 1]),
    st.text(alphabet=ARMOUR, min_size=61, max_size=150),
    st.integers(0, 5),
    st.sampled_from("123"),
)
clocked = st.builds(
    lambda line, clock: tagged(line, b"s:r1,c:%d" % clock), sound, st.integers(0, 2 * 10**12)
)
field = st.binary(max_size=6).map(lambda raw: raw.replace(b"\n", b"").replace(b",", b""))
strange = st.builds(
    lambda fields: with_checksum(b"AIVDM," + b",".join(fields)),
    st.tuples(
        st.sampled_from([b"1", b"2", b"\x00"]),
        st.sampled_from([b"1", b"2", b"\x1b"]),
        field,
        field,
        st.one_of(field, st.just(b"13RlIW?04F1beOVEFLB9bRvH0L0L")),
        st.one_of(field, st.just(b"0")),
    ),
)
starred = st.builds(lambda body, given: b"!" + body + b"*" + given, field, field)
noise = st.binary(max_size=120).map(lambda raw: raw.replace(b"\n", b""))
lines = st.one_of(
    strange,
    starred,
    framed,
    typed,
    sound,
    clocked,
    noise,
    several.flatmap(st.sampled_from),
    st.just(barge()),
)


def outcomes(one_by_one: list[bytes]) -> tuple[list[Sentence], list[Message]]:
    one = decoder()
    sentences = [Sentence("test", NOW, raw, line=n) for n, raw in enumerate(one_by_one)]
    messages = [message for sentence in sentences for message in one.decode(sentence)]
    return sentences, messages + one.flush()


@settings(max_examples=400, deadline=None)
@given(st.lists(lines, max_size=30))
@example([b"", b" ", b"\x00", b"!", b"$", b"\\", b"\\\\", b"*", b"!*00"])
@example([*ais(type=19, mmsi=413000123, lon=120, lat=31), *ais(type=5, mmsi=413000123)])
def test_every_line_has_exactly_one_outcome(given_lines: list[bytes]):
    sentences, messages = outcomes(given_lines)
    told = Counter(message.sentence.line for message in messages)
    twice = {line for line, n in told.items() if n > 1}
    # only type 19 has two: where the vessel is, and who
    kinds = {line: [m for m in messages if m.sentence.line == line] for line in twice}
    for both in kinds.values():
        assert len(both) == 2
        assert isinstance(both[1], StaticMessage | Rejected)
        if isinstance(both[1], StaticMessage):
            assert both[1].report.message_type == 19
    spoken_for = {s.line for s in sentences if s.raw and not s.raw.isspace()}
    assert set(told) == spoken_for


@settings(max_examples=400, deadline=None)
@given(st.lists(lines, max_size=10))
def test_what_is_refused_can_be_looked_up(given_lines: list[bytes]):
    _, messages = outcomes(given_lines)
    for message in messages:
        if isinstance(message, Rejected):
            assert message.detail.isprintable()
            assert message.sentence.raw in message.raw or len(message.raw) == 1024
            assert message.mmsi is None or 0 <= message.mmsi < 2**30


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=3000), st.lists(st.integers(0, 3000), max_size=12))
@example(b"\n\r\n\r\r\n!A\r\n\n", [1, 2, 3])
@example(b"x" * 1024 + b"\n" + b"x" * 1025 + b"\n", [1023, 1024, 1025, 2049])
@example(b"x" * 1024 + b"\r\n" + b" " * 2000 + b"\n", [1024, 1025])
def test_chunks_do_not_matter(stream: bytes, cuts: list[int]):
    def split(pieces: list[bytes]) -> list[Sentence]:
        splitter = LineSplitter("test", offset=7, line=1)
        found = [sentence for piece in pieces for sentence in splitter.feed(piece, NOW)]
        return found + splitter.finish(NOW)

    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[a:b] for a, b in itertools.pairwise(edges)]
    whole = split([stream])
    assert split(pieces) == whole
    assert split([bytes([byte]) for byte in stream]) == whole


@settings(deadline=None)
@given(st.lists(st.binary(max_size=1500).map(lambda raw: raw.replace(b"\n", b"")), max_size=8))
def test_places_lead_back_to_the_bytes(given_lines: list[bytes]):
    stream = b"".join(line + b"\n" for line in given_lines)
    splitter = LineSplitter("test", offset=0, line=1)
    for found in splitter.feed(stream, NOW):
        assert found.offset is not None
        assert found.end is not None
        assert found.line is not None
        original = stream[found.offset : found.end]
        assert original == given_lines[found.line - 1] + b"\n"
        assert found.raw in original
        assert found.length == (len(original) - 1 if len(original) > 1025 else None)
