"""The invented registers in the store: loaded once, an operator's changes left alone."""

import stat
from datetime import timedelta

import asyncpg
import orjson

from commands.put_registers import PutEntries, put_hulls
from db import checkpoint, register
from db.people import authorities, contacts, on_duty
from db.permit import permits_at
from domain.checkpoints import System, token_hash
from domain.clock import utc_now
from seed.lead_case import case_hulls
from seed.load_people import load_people
from seed.load_registers import issue_tokens, load_registers
from seed.registers import hull

BARGES, SEED = 30, 2024


async def test_everything_is_there_once(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        done = await load_registers(connection, BARGES, SEED)
        assert (done.carriers, done.wharves, done.hulls) == (19, 33, 30 + 16)
        assert done.checkpoints == 27
        assert (done.people.authorities, done.people.officers, done.people.contacts) == (
            33,
            132,
            165,
        )
        assert done.permits > 4
        now = utc_now()
        hulls = await register.hulls(connection, None, now)
        assert hulls[hull(SEED, 3).mmsi] == hull(SEED, 3)
        assert {entry.mmsi for entry in case_hulls(SEED)} <= hulls.keys()
        spoil = {mmsi for mmsi, entry in hulls.items() if entry.carries_spoil}
        papers = await permits_at(connection, now)
        assert len(papers) == done.permits
        assert {paper.mmsi for paper in papers} <= spoil
        points = await checkpoint.checkpoints(connection)
        assert sum(point.system is System.JIASHAN for point in points.values()) == 19
        assert (await load_registers(connection, BARGES, SEED)).nothing


async def test_somebody_answers_for_every_authority_and_can_be_told(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        now = utc_now()
        await load_people(connection, "test", now - timedelta(days=365), now)
        ways = await contacts(connection, now)
        told = {one.officer_id for one in ways.values() if one.verified_at is not None}
        for hours in (-24, 0, 240):
            at = now + timedelta(hours=hours)
            for key in await authorities(connection, at):
                held = (await on_duty(connection, key, at)).in_order()
                assert len(held) == 3, (key, hours)
                assert {one.officer_id for one in held} <= told
        later = await load_people(connection, "test", now, now + timedelta(days=1))
        assert (later.authorities, later.officers, later.contacts) == (0, 0, 0)
        assert later.shifts >= 33


async def test_a_fleet_that_grows_brings_its_new_barges_only(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        first = await load_registers(connection, BARGES, SEED)
        more = await load_registers(connection, BARGES + 30, SEED)
        assert (more.hulls, more.carriers, more.wharves, more.checkpoints) == (30, 0, 0, 0)
        assert len(await permits_at(connection, utc_now())) == first.permits + more.permits


async def test_what_an_operator_changed_stays(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await load_registers(connection, BARGES, SEED)
        mine = hull(SEED, 3)
        changed = type(mine)(mine.mmsi, "改名0001", mine.length_m, mine.beam_m, mine.capacity_t)
        await put_hulls(connection, "operator", PutEntries([changed]))
        await load_registers(connection, BARGES, SEED)
        known = await register.hulls(connection, [mine.mmsi], utc_now())
        assert known[mine.mmsi] == changed


async def test_tokens_are_kept_while_they_hold_and_read_by_the_owner_only(
    pool: asyncpg.Pool, tmp_path
) -> None:
    path = tmp_path / "tokens.json"
    async with pool.acquire() as connection:
        await load_registers(connection, BARGES, SEED)
        assert await issue_tokens(connection, path) == 27
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        held = orjson.loads(path.read_bytes())
        stored = await checkpoint.tokens(connection)
        assert {stored[token_hash(token)].checkpoint_id for token in held.values()} == held.keys()
        assert await issue_tokens(connection, path) == 0
        held["wj-01"] = "something else"
        path.write_bytes(orjson.dumps(held))
        assert await issue_tokens(connection, path) == 1
        path.write_text("no json")
        assert await issue_tokens(connection, path) == 27
