"""Seals against whoever may do everything in the store: changes, cuts, rewritten chains."""

from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from sealed import append, found, keys_in, rewrite, seal, unlock

from db import event
from db import seal as store
from db.pool import Connection, transaction
from domain.seals import frame

COLUMNS = """select attrelid::regclass::text as relation, attname, typname
    from pg_attribute a join pg_type t on t.oid = atttypid
    where attrelid = any(array['event', 'event_head', 'event_seal']::regclass[]) and attnum > 0
      and not attisdropped
    order by 1, attnum"""


async def flips(teller: Connection, kind: str, value: object) -> list[object]:
    """The value with one byte changed, for every byte of it as the server keeps it.

    Left out is what the type cannot hold: text that is no UTF-8, a time beyond its calendar.
    """
    if kind == "bytea":
        data = bytes(value)
        return [data[:i] + bytes([b ^ 1 << i % 8]) + data[i + 1 :] for i, b in enumerate(data)]
    if kind == "int8":
        numbers = [value ^ 1 << 8 * i + i for i in range(7)]
        return [*numbers, value ^ 1 << 56, -value - 1]
    if kind == "text":
        data, texts = value.encode(), []
        for i, byte in enumerate(data):
            for bit in range(7):
                other = data[:i] + bytes([byte ^ 1 << bit]) + data[i + 1 :]
                try:
                    texts.append(other.decode())
                    break
                except UnicodeDecodeError:
                    continue
        assert len(texts) == len(data)
        return texts
    assert kind == "timestamptz"
    (micros,) = await teller.fetchval("select $1::text::timestamptz", value)
    times = []
    for i in range(8):
        try:
            flipped = (micros ^ 1 << 8 * i,)
            times.append(await teller.fetchval("select $1::timestamptz::text", flipped))
        except asyncpg.DatetimeFieldOverflowError:
            continue
    assert len(times) >= 7
    return times


async def test_every_changed_byte_is_found(
    pool: asyncpg.Pool, database_url: str, tmp_path: Path
) -> None:
    key, keys = keys_in(tmp_path)
    await append(pool, "a", [1, 2])
    await seal(pool, key)
    await append(pool, "a", [3])
    await append(pool, "b", [4])
    await seal(pool, key)
    teller = await asyncpg.connect(database_url)
    await teller.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        encoder=lambda given: given,
        decoder=lambda given: given,
        format="tuple",
    )
    tried = 0
    async with pool.acquire() as connection:
        columns = await connection.fetch(COLUMNS)
        await unlock(connection)
        whole = connection.transaction()
        await whole.start()
        assert (await found(connection, "a", keys.signed))[1] == []
        for relation, column, kind in columns:
            shown = f"{column}::text" if kind == "timestamptz" else column
            cast = "::text::timestamptz" if kind == "timestamptz" else ""
            rows = await connection.fetch(
                f"select ctid, {shown} as value from {relation} where stream_id = 'a'"  # noqa: S608
            )
            assert rows
            for row in rows:
                for other in await flips(teller, kind, row["value"]):
                    tried += 1
                    change = connection.transaction()
                    await change.start()
                    await connection.execute(
                        f"update {relation} set {column} = $1{cast} where ctid = $2",  # noqa: S608
                        other,
                        row["ctid"],
                    )
                    _, faults = await found(connection, "a", keys.signed)
                    assert faults, (relation, column, row["value"], other)
                    await change.rollback()
        await whole.rollback()
    await teller.close()
    assert tried > 1000


async def test_a_rewritten_chain_holds_but_for_its_seals(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    key, keys = keys_in(tmp_path)
    await append(pool, "a", [1, 2])
    await seal(pool, key)
    await append(pool, "a", [3])
    await seal(pool, key)
    async with transaction(pool) as connection:
        await rewrite(connection, "a", keep=1, new=3)
        assert await event.verify(connection, "incident", "a") == []
        state, faults = await found(connection, "a", keys.signed)
    assert state is not None
    assert [fault.split(":")[0] for fault in faults] == [
        "seal 1 does not fit event 2",
        "seal 2 does not fit event 3",
    ]
    assert (state.events, state.unsealed) == (4, 1)


@pytest.mark.parametrize(("keep", "lost"), [(2, [3]), (1, [2, 3]), (0, [2, 3])])
async def test_a_cut_tail_shows_though_the_head_was_moved(
    pool: asyncpg.Pool, tmp_path: Path, keep: int, lost: list[int]
) -> None:
    key, keys = keys_in(tmp_path)
    await append(pool, "a", [1, 2])
    await seal(pool, key)
    await append(pool, "a", [3])
    await seal(pool, key)
    async with transaction(pool) as connection:
        await rewrite(connection, "a", keep=keep, new=0)
        _, faults = await found(connection, "a", keys.signed)
    assert [fault.split(",")[0] for fault in faults] == [
        f"seal {seq - 1} vouches for event {seq}" for seq in lost
    ]


async def test_a_seal_that_is_taken_out_leaves_a_gap(pool: asyncpg.Pool, tmp_path: Path) -> None:
    key, keys = keys_in(tmp_path)
    for stream_id in ("a", "b"):
        await append(pool, stream_id, [1])
        await seal(pool, key)
    async with transaction(pool) as connection:
        await connection.execute("alter table event_seal disable trigger all")
        await connection.execute("delete from event_seal where number = 1")
        await rewrite(connection, "a", keep=0, new=1)
        state, faults = await found(connection, "a", keys.signed)
        assert state is not None
        assert state.faults == []
        assert faults == [
            "seal 1 is missing before 2", "seal 2 does not follow the seal before it",
        ]  # fmt: skip
        await connection.execute("update event_seal set number = 1")
        _, faults = await found(connection, "a", keys.signed)
        assert faults[-1] == "seal 1, the last, is not signed by a key given"


async def test_another_key_and_another_key_of_the_same_name(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    key, keys = keys_in(tmp_path)
    (tmp_path / "other").mkdir()
    forger, _ = keys_in(tmp_path / "other")
    await append(pool, "a", [1])
    await seal(pool, forger)
    async with transaction(pool) as connection:
        _, faults = await found(connection, "a", keys.signed)
        assert faults[0] == (
            f"seal 1 is of key {forger.key_id}, which is none of the public keys given"
        )
        assert faults[1] == "seal 1, the last, is not signed by a key given"
        made = await store.last_seal(connection)
        assert made is not None
        bare = replace(made, key_id=key.key_id)
        await connection.execute("alter table event_seal disable trigger all")
        await connection.execute(
            "update event_seal set key_id = $1, signature = $2",
            key.key_id,
            forger.sign(frame(bare)),
        )
        _, faults = await found(connection, "a", keys.signed)
        assert faults[0].startswith("seal 1 does not bear the signature of its key")
        assert (await found(connection, "a", None))[1] == []


async def test_a_changed_key_goes_on_where_the_old_one_ended(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    old, _ = keys_in(tmp_path)
    await append(pool, "a", [1])
    await seal(pool, old)
    (tmp_path / "seal.key").rename(tmp_path / "seal.key.2026")
    new, both = keys_in(tmp_path)
    await append(pool, "a", [2])
    await seal(pool, new)
    assert both.ids() == sorted([old.key_id, new.key_id])
    async with transaction(pool) as connection:
        state, faults = await found(connection, "a", both.signed)
    assert state is not None
    assert (faults, state.seals, state.unsealed) == ([], 2, 0)


async def test_what_is_younger_than_the_last_seal_is_counted(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    key, keys = keys_in(tmp_path)
    await append(pool, "a", [1, 2])
    await seal(pool, key)
    await append(pool, "a", [3, 4, 5])
    async with transaction(pool) as connection:
        state, faults = await found(connection, "a", keys.signed)
    assert state is not None
    assert (faults, state.events, state.sealed_seq, state.unsealed) == ([], 5, 2, 3)
    assert (await seal(pool, key)).seals[0].seq == 5
    assert (await seal(pool, key)).seals == ()
