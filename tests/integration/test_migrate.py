"""Migrations: from nothing, over data, in a race, and against a database they do not fit."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
from schema_catalog import actual, documented

from db.errors import MigrationChanged, MigrationUnknown, StoreError
from db.migrate import Migration, migrate, migrations, pending

NAMES = [migration.name for migration in migrations()]

ROWS = {
    "event_head": "insert into event_head values ('vessel', '1', 1, '\\x00')",
    "event": """insert into event (stream_kind, stream_id, seq, occurred_at, recorded_at, actor,
        kind, payload, prev_hash, hash)
        values ('vessel', '1', 1, now(), now(), 'test', 'x', '{}', '\\x00', '\\x00')""",
    "event_seal": """insert into event_seal
        values (1, '\\x00', 'vessel', '1', 1, '\\x00', '\\x00', now(), 'k', '\\x00')""",
    "feed": """insert into feed (feed_id, kind, name_zh, name_en, valid_from, recorded_from)
        values ('ais', 'ais', '岸站', 'station', now(), now())""",
    "feed_status": """insert into feed_status (feed_id, connected, recorded_at)
        values ('ais', true, now())""",
    "feed_count": "insert into feed_count values ('ais', now(), 'position', 1)",
    "receiver_minute": "insert into receiver_minute values ('ais', 'JINZE', now(), 1)",
    "feed_cursor": """insert into feed_cursor (feed_id, source_id, next_offset, recorded_at)
        values ('ais', 'file', 10, now())""",
    "stream_offset": """insert into stream_offset
        values ('cluster', 'vessel.positions', 3, 4711, now())""",
    "stream_worker": "insert into stream_worker values ('host/1', now(), 3, 17, now())",
    "relay_status": """insert into relay_status
        values ('mast-1', now(), now(), 3, 4711, 100000, 0, null, '{ais-2}')""",
    "rejected_message": """insert into rejected_message
        (feed_id, arrived_at, recorded_at, reason, detail, raw)
        values ('ais', now(), now(), 'checksum', 'wrong', '\\x00ff')""",
    "vessel": """insert into vessel (mmsi, name, valid_from, recorded_from)
        values (412000001, 'A', now(), now())""",
    "vessel_position": """select make_position_partition(current_date);
        insert into vessel_position
            (mmsi, t, payload_hash, lon, lat, message_type, feed_id, recorded_at)
        values (412000001, current_date, 7, 120.9, 31.0, 1, 'ais', now())""",
    "position_block": """insert into position_block
        values (412000001, current_date, now(), now(), 1, 1, null, '\\x01', now())""",
    "position_pin": """insert into position_pin
        values (gen_random_uuid(), 412000001, now(), now(), 'incident', 'i', now())""",
    "vessel_latest": """insert into vessel_latest (mmsi, t, lon, lat, message_type, flags, adcode,
        border_water, feed_id, recorded_at)
        values (412000001, now(), 120.9, 31.0, 1, 0, '310118', false, 'ais', now())""",
    "vessel_state": "insert into vessel_state values (412000001, now(), '310118', '{}', 1, now())",
    "crossing": """insert into crossing
        values (gen_random_uuid(), 412000001, '310118', '320509', '{}', now(), now(),
        120.9, 31.0, 'depth', false, now(), now(), now())""",
    "layer": """insert into layer (kind, version, source, sha256, datum, valid_from, recorded_from)
        values ('district', 1, 'test', '\\x00', 'wgs84', now(), now())""",
    "layer_feature": """insert into layer_feature select layer_id, '310118', '青浦', 'Qingpu', '{}',
        st_setsrid(st_makepoint(120.9, 31), 4326) from layer""",
    "carrier": """insert into carrier (carrier_id, name, name_en, home_adcode, valid_from,
        recorded_from) values ('c1', '甲', 'A', '310118', now(), now())""",
    "wharf": """insert into wharf (wharf_id, name, name_en, adcode, lon, lat, kind,
        valid_from, recorded_from)
        values ('w1', '码头', 'Wharf', '310118', 120.9, 31, 'other', now(), now())""",
    "hull": """insert into hull (mmsi, name, length_m, beam_m, capacity_t, carries_spoil,
        valid_from, recorded_from) values (412000001, 'A', 42, 8.3, 500, true, now(), now())""",
    "permit": """insert into permit (permit_id, number, kind, purpose, holder, mmsi, waste,
        from_adcode, to_adcode, first_day, last_day, valid_from, recorded_from)
        values (gen_random_uuid(), '1', 'approval', 'disposal', '甲', 412000001, 'spoil',
        '31', '32', '2026-01-01', '2026-12-31', now(), now())""",
    "checkpoint": """insert into checkpoint values ('wj-1', 'wujiang', '一号', 'One', 120.9, 31.0,
        270, 80, 'jishuigang', '320509', 60, now())""",
    "checkpoint_token": """insert into checkpoint_token
        values (sha256('x'), 'wj-1', now(), now() + interval '1 day')""",
    "checkpoint_status": "insert into checkpoint_status values ('wj-1', now(), now(), 0, 0.5)",
    "checkpoint_refusal": "insert into checkpoint_refusal values ('wj-1', now(), 'x', 1)",
    "checkpoint_upload": "insert into checkpoint_upload values ('wj-1', current_date, 1)",
    "image": """insert into image
        values (sha256('y'), 'image/png', 1, 1, '\\x00', '\\x00', now())""",
    "reading": """insert into reading (reading_id, checkpoint_id, system, source_key, content_hash,
        t, image_hash, payload, received_at, recorded_at)
        values (gen_random_uuid(), 'wj-1', 'wujiang', '1', sha256('z'), now(), sha256('y'), '{}',
        now(), now())""",
    "reading_match": """insert into reading_match (reading_id, reasons, matched_at)
        select reading_id, '[]', now() from reading""",
    "account": """insert into account (account_id, login, name, role, must_change, created_at)
        values (gen_random_uuid(), 'jia', '甲', 'viewer', false, now())""",
    "account_session": """insert into account_session
        select sha256('t'), account_id, now(), now(), now() + interval '7 days', null,
        '10.0.0.0/24', 'Browser' from account""",
    "sign_in_failure": "insert into sign_in_failure values ('login', sha256('x'), 1, now(), now())",
    "display_token": """insert into display_token
        values (gen_random_uuid(), sha256('d'), '大屏', '甲', now())""",
    "alert": """insert into alert (alert_id, behaviour, rule_set, source_kind, source_id, state,
        score, level, reasons, lon, lat, adcode, border_adcodes, began_at, last_at, raised_at,
        changed_at)
        values (gen_random_uuid(), 'x', '2026-1', 'crossing', 'x', 'new', 70, 'high', '[]', 120.9,
        31.0, '310118', '{}', now(), now(), now(), now())""",
    "outbox": """insert into outbox
        (channel, destination, ordering_key, message_id, payload, content_type)
        values ('kafka', 'whistle.alerts', '412000001', 'x', '{}', 'application/json')""",
    "robot_use": "insert into robot_use values (sha256('x'), array[now()], now())",
    "board_message": """insert into board_message
        values ('x', 'c', 'a', null, '{}', now(), now())""",
    "command_done": "insert into command_done values (gen_random_uuid(), 'x', 'x', '{}', now())",
    "incident": """insert into incident (incident_id, number, state, matter, title, summary, origin,
        lon, lat, adcode, border_adcodes, datum, why, began_at, opened_at, opened_by, changed_at,
        reopened, revision)
        select gen_random_uuid(), '2026-0101-0' || n, 'new', 'other', '甲', '', 'phone', 121, 31,
        '310118', '{}', 'wgs84', '{}', now(), now(), '甲', now(), 0, 1
        from generate_series(1, 2) as n""",
    "incident_part": """insert into incident_part (incident_id, authority_id, place, reasons)
        select incident_id, 'qp-env', 0, '{}' from incident""",
    "incident_alert": """insert into incident_alert
        select incident_id, alert_id from incident, alert""",
    "incident_link": """insert into incident_link select a.incident_id, b.incident_id
        from incident a, incident b where a.number < b.number""",
    "muster_call": """insert into muster_call (call_id, incident_id, authority_id, name, role, step,
        called_at, link_number, revision)
        select gen_random_uuid(), incident_id, 'qp-env', '甲', 'duty', 0, now(), 1, 0
        from incident where number = '2026-0101-01'""",
    "muster_message": """insert into muster_message
        select 'notice/x', call_id, 'c1', 'board', 'alarm', 0, now() from muster_call""",
    "escalation": """insert into escalation
        select incident_id, 'qp-env', 1, 1, 'deputy', 'default/1', now() from incident""",
    "watch_cursor": "insert into watch_cursor values ('crossing', now(), 1, now())",
    "watch_mark": "insert into watch_mark values ('crossing', 'x', now())",
    "authority": """insert into authority (authority_id, name, name_en, level, adcode, department,
        valid_from, recorded_from)
        values ('qp-env', '甲', 'A', 'district', '310118', 'environment', now(), now())""",
    "officer": """insert into officer (officer_id, name, home_authority, title, valid_from,
        recorded_from) values ('o1', '甲', 'qp-env', '', now(), now())""",
    "shift": """insert into shift (shift_id, authority_id, officer_id, starts_at, ends_at, place,
        valid_from, recorded_from)
        values ('s1', 'qp-env', 'o1', now(), now() + interval '1 day', 1, now(), now())""",
    "contact": """insert into contact (contact_id, authority_id, kind, address, valid_from,
        recorded_from) values ('c1', 'qp-env', 'board', 'qp-env', now(), now())""",
    "contact_check": """insert into contact_check
        values ('c1', '\\x00', '\\x00', '\\x00', now(), now() + interval '1 hour', 1)""",
}
"""One row for every table, in an order in which they can be written."""


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(empty_database_url)
    yield connection
    await connection.close()


async def test_from_nothing_to_the_documented_schema(empty: asyncpg.Connection) -> None:
    assert await pending(empty) == NAMES
    assert await migrate(empty) == NAMES
    assert await pending(empty) == []
    assert await migrate(empty) == []
    assert await actual(empty) == documented()


def test_a_missing_line_in_the_document_is_found() -> None:
    whole = documented()
    cut = documented("## `event_head` · x\n\n| `stream_kind` | `text` | no | kind |\n")
    assert cut["event_head"] != whole["event_head"]
    assert whole["vessel_position"]["partition"] == "RANGE (t)"


@pytest.mark.parametrize("step", range(1, len(NAMES) + 1))
async def test_each_migration_runs_over_data(empty: asyncpg.Connection, step: int) -> None:
    if step > 1:
        assert await migrate(empty, up_to=NAMES[step - 2]) == NAMES[: step - 1]
    standing = [
        name
        for name in ROWS
        if step > 1 and await empty.fetchval("select to_regclass($1)", name) is not None
    ]
    for name in standing:
        await empty.execute(ROWS[name])
    before = {name: await _count(empty, name) for name in standing}
    assert all(before.values())
    assert await migrate(empty, up_to=NAMES[step - 1]) == [NAMES[step - 1]]
    assert {name: await _count(empty, name) for name in standing} == before
    if step == len(NAMES):
        assert await actual(empty) == documented()


async def _count(connection: asyncpg.Connection, table: str) -> int:
    count: int = await connection.fetchval(f"select count(*) from {table}")  # noqa: S608
    return count


async def test_every_table_has_a_row_in_this_test(empty: asyncpg.Connection) -> None:
    await migrate(empty)
    for statement in ROWS.values():
        await empty.execute(statement)
    assert set(await actual(empty)) == {*ROWS, "schema_migration"}


async def test_two_at_once_apply_each_migration_once(empty_database_url: str) -> None:
    async def run() -> list[str]:
        connection = await asyncpg.connect(empty_database_url)
        try:
            return await migrate(connection)
        finally:
            await connection.close()

    done = await asyncio.gather(run(), run(), run())
    assert sorted(name for names in done for name in names) == NAMES


async def test_an_edited_migration_is_refused(empty: asyncpg.Connection) -> None:
    await migrate(empty)
    edited = [*migrations()]
    edited[2] = replace(edited[2], sql=edited[2].sql + "\n-- improved")
    with pytest.raises(MigrationChanged, match=NAMES[2]):
        await migrate(empty, known=edited)


async def test_a_newer_database_is_refused(empty: asyncpg.Connection) -> None:
    await migrate(empty)
    with pytest.raises(MigrationUnknown, match=NAMES[-1]):
        await migrate(empty, known=migrations()[:-1])


async def test_a_failing_migration_leaves_nothing_behind(empty: asyncpg.Connection) -> None:
    broken = Migration("9999_broken", "create table half (n int); select 1/0;")
    with pytest.raises(StoreError, match="division by zero"):
        await migrate(empty, known=[*migrations(), broken])
    assert await empty.fetchval("select to_regclass('half')") is None
    assert await migrate(empty) == []


def test_the_command_migrates(empty_database_url: str) -> None:
    command = [sys.executable, "-m", "ops.cli", "migrate"]
    environment = {**os.environ, "DATABASE_URL": empty_database_url}
    first = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stderr
    assert first.stderr.splitlines() == [f"applied {name}" for name in NAMES]
    second = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (second.returncode, second.stderr) == (0, "")
