"""Who seals: in turns, many at once, killed in between, without a key, and not over a cut."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import pytest
from ingest_process import settled
from sealed import append, keys_in, seal

from commands.seal_chains import SealsGone, seal_chains
from db import seal as store
from db.pool import transaction
from domain.seals import digest
from streams.seal_key import PublicKeys, SealKey, public_file, remembered
from streams.sealing import Sealer
from streams.settings import SealSettings


async def test_a_long_past_is_sealed_in_turns(pool: asyncpg.Pool, tmp_path: Path) -> None:
    key, keys = keys_in(tmp_path)
    for number in range(60):
        await append(pool, f"s{number % 7}", range(number % 5 + 1))
    await append(pool, "long", range(70))
    total = await pool.fetchval("select count(*) from event")
    turns = 0
    while (await seal(pool, key, most=25)).more:
        turns += 1
        assert turns <= total // 25
    async with transaction(pool) as connection:
        totals = await store.follow_all(connection, keys.signed, pytest.fail)
        sequence = await store.follow_seals(connection, keys.signed)
    assert (totals.events, totals.unsealed, totals.chains) == (total, 0, 8)
    assert sequence.faults() == []
    assert turns == total // 25


async def test_a_broken_chain_is_not_sealed_and_holds_up_no_other(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    key, _ = keys_in(tmp_path)
    await append(pool, "a", [1, 2])
    await append(pool, "b", [1, 2])
    async with transaction(pool) as connection:
        await connection.execute("alter table event disable trigger all")
        await connection.execute("update event set actor = 'x' where stream_id = 'a' and seq = 2")
    done = await seal(pool, key)
    assert [made.stream_id for made in done.seals] == ["b"]
    assert done.broken == {("incident", "a"): ["event 2 was changed after it was recorded"]}
    await append(pool, "c", [1])
    async with transaction(pool) as connection:
        again = await seal_chains(connection, key, but=done.broken, most=1)
    assert again is not None
    assert [made.stream_id for made in again.seals] == ["c"]


async def test_many_at_once_seal_each_event_once(pool: asyncpg.Pool, tmp_path: Path) -> None:
    key, keys = keys_in(tmp_path)
    writing = asyncio.Event()
    taken = [0] * 4

    async def sealer(place: int) -> None:
        while not writing.is_set():
            async with transaction(pool) as connection:
                done = await seal_chains(connection, key, most=20)
            taken[place] += 0 if done is None else len(done.seals)

    async with asyncio.TaskGroup() as group:
        for place in range(4):
            group.create_task(sealer(place))
        for number in range(120):
            await append(pool, f"s{number % 9}", [number, number])
        writing.set()
    while (last := await seal(pool, key)).more:
        pass
    async with transaction(pool) as connection:
        totals = await store.follow_all(connection, keys.signed, pytest.fail)
        sequence = await store.follow_seals(connection, keys.signed)
    assert (totals.events, totals.unsealed) == (240, 0)
    assert sequence.faults() == []
    assert last.last is not None
    assert sequence.seals == last.last.number >= sum(taken)


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from commands.seal_chains import seal_chains
from db.pool import connect
from streams.seal_key import SealKey

class Dying:
    def __init__(self, key, after):
        self.key, self.key_id, self.left = key, key.key_id, after
    def sign(self, message):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.key.sign(message)

async def run():
    connection = await connect(sys.argv[1])
    async with connection.transaction():
        await seal_chains(connection, Dying(SealKey.load(Path(sys.argv[2])), int(sys.argv[3])))

asyncio.run(run())
"""


async def test_killed_in_between_it_leaves_nothing_and_the_next_one_goes_on(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    key, keys = keys_in(tmp_path)
    for stream_id in "abc":
        await append(pool, stream_id, [1, 2])
    for after in (0, 2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KILLED, database_url, str(tmp_path / "seal.key"), str(after)
        )
        assert await process.wait() == -signal.SIGKILL
        assert await pool.fetchval("select count(*) from event_seal") == 0
    async with asyncio.timeout(30):  # the server ends the dead one's transaction, and its lock
        while True:
            async with transaction(pool) as connection:
                done = await seal_chains(connection, key)
            if done is not None:
                break
    assert len(done.seals) == 3
    async with transaction(pool) as connection:
        totals = await store.follow_all(connection, keys.signed, pytest.fail)
    assert (totals.events, totals.unsealed) == (6, 0)


async def test_the_watch_seals_and_is_killed_and_seals_on(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    """Two processes with one key, SIGKILL to both, then one alone."""
    file = tmp_path / "seal.key"
    SealKey.make(file)
    keys = PublicKeys.load(public_file(file))

    async def watch() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ops.cli", "watch"),
            cwd=Path(__file__).parents[2],
            env={
                **os.environ,
                "DATABASE_URL": database_url,
                "WHISTLE_SEAL_KEY_FILE": str(file),
                "WHISTLE_SEAL_EVERY_S": "0.01",
            },
            stderr=asyncio.subprocess.PIPE,
        )

    async def sealed(stream_id: str, seq: int) -> None:
        newest = f"select coalesce(max(seq), 0) from event_seal where stream_id = '{stream_id}'"  # noqa: S608
        async with pool.acquire() as connection:
            await settled(connection, newest, lambda at: at == seq, 90)

    both = [await watch(), await watch()]
    for number in range(1, 4):
        await append(pool, "a", [number])
        await sealed("a", number)
    await append(pool, "b", [1])
    for process in both:
        process.kill()
        await process.communicate()
    alone = await watch()
    await append(pool, "b", [2])
    await sealed("b", 2)
    alone.send_signal(signal.SIGTERM)
    _, said = await alone.communicate()
    assert alone.returncode == 0
    assert "PRIVATE" not in said.decode()
    assert '"seal.made"' in said.decode()
    async with transaction(pool) as connection:
        totals = await store.follow_all(connection, keys.signed, pytest.fail)
        sequence = await store.follow_seals(connection, keys.signed)
    assert (totals.events, totals.unsealed, sequence.faults()) == (5, 0, [])
    assert sequence.last is not None
    assert remembered(file) == (sequence.last.number, digest(sequence.last))


def sealer_of(file: Path | None) -> Sealer:
    return Sealer(SealSettings(seal_key_file=file, seal_every_s=0.000001))


async def test_without_a_key_nothing_is_sealed_and_nothing_fails(
    pool: asyncpg.Pool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await append(pool, "a", [1])
    assert await sealer_of(None).turn(pool) is None
    later = sealer_of(tmp_path / "seal.key")
    assert await later.turn(pool) is None
    SealKey.make(tmp_path / "seal.key")
    done = await later.turn(pool)
    assert done is not None
    assert (len(done.seals), later.seals) == (1, 1)


async def test_seals_that_were_cut_off_are_not_sealed_over(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    file = tmp_path / "seal.key"
    key = SealKey.make(file)
    sealer = sealer_of(file)
    for stream_id in ("a", "b"):
        await append(pool, stream_id, [1])
        await sealer.turn(pool)
    await pool.execute("alter table event_seal disable trigger all")
    await pool.execute("delete from event_seal where number = 2")
    await append(pool, "c", [1])
    assert await sealer.turn(pool) is None
    assert await sealer_of(file).turn(pool) is None
    assert await pool.fetchval("select max(number) from event_seal") == 1
    with pytest.raises(SealsGone, match="seal 2, made with this key, is not there"):
        async with transaction(pool) as connection:
            await seal_chains(connection, key, known=remembered(file))
    file.with_name("seal.key.last").unlink()  # whoever put the store back says so by this
    done = await sealer.turn(pool)
    assert done is not None
    assert {made.stream_id for made in done.seals} == {"b", "c"}
