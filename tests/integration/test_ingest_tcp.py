"""Sentences over TCP into the running command: a real recording, our own, and hostile bytes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest
from ingest_process import IngestProcess, free_port, sender, settled
from nmea import ais, barge, tagged
from samples import samples

from seed.history import write_history
from streams.contracts.ais import AisDecoder
from streams.contracts.messages import PositionMessage, Rejected, Sentence

STORED = "select coalesce(sum(n), 0)::int from feed_count where outcome not like 'flag%'"


@pytest.fixture
async def store(layered_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(layered_url)
    yield connection
    await connection.close()


def outcomes_of(lines: list[bytes]) -> tuple[Counter[str], set[tuple[int, datetime, int, int]]]:
    """Rejections by reason and the keys of accepted fixes, as the decoder says."""
    now = datetime.now(UTC)
    decoder = AisDecoder(now=lambda: now, retention=timedelta(days=30))
    found = [message for line in lines for message in decoder.decode(Sentence("x", now, line))]
    found += decoder.flush()
    return (
        Counter(message.reason.value for message in found if isinstance(message, Rejected)),
        {
            (
                message.fix.mmsi,
                message.fix.t,
                message.fix.payload_hash,
                message.fix.message_type,
            )
            for message in found
            if isinstance(message, PositionMessage)
        },
    )


async def send_paced(port: int, lines: list[bytes], over_s: float) -> None:
    """Send `lines` evenly over `over_s` seconds, then leave."""
    _, writer = await sender(port)
    loop = asyncio.get_running_loop()
    start = loop.time()
    for number, line in enumerate(lines):
        due = start + over_s * number / len(lines)
        if (wait := due - loop.time()) > 0:
            await writer.drain()
            await asyncio.sleep(wait)
        writer.write(line + b"\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("lines", samples())
async def test_a_busy_station_over_tcp(
    layered_url: str, store: asyncpg.Connection, lines: list[bytes]
) -> None:
    """About a minute of a busy station, ten times as fast. Without tag blocks: time of arrival."""
    reasons, keys = outcomes_of(lines)
    port = free_port()
    async with IngestProcess(layered_url, "--listen", f"127.0.0.1:{port}", "--feed", "sea") as run:
        await send_paced(port, lines, 6.0)
        await settled(store, STORED, lambda n: n >= len(lines) - 20)
        # half messages are given up at the stop
        assert await run.terminate() == 0
    assert await store.fetchval(STORED) == len(lines)
    stored = await store.fetch("select mmsi, payload_hash, message_type from vessel_position")
    assert {tuple(row) for row in stored} == {
        (mmsi, hashed, kind) for mmsi, _, hashed, kind in keys
    }
    assert len(stored) == len(keys)
    assert len(stored) == await store.fetchval(
        "select sum(n) from feed_count where outcome = 'position'"
    )
    await agree_on_rejections(store, reasons)
    assert reasons["empty_payload"] == 100
    assert reasons["orphan_part"] == 20
    assert await store.fetchval("select count(*) from vessel_latest where adcode = 'outside'") > 100
    assert await store.fetchval("select count(*) from vessel_latest where adcode <> 'outside'") == 0


async def agree_on_rejections(store: asyncpg.Connection, reasons: Counter[str]) -> None:
    kept = await store.fetch("select reason, count(*) as n from rejected_message group by 1")
    assert {row["reason"]: row["n"] for row in kept} == reasons
    counted = await store.fetch(
        "select outcome, sum(n)::int as n from feed_count where outcome = any($1) group by 1",
        list(reasons),
    )
    assert {row["outcome"]: row["n"] for row in counted} == reasons


async def test_our_own_traffic_over_tcp(
    layered_url: str, store: asyncpg.Connection, tmp_path: Path
) -> None:
    """Ten minutes of simulated barges in two connections of one feed, then a graceful stop."""
    until = int(datetime.now(UTC).timestamp()) - 60
    path = tmp_path / "now.nmea"
    write_history(path, barges=30, seed=9, until=until, duration_s=600)
    lines = path.read_bytes().splitlines()
    reasons, keys = outcomes_of(lines)
    port = free_port()
    async with IngestProcess(layered_url, "--listen", f"127.0.0.1:{port}") as run:
        middle = len(lines) // 2
        for part in (lines[:middle], lines[middle:]):
            await send_paced(port, part, 0.5)
        await settled(store, STORED, lambda n: n >= len(lines) - 20)
        assert await run.terminate() == 0
    stored = await store.fetch("select mmsi, t, payload_hash, message_type from vessel_position")
    assert {tuple(row) for row in stored} == keys
    assert len(stored) == len(keys)
    await agree_on_rejections(store, reasons)
    latest = await store.fetch(
        "select mmsi, t from vessel_latest union all "
        "select mmsi, max(t) from vessel_position where flags & 7 = 0 group by 1 order by 1"
    )
    assert all(a == b for a, b in list(pairwise(latest))[::2])


async def test_hostile_bytes_are_named_and_the_stream_goes_on(
    layered_url: str, store: asyncpg.Connection
) -> None:
    future = int(datetime(2031, 1, 1, tzinfo=UTC).timestamp())
    name = "<IMG SRC=X ONERROR=A"  # twenty letters are all that AIS can carry
    (named,) = ais(type=24, partno=0, mmsi=413000123, shipname=name)
    hostile = [
        named,
        ais(type=1, mmsi=0, lon=120.9, lat=31.0)[0],
        ais(type=1, mmsi=123456789, lon=120.9, lat=31.0)[0],
        barge(lon=181.0, lat=91.0),
        tagged(barge(), b"c:%d" % future),
        barge()[:25],
        b"\x00\xff\xfe garbage \x80",
        barge()[:-2] + b"00",
        b"$GPGGA,,,,,,0,,,,,,,,*66",
    ]
    port = free_port()
    async with IngestProcess(layered_url, "--listen", f"127.0.0.1:{port}") as run:
        _, writer = await sender(port)
        for line in hostile:
            writer.write(line + b"\r\n")
        writer.write(b"A" * 10_000_000 + b"\n")
        await writer.drain()
        writer.write(barge(lon=120.91) + b"\n")
        await writer.drain()
        await settled(store, "select count(*) from vessel_latest", lambda n: n == 1)
        writer.close()
        await writer.wait_closed()
        assert await run.terminate() == 0
    kept = await store.fetch("select reason, detail, raw from rejected_message order by 1")
    reasons = Counter(row["reason"] for row in kept)
    assert reasons["mmsi"] == 2
    assert reasons["bad_position"] == 1
    assert reasons["time_future"] == 1
    assert reasons["checksum"] == 1
    assert reasons["too_long"] == 1
    assert reasons["truncated"] + reasons["not_nmea"] == 2
    too_long = next(row for row in kept if row["reason"] == "too_long")
    assert len(too_long["raw"]) <= 1024
    assert "10000000" in too_long["detail"].replace(" ", "").replace(",", "")
    assert await store.fetchval("select name from vessel") == name
    assert await store.fetchval("select count(*) from vessel_position") == 1


async def test_a_flood_of_rubbish_is_counted_but_not_kept(
    layered_url: str, store: asyncpg.Connection
) -> None:
    """Also over a restart within the minute; however many minutes the test takes."""
    sent = 0
    port = free_port()
    for _ in range(2):
        async with IngestProcess(
            layered_url,
            "--listen",
            f"127.0.0.1:{port}",
            WHISTLE_REJECTED_PER_MINUTE="50",
            WHISTLE_BATCH_MESSAGES="40",
        ) as run:
            _, writer = await sender(port)
            writer.write(b"rubbish\n" * 300 + barge(lon=120.9 + sent / 1e5) + b"\n")
            await writer.drain()
            sent += 300
            await settled(
                store,
                "select coalesce(sum(n), 0)::int from feed_count where outcome = 'not_nmea'",
                lambda n, sent=sent: n == sent,
            )
            writer.close()
            assert await run.terminate() == 0
        assert b'"rejections.capped"' in run.errors or sent > 300
    kept = await store.fetch(
        """select c.minute, c.n, (select count(*) from rejected_message r
               where date_trunc('minute', r.arrived_at) = c.minute) as kept
           from feed_count c where c.outcome = 'not_nmea'"""
    )
    assert all(row["kept"] == min(row["n"], 50) for row in kept), kept


async def test_refusals_of_a_file_are_all_kept(
    layered_url: str, store: asyncpg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "rubbish.nmea"
    path.write_bytes(b"rubbish\n" * 120)
    async with IngestProcess(
        layered_url, "--file", str(path), WHISTLE_REJECTED_PER_MINUTE="50"
    ) as run:
        assert await run.ended() == 0
    assert await store.fetchval("select count(*) from rejected_message") == 120


async def test_the_stop_stores_what_was_taken(layered_url: str, store: asyncpg.Connection) -> None:
    """A batch that would wait an hour is stored by the stop; the receiver is told by the close."""
    port = free_port()
    async with IngestProcess(
        layered_url, "--listen", f"127.0.0.1:{port}", WHISTLE_BATCH_S="3600"
    ) as run:
        reader, writer = await sender(port)
        for number in range(100):
            writer.write(barge(lon=120.9 + number / 1e4) + b"\n")
        await writer.drain()
        await settled(
            store,
            "select last_sentence_at is not null from feed_status",
            bool,
        )
        assert await store.fetchval("select count(*) from vessel_position") == 0
        run.process.terminate()
        assert await reader.read() == b""
        assert await run.ended() == 0
        writer.close()
    taken = await store.fetchval(STORED)
    assert taken == 100
    assert await store.fetchval("select connected from feed_status") is False


async def test_standard_input_ends_with_its_writer(
    layered_url: str, store: asyncpg.Connection
) -> None:
    async with IngestProcess(layered_url, "--stdin", "--feed", "pipe") as run:
        assert run.process.stdin is not None
        run.process.stdin.write(barge() + b"\n" + b"nonsense\n")
        await run.process.stdin.drain()
        run.process.stdin.close()
        assert await run.ended() == 0
    assert await store.fetchval("select count(*) from vessel_position") == 1
    assert await store.fetchval("select count(*) from rejected_message") == 1


async def test_several_inputs_are_several_feeds(
    layered_url: str, store: asyncpg.Connection, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.nmea", tmp_path / "two.nmea"
    one.write_bytes(barge(lon=120.90) + b"\n")
    two.write_bytes(barge(lon=120.91, mmsi=413000124) + b"\n")
    async with IngestProcess(
        layered_url, "--file", str(one), "--file", str(two), "--feed", "log"
    ) as run:
        assert await run.ended() == 0
    feeds = await store.fetch("select feed_id from feed order by 1")
    assert [row["feed_id"] for row in feeds] == ["log", "log-2"]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "expected --listen"),
        (("--listen", "nowhere"), "listen"),
        (("--file", "missing.nmea"), "missing.nmea"),
    ],
)
async def test_a_wrong_command_line_is_one_line(
    layered_url: str, arguments: tuple[str, ...], named: str
) -> None:
    async with IngestProcess(layered_url, *arguments) as run:
        assert await run.ended() == 2
    assert named in run.errors.decode()
    assert len(run.errors.splitlines()) == 1


async def test_an_unmigrated_database_is_named(empty_database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "one.nmea"
    path.write_bytes(barge() + b"\n")
    async with IngestProcess(empty_database_url, "--file", str(path)) as run:
        assert await run.ended() == 2
    assert "42P01" in run.errors.decode().splitlines()[-1]
