"""The spool as a queue: in order, over restarts, within its bound, and whatever its files hold."""

import errno
import os
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.errors import InvalidInput
from streams.relay.cursor import Cursor, Position
from streams.relay.entry import Entry, framed, head_of
from streams.relay.segment import Segment
from streams.relay.spool import Spool, Taken

LIMIT = 1_000_000


def entry(number: int, size: int = 100, messages: int = 3) -> Entry:
    value = b'{"v":1,"n":%d,"x":"%s"}' % (number, b"x" * size)
    return Entry("vessel.positions", b"413000123", value, messages, 12)


def opened(folder: Path, limit: int = LIMIT, **options: int) -> Spool:
    return Spool(folder, limit_bytes=limit, **options)


def everything(spool: Spool) -> list[Taken]:
    found = []
    while (taken := spool.take()) is not None:
        found.append(taken)
    return found


def numbers(found: list[Taken]) -> list[Entry]:
    return [one.entry for one in found]


def test_what_goes_in_comes_out_in_order(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    given_in = [entry(n) for n in range(50)]
    spool.append(given_in[:20])
    spool.append(given_in[20:])
    assert spool.pending_messages == 150
    found = everything(spool)
    assert numbers(found) == given_in
    for taken in found:
        spool.done(taken)
    assert spool.empty
    assert spool.pending_messages == 0
    spool.close()
    assert not list(tmp_path.glob("*.spool"))


def test_a_death_at_any_moment_loses_nothing_and_sends_only_the_undone_again(
    tmp_path: Path,
) -> None:
    spool = opened(tmp_path, segment_bytes=1500)
    spool.append([entry(n) for n in range(30)])
    for n in range(30, 60):
        spool.append([entry(n)])
    for taken in everything(spool)[:25]:
        spool.done(taken)
    kill(spool)
    spool = opened(tmp_path)
    assert spool.pending_messages == 35 * 3
    spool.append([entry(60)])
    assert numbers(everything(spool)) == [entry(n) for n in range(25, 61)]
    spool.rewind()
    assert numbers(everything(spool)) == [entry(n) for n in range(25, 61)]
    spool.close()


def kill(spool: Spool) -> None:
    """What SIGKILL leaves: descriptors closed by the kernel, nothing else done."""
    for one in spool._segments:
        one.close()
    spool._cursor.close()
    os.close(spool._lock)


def test_a_second_relay_is_refused(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    with pytest.raises(InvalidInput, match="another relay"):
        opened(tmp_path)
    spool.close()
    opened(tmp_path).close()


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidInput, match="spool: "):
        opened(tmp_path / "file")


def test_a_full_spool_gives_up_the_oldest_and_counts_it(tmp_path: Path) -> None:
    spool = opened(tmp_path, 20_000)
    for n in range(400):
        spool.append([entry(n)])
        assert spool.pending_bytes <= 20_000
    found = numbers(everything(spool))
    assert found == [entry(n) for n in range(400 - len(found), 400)]
    assert spool.dropped == (400 - len(found)) * 3
    assert spool.pending_messages == len(found) * 3
    assert sum(path.stat().st_size for path in tmp_path.glob("*.spool")) <= 20_000
    spool.close()


def test_given_up_while_in_flight(tmp_path: Path) -> None:
    """Half of a segment is done, the rest is on its way; then the segment is given up."""
    spool = opened(tmp_path, 20_000)
    spool.append([entry(n) for n in range(5)])
    flying = everything(spool)
    spool.done(flying[0])
    sent = 5
    while not spool.dropped:
        spool.append([entry(sent)])
        sent += 1
    dropped, pending = spool.dropped, spool.pending_messages
    for taken in flying[1:]:
        spool.done(taken)
    assert (spool.dropped, spool.pending_messages) == (dropped, pending)
    assert 3 + dropped + pending == sent * 3
    rest = everything(spool)
    assert rest[-1].entry == entry(sent - 1)
    for taken in rest:
        spool.done(taken)
    assert spool.empty
    spool.close()


def test_a_disk_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory holds a little, in order; when the disk takes something again, it is used again."""
    spool = opened(tmp_path, LIMIT, segment_bytes=2_000)
    spool.append([entry(0)])
    write, create = Segment.append, Segment.create

    def refuse(one: Segment, data: bytes, messages: int) -> None:
        if one.on_disk:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(one, data, messages)

    def refuse_new(folder: Path, number: int) -> Segment:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Segment, "append", refuse)
    monkeypatch.setattr(Segment, "create", refuse_new)
    for n in range(1, 60):
        spool.append([entry(n)])
    assert spool.fault == "No space left on device"
    assert sum(not one.on_disk for one in spool._segments) <= 2
    assert spool.dropped > 0
    monkeypatch.setattr(Segment, "append", write)
    monkeypatch.setattr(Segment, "create", create)
    for n in range(60, 90):
        spool.append([entry(n)])
    assert spool.fault is None
    found = [one.entry for one in everything(spool)]
    assert found[0] == entry(0)
    assert found[1:] == [entry(n) for n in range(90 - len(found) + 1, 90)]
    assert (len(found) * 3) + spool.dropped == 90 * 3
    for taken in [*everything(spool)]:
        spool.done(taken)
    spool.close()


def test_half_a_write_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = Segment.create(tmp_path, 1)
    segment.append(framed(entry(1)), 3)
    write = os.write
    monkeypatch.setattr("os.write", half_then_full(write))
    with pytest.raises(OSError, match="No space"):
        segment.append(framed(entry(2)), 3)
    monkeypatch.undo()
    segment.append(framed(entry(3)), 3)
    first = segment.read(0)
    assert first is not None
    second = segment.read(first.end)
    assert second is not None
    assert second.entry == entry(3)
    assert second.end == segment.size
    segment.close()


def half_then_full(write):  # type: ignore[no-untyped-def]
    calls = iter([True])

    def once(descriptor: int, data: bytes) -> int:
        if next(calls, False):
            return int(write(descriptor, data[: len(data) // 2]))
        raise OSError(errno.ENOSPC, "No space left on device")

    return once


ENTRIES = [entry(n, size=n * 7 % 90) for n in range(20)]
FRAMES = [framed(one) for one in ENTRIES]


@given(st.integers(0, sum(map(len, FRAMES))))
@settings(max_examples=150)
def test_a_torn_tail_costs_only_what_is_torn(tmp_path_factory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("torn")
    (folder / "0000000000000001.spool").write_bytes(b"".join(FRAMES)[:cut])
    spool = opened(folder)
    whole = 0
    while sum(map(len, FRAMES[: whole + 1])) <= cut and whole < len(FRAMES):
        whole += 1
    assert spool.pending_messages == whole * 3
    spool.append([entry(99)])
    assert numbers(everything(spool)) == [*ENTRIES[:whole], entry(99)]
    assert spool.damaged == cut - sum(map(len, FRAMES[:whole]))
    spool.close()


@given(st.integers(0, sum(map(len, FRAMES)) - 1), st.integers(0, 7))
@settings(max_examples=150)
def test_a_flipped_bit_costs_one_record(tmp_path_factory, place: int, bit: int) -> None:
    folder = tmp_path_factory.mktemp("flipped")
    data = bytearray(b"".join(FRAMES))
    data[place] ^= 1 << bit
    (folder / "0000000000000001.spool").write_bytes(data)
    spool = opened(folder)
    hit = next(n for n in range(20) if place < sum(map(len, FRAMES[: n + 1])))
    found = everything(spool)
    assert numbers(found) == [*ENTRIES[:hit], *ENTRIES[hit + 1 :]]
    assert spool.damaged == len(FRAMES[hit])
    spool.rewind()
    assert len(everything(spool)) == 19
    assert spool.damaged == len(FRAMES[hit])
    for taken in found:
        spool.done(taken)
    spool.close()


@given(st.binary(max_size=2_000), st.integers(0, 20))
@settings(max_examples=150)
def test_no_bytes_break_it(tmp_path_factory, noise: bytes, where: int) -> None:
    folder = tmp_path_factory.mktemp("noise")
    data = b"".join([*FRAMES[:where], noise, *FRAMES[where:]])
    (folder / "0000000000000001.spool").write_bytes(data)
    (folder / "sent").write_bytes(noise)
    spool = opened(folder)
    found = numbers(everything(spool))
    assert [one for one in found if one in ENTRIES] == ENTRIES
    spool.close()


def test_a_cursor_survives_a_torn_write_of_either_slot(tmp_path: Path) -> None:
    path = tmp_path / "sent"
    cursor = Cursor(path)
    for n in range(1, 6):
        cursor.move(Position(1, n * 10))
    cursor.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + b"\0" * 8 + whole[48:])  # the newer slot
    assert Cursor(path).position == Position(1, 40)
    path.write_bytes(b"\0" * 8 + whole[8:])
    assert Cursor(path).position == Position(1, 50)


def test_a_head_of_an_impossible_length_is_none() -> None:
    assert head_of(framed(entry(1))) is not None
    assert head_of(b"\xf5WS1" + b"\xff" * 16) is None
    assert head_of(b"") is None


class Queue(RuleBasedStateMachine):
    """Against a plain queue: appends, takes, acknowledgements, rewinds, deaths, restarts."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.spool = self.open()
        self.known: deque[Entry] = deque()
        self.flying: deque[Taken] = deque()
        self.count = 0

    def open(self) -> Spool:
        return opened(Path(self.folder.name), segment_bytes=800)

    @rule(sizes=st.lists(st.integers(0, 400), min_size=1, max_size=5))
    def append(self, sizes: list[int]) -> None:
        made = [entry(self.count + n, size) for n, size in enumerate(sizes)]
        self.count += len(made)
        self.spool.append(made)
        self.known += made

    @rule(count=st.integers(1, 6))
    def take(self, count: int) -> None:
        for _ in range(count):
            taken = self.spool.take()
            if taken is None:
                assert len(self.flying) == len(self.known)
                return
            assert taken.entry == self.known[len(self.flying)]
            self.flying.append(taken)

    @rule(count=st.integers(1, 6))
    def done(self, count: int) -> None:
        for _ in range(min(count, len(self.flying))):
            self.spool.done(self.flying.popleft())
            self.known.popleft()

    @rule()
    def rewind(self) -> None:
        self.spool.rewind()
        self.flying.clear()

    @rule(orderly=st.booleans())
    def restart(self, orderly: bool) -> None:
        if orderly:
            self.spool.close()
        else:
            kill(self.spool)
        self.spool = self.open()
        self.flying.clear()

    @invariant()
    def agrees(self) -> None:
        assert self.spool.pending_messages == 3 * len(self.known)
        assert self.spool.empty == (not self.known)
        assert self.spool.damaged == self.spool.dropped == 0

    def teardown(self) -> None:
        self.spool.close()
        self.folder.cleanup()


Queue.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestQueue = Queue.TestCase
