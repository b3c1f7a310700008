"""Cursors: what a restart reads again, and what it skips."""

from datetime import UTC, datetime, timedelta

from nmea import ais, barge

from streams.batch import BatchBuilder
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import Message, Sentence
from streams.intake import FeedIntake, SourceEnded

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


def decoder() -> AisDecoder:
    return AisDecoder(now=lambda: NOW, retention=timedelta(days=30))


def recording() -> list[Sentence]:
    """Two long messages with their parts far apart, barges and rubbish in between."""
    one = ais(type=5, mmsi=413000001, shipname="ONE", sequence=1)
    two = ais(type=5, mmsi=413000002, shipname="TWO", sequence=2)
    lines = [
        one[0],
        barge(lon=120.90),
        two[0],
        barge(lon=120.91),
        one[1],
        b"rubbish",
        barge(lon=120.92),
        two[1],
        one[0],
    ]
    sentences, at = [], 0
    for number, raw in enumerate(lines, start=1):
        sentences.append(Sentence("ais", NOW, raw, at, at + len(raw) + 1, number))
        at += len(raw) + 1
    return sentences


def told(messages: list[Message]) -> list[str]:
    return [repr(message) for message in messages]


def test_a_restart_anywhere_yields_what_was_left() -> None:
    sentences = recording()
    plain = FeedIntake("ais", decoder(), source_id="file")
    whole = [told(plain.take(sentence)) for sentence in sentences]
    last = told(plain.finish())
    for cut in range(len(sentences) + 1):
        first = FeedIntake("ais", decoder(), source_id="file")
        before = [told(first.take(sentence)) for sentence in sentences[:cut]]
        move = first.move()
        next_offset, pending = (move.next_offset, move.pending) if move else (0, ())
        second = FeedIntake(
            "ais", decoder(), source_id="file", next_offset=next_offset, pending=pending
        )
        again = [s for s in sentences if s.offset is not None and s.offset >= second.resume_offset]
        after = [told(second.take(sentence)) for sentence in again]
        assert before + [found for found in after if found] == [
            *whole[:cut],
            *(found for found in whole[cut:] if found),
        ]
        assert told(second.finish()) == last


def test_the_cursor_moves_once_per_step() -> None:
    sentences = recording()
    intake = FeedIntake("ais", decoder(), source_id="file")
    intake.take(sentences[0])
    move = intake.move()
    assert move is not None
    assert (move.start, move.next_offset, move.pending) == (0, sentences[0].end, (0,))
    assert intake.move() is None
    for sentence in sentences[1:5]:
        intake.take(sentence)
    move = intake.move()
    assert move is not None
    assert (move.start, move.next_offset) == (sentences[0].end, sentences[4].end)
    assert move.pending == (sentences[2].offset,)


def test_a_socket_has_no_cursor() -> None:
    intake = FeedIntake("ais", decoder())
    assert intake.take(Sentence("ais", NOW, barge()))
    assert intake.move() is None
    assert intake.last_fix_at == NOW


def test_batches_hold_the_limit_and_their_cursors() -> None:
    sentences = recording()
    intake = FeedIntake("ais", decoder(), source_id="file")
    builder = BatchBuilder({"ais": intake}, limit=2)
    batches = list(builder.add(sentences))
    builder.end(SourceEnded("ais", final=True))
    batches.append(builder.close())
    assert not builder.started
    assert [len(batch.messages) for batch in batches] == [2, 2, 2, 2, 1]
    moves = [move for batch in batches for move in batch.cursors]
    assert [move.start for move in moves[1:]] == [move.next_offset for move in moves[:-1]]
    assert moves[-1].next_offset == sentences[-1].end
    assert moves[-1].pending == ()
