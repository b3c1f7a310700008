"""`whistle case verify` and `whistle events verify` as somebody runs them who doubts the record."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sealed import append, keys_in, put_incident, rewrite, seal

from db.pool import transaction
from domain.seals import digest
from streams.seal_key import SealKey, remember

NUMBER = "2026-0504-01"


@pytest.fixture
async def incident(pool: asyncpg.Pool) -> str:
    async with transaction(pool) as connection:
        incident_id = str(await put_incident(connection, NUMBER))
    await append(pool, incident_id, [1, 2, 3])
    return incident_id


@pytest.fixture
def key(tmp_path: Path) -> SealKey:
    return keys_in(tmp_path)[0]


def run(url: str, *arguments: str, **more: str) -> tuple[int, list[dict[str, Any]], str]:
    """A command: exit code, the JSON lines, the text on stderr."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("WHISTLE_SEAL")
    }
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", *arguments],
        env={**kept, "DATABASE_URL": url, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


async def verify(url: str, tmp_path: Path, name: str = NUMBER) -> tuple[int, dict[str, Any], str]:
    public = ("--public-key", str(tmp_path / "seal.key.pub"))
    code, told, said = await asyncio.to_thread(run, url, "case", "verify", name, *public)
    return code, told[0] if told else {}, said


async def test_it_holds_and_says_what_is_not_sealed_yet(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, incident: str, key: SealKey
) -> None:
    code, told, said = await verify(database_url, tmp_path)
    assert (code, told["holds"], told["seals"], told["last_seal"]) == (0, True, 0, None)
    assert said == (
        f"{NUMBER} holds: 3 events, 0 seals; 3 events have no seal: hashes alone speak\n"
    )
    made = (await seal(pool, key)).seals[0]
    await append(pool, incident, [4])
    code, told, said = await verify(database_url, tmp_path)
    at = made.sealed_at.isoformat(timespec="seconds")
    assert code == 0
    assert said == (
        f"{NUMBER} holds: 4 events, 1 seal; 1 event since the last seal at {at} is not sealed yet\n"
    )
    assert told == {
        "incident_id": incident,
        "number": NUMBER,
        "holds": True,
        "events": 4,
        "head": {"seq": 4, "hash": told["head"]["hash"]},
        "seals": 1,
        "sealed_seq": 3,
        "sealed_at": made.sealed_at.isoformat(),
        "unsealed": 1,
        "last_seal": {
            "number": 1,
            "digest": digest(made).hex(),
            "sealed_at": made.sealed_at.isoformat(),
            "key_id": key.key_id,
        },
        "faults": [],
    }
    assert (await verify(database_url, tmp_path, incident.upper()))[1] == told


async def test_a_change_a_cut_and_a_rewritten_record_are_named(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, incident: str, key: SealKey
) -> None:
    await seal(pool, key)
    await pool.execute("alter table event disable trigger all")
    change = "update event set payload = payload || ' ' where stream_id = $1 and seq = 2"
    await pool.execute(change, incident)
    code, told, said = await verify(database_url, tmp_path)
    assert (code, told["holds"]) == (1, False)
    assert told["faults"] == ["event 2 was changed after it was recorded"]
    assert said == f"{NUMBER} does not hold: event 2 was changed after it was recorded\n"
    async with transaction(pool) as connection:
        await rewrite(connection, incident, keep=1, new=2)
    code, told, _ = await verify(database_url, tmp_path)
    assert code == 1
    assert [fault.split(":")[0] for fault in told["faults"]] == ["seal 1 does not fit event 3"]
    async with transaction(pool) as connection:
        await rewrite(connection, incident, keep=1, new=0)
    code, told, _ = await verify(database_url, tmp_path)
    assert code == 1
    assert told["faults"][0].startswith("seal 1 vouches for event 3, which is not there")
    for table in ("event", "event_head"):
        await pool.execute(f"delete from {table} where stream_id = $1", incident)  # noqa: S608
    assert (await verify(database_url, tmp_path))[0] == 1
    await pool.execute("delete from incident")
    code, told, _ = await verify(database_url, tmp_path, incident)
    assert code == 1
    assert told["faults"][-1] == "its events are there, the incident itself is not"


async def test_what_cannot_be_told_is_exit_code_2(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, incident: str, key: SealKey
) -> None:
    code, told, said = await verify(database_url, tmp_path, "2026-0504-02")
    assert (code, told) == (2, {})
    assert said == "whistle: incident: no incident has the number or id '2026-0504-02'\n"
    await seal(pool, key)
    for command in (("case", "verify", NUMBER), ("events", "verify")):
        code, _, said = await asyncio.to_thread(run, database_url, *command)
        assert code == 2
        assert said.endswith("whistle: there are seals, but no --public-key to read them by\n")
    (tmp_path / "seal.key.pub").write_text("x")
    assert (await verify(database_url, tmp_path))[0] == 2


async def test_the_newest_seal_that_was_made_here_has_to_be_there(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path, incident: str, key: SealKey
) -> None:
    first = (await seal(pool, key)).seals[0]
    await append(pool, incident, [4])
    last = (await seal(pool, key)).seals[0]
    assert remember(tmp_path / "seal.key", last.number, digest(last))
    named = {"WHISTLE_SEAL_KEY_FILE": str(tmp_path / "seal.key")}
    assert (await asyncio.to_thread(run, database_url, "events", "verify", **named))[:2] == (0, [])
    await pool.execute("alter table event_seal disable trigger all")
    await pool.execute("delete from event_seal where number = 2")
    async with transaction(pool) as connection:
        await rewrite(connection, incident, keep=3, new=1)
    code, told, _ = await asyncio.to_thread(run, database_url, "case", "verify", NUMBER, **named)
    assert code == 1
    assert told[0]["last_seal"]["digest"] == digest(first).hex()
    assert told[0]["faults"][0].startswith("seal 2, made with this key, is not there")
    code, told, said = await asyncio.to_thread(run, database_url, "events", "verify", **named)
    assert code == 1
    assert told == [{"seals": 1, "faults": told[0]["faults"]}]
    assert said.splitlines()[1].startswith("1 seal not in order, the last is 1 of ")


async def test_the_key_is_made_once_and_told(database_url: str, tmp_path: Path) -> None:
    file = str(tmp_path / "seal.key")
    code, first, _ = await asyncio.to_thread(run, database_url, "seals", "key", file)
    again, second, _ = await asyncio.to_thread(run, database_url, "seals", "key", file)
    assert (code, again) == (0, 0)
    assert [first[0].pop("made"), second[0].pop("made")] == [True, False]
    assert first == second
    assert first[0]["public_key"] == (tmp_path / "seal.key.pub").read_text()
