"""Recordings and pipes."""

import asyncio
import os
import time
from pathlib import Path

import pytest
from nmea import NOW, ais, barge, decoder, tagged

from domain.errors import InvalidInput
from streams.contracts.messages import Rejected, Sentence
from streams.sources.file import FileSource
from streams.sources.source import Batch, Source
from streams.sources.stdin import StdinSource

LINES = [barge(mmsi=413000000 + n) for n in range(3000)]


async def read(source: Source) -> list[Sentence]:
    queue: asyncio.Queue[Batch] = asyncio.Queue(10_000)
    await asyncio.wait_for(source.read(queue), 30)
    taken: list[Sentence] = []
    while not queue.empty():
        taken += queue.get_nowait()
    return taken


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "day.nmea"
    path.write_bytes(b"\r\n".join(LINES) + b"\r\n")
    return path


# --- files ---------------------------------------------------------------------------------------


async def test_a_file_is_read_with_the_place_of_every_line(recording: Path):
    taken = await read(FileSource(recording, now=lambda: NOW))
    content = b"".join(line + b"\r\n" for line in LINES)
    assert [s.raw for s in taken] == LINES
    assert [s.line for s in taken] == list(range(1, len(LINES) + 1))
    assert [content[s.offset : s.end] for s in taken] == [line + b"\r\n" for line in LINES]


async def test_reading_goes_on_where_a_cursor_stands(recording: Path):
    taken = await read(FileSource(recording))
    for cut in (0, 1, 1500, len(taken) - 1):
        rest = await read(FileSource(recording, offset=taken[cut].end or 0))
        assert [(s.raw, s.offset) for s in rest] == [(s.raw, s.offset) for s in taken[cut + 1 :]]
    assert await read(FileSource(recording, offset=taken[-1].end or 0)) == []


async def test_a_cursor_before_half_a_message_brings_it_whole(tmp_path: Path):
    path = tmp_path / "parts.nmea"
    static = ais(type=5, mmsi=413000123, shipname="HE 1")
    lines = [barge(), static[0], barge(speed=1), static[1], barge(speed=2)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    taken = await read(FileSource(path, now=lambda: NOW))
    for stop in range(1, len(taken) + 1):
        first = decoder()
        before = [m for s in taken[:stop] for m in first.decode(s)]
        pending = min(first.pending_offsets, default=None)
        cursor = taken[stop - 1].end or 0
        second = decoder()
        start = cursor if pending is None else pending
        again = await read(FileSource(path, offset=start, now=lambda: NOW))
        after = [
            m
            for s in again
            if (s.offset or 0) >= cursor or s.offset in first.pending_offsets
            for m in second.decode(s)
        ]
        assert len(before) + len(after) == len(lines)
        assert not any(isinstance(m, Rejected) for m in before + after)


async def test_the_last_line_needs_no_end(tmp_path: Path):
    path = tmp_path / "cut.nmea"
    path.write_bytes(LINES[0] + b"\n" + LINES[1][:30])
    taken = await read(FileSource(path))
    assert [s.raw for s in taken] == [LINES[0], LINES[1][:30]]
    assert taken[-1].end == path.stat().st_size


async def test_a_slow_store_is_waited_for(recording: Path):
    queue: asyncio.Queue[Batch] = asyncio.Queue(1)
    source = FileSource(recording)
    reading = asyncio.create_task(source.read(queue))
    taken: list[Sentence] = []
    while len(taken) < len(LINES):
        taken += await queue.get()
        assert queue.qsize() <= 1
    await reading
    assert [s.raw for s in taken] == LINES


async def test_stop_leaves_the_rest_to_the_cursor(recording: Path):
    queue: asyncio.Queue[Batch] = asyncio.Queue(1)
    source = FileSource(recording)
    reading = asyncio.create_task(source.read(queue))
    taken = await queue.get()
    source.stop()
    while not reading.done() or not queue.empty():
        if queue.empty():
            await asyncio.wait({reading})
        else:
            taken += queue.get_nowait()
            await asyncio.sleep(0)
    rest = await read(FileSource(recording, offset=taken[-1].end or 0))
    assert [s.raw for s in taken + rest] == LINES
    assert not source.connected


async def test_its_own_pace(tmp_path: Path):
    path = tmp_path / "paced.nmea"
    clock = 1_772_366_000
    lines = [tagged(barge(speed=n), b"c:%d" % (clock + 10 * (n // 2))) for n in range(6)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    queue: asyncio.Queue[Batch] = asyncio.Queue(100)
    started = time.monotonic()
    await FileSource(path, speed=200).read(queue)
    assert time.monotonic() - started >= 0.1  # 20 recorded seconds
    batches = [queue.get_nowait() for _ in range(queue.qsize())]
    assert [[s.raw for s in batch] for batch in batches] == [lines[:2], lines[2:4], lines[4:]]
    arrivals = [batch[0].arrived_at for batch in batches]
    assert arrivals == sorted(arrivals)
    assert arrivals[0] < arrivals[-1]


async def test_stop_while_waiting_for_the_next_line(tmp_path: Path):
    path = tmp_path / "paced.nmea"
    lines = [tagged(barge(), b"c:%d" % (1_772_366_000 + 3600 * n)) for n in range(2)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    queue: asyncio.Queue[Batch] = asyncio.Queue(100)
    source = FileSource(path, speed=1)
    reading = asyncio.create_task(source.read(queue))
    assert [s.raw for s in await queue.get()] == lines[:1]
    source.stop()
    await asyncio.wait_for(reading, 10)
    assert queue.empty()


def test_a_file_that_grew_is_the_same_another_one_is_not(recording: Path):
    before = FileSource(recording).source_id
    with recording.open("ab") as file:
        file.write(LINES[0] + b"\n")
    assert FileSource(recording).source_id == before
    recording.write_bytes(LINES[5] + b"\n")
    assert FileSource(recording).source_id != before


def test_what_cannot_be_read_is_said(tmp_path: Path, recording: Path):
    with pytest.raises(InvalidInput, match="No such file"):
        FileSource(tmp_path / "nothing")
    with pytest.raises(InvalidInput, match="directory"):
        FileSource(tmp_path)
    with pytest.raises(InvalidInput, match="the cursor stands at"):
        FileSource(recording, offset=recording.stat().st_size + 1)
    with pytest.raises(InvalidInput, match="speed"):
        FileSource(recording, speed=0)


# --- standard input ------------------------------------------------------------------------------


async def test_a_pipe_is_read_to_its_end():
    reader, writer = os.pipe()
    source = StdinSource(reader, now=lambda: NOW)
    queue: asyncio.Queue[Batch] = asyncio.Queue(1)
    reading = asyncio.create_task(source.read(queue))
    os.write(writer, LINES[0] + b"\n" + LINES[1][:10])
    assert [(s.raw, s.line) for s in await queue.get()] == [(LINES[0], 1)]
    os.write(writer, LINES[1][10:] + b"\n" + LINES[2][:9])
    assert [(s.raw, s.line) for s in await queue.get()] == [(LINES[1], 2)]
    os.close(writer)
    assert [s.raw for s in await queue.get()] == [LINES[2][:9]]
    await asyncio.wait_for(reading, 10)
    os.close(reader)


async def test_stop_on_a_silent_pipe_returns_at_once():
    reader, writer = os.pipe()
    source = StdinSource(reader)
    reading = asyncio.create_task(source.read(asyncio.Queue(1)))
    await asyncio.sleep(0)
    assert source.connected
    source.stop()
    await asyncio.wait_for(reading, 10)
    os.close(writer)
    os.close(reader)


async def test_a_redirected_file_is_read_like_a_pipe(recording: Path):
    with recording.open("rb") as file:
        taken = await read(StdinSource(file.fileno()))
    assert [s.raw for s in taken] == LINES
    assert {s.offset for s in taken} == {None}
