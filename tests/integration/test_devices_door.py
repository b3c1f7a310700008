"""The simulated devices at the real door: `whistle devices` as a process of its own."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import asyncpg
from door_process import open_door

from db.checkpoint import health, refusals
from db.image import image
from db.reading import readings_after
from domain.checkpoints import Health
from domain.clock import utc_now
from seed.case_book import CaseBook
from seed.checkpoints import ZHOUZHUANG
from seed.lead_case import case_hull_name, lead_case
from seed.load_registers import issue_tokens, load_registers

ROOT = Path(__file__).parents[2]
SEED, BARGES = 2024, 30


async def started(address: str, *more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.cli", "devices", "--connect", address.removeprefix("http://"),
        "--seed", str(SEED), "--barges", str(BARGES), *more,
        env=dict(os.environ),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_the_lead_case_is_read_at_the_gate_with_its_still(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    tokens, book = tmp_path / "tokens.json", CaseBook(tmp_path / "case.json")
    async with pool.acquire() as connection:
        await load_registers(connection, BARGES, SEED)
        await issue_tokens(connection, tokens)
    begun = book.begin(int(utc_now().timestamp()) - 175)
    truth = tmp_path / "truth.jsonl"
    async with open_door(database_url) as address:
        process = await started(
            address, "--tokens", str(tokens), "--case", str(book.path), "--truth", str(truth)
        )
        try:
            async with asyncio.timeout(90), pool.acquire() as connection:
                gate = []
                while len(gate) < 2:
                    found = await readings_after(connection, 0)
                    gate = [one for one in found if one.reading.checkpoint_id == ZHOUZHUANG]
                    await asyncio.sleep(0.1)
                alive = {}
                while Health.ONLINE not in alive.values():
                    now = utc_now()
                    states = await health(connection)
                    alive = {s.checkpoint.checkpoint_id: s.at(now) for s in states}
                    await asyncio.sleep(0.1)
        finally:
            process.send_signal(signal.SIGTERM)
            _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    names = {case_hull_name(barge) for barge in lead_case(SEED, begun).barges}
    lead = [one.reading for one in gate if one.reading.plate in names]
    assert {reading.plate for reading in lead} == names
    async with pool.acquire() as connection:
        for reading in lead:
            assert reading.image_hash is not None
            stored = await image(connection, reading.image_hash)
            assert stored is not None
            assert (stored.width, stored.height) == (384, 216)
        assert await refusals(connection, utc_now().replace(year=2000)) == {}
    stopped = json.loads(said.splitlines()[-1])
    assert stopped["action"] == "devices.stop"
    assert stopped["refused"] == {}
    assert json.loads(truth.read_bytes().splitlines()[0])["kind"] == "bank"


async def test_a_file_of_tokens_that_is_none_is_told_in_one_line(tmp_path: Path) -> None:
    process = await started("http://127.0.0.1:9", "--tokens", str(tmp_path / "absent.json"))
    _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().startswith("whistle: --tokens: a JSON object of tokens by point")
