"""A store that lives at another time: its own clock, moved by the bench.

All that the product does by the store's clock asks `clock_timestamp()`. A function of that name in
a schema that is searched before `pg_catalog` answers instead, so nothing of the product is changed.
"""

from datetime import datetime
from urllib.parse import urlsplit

import asyncpg

_SCHEMA = """
create schema simulated;
create table simulated.clock (t timestamptz not null, since timestamptz not null);
insert into simulated.clock values ($$epoch$$, pg_catalog.clock_timestamp());
create function simulated.clock_timestamp() returns timestamptz language sql volatile
return (select t + (pg_catalog.clock_timestamp() - since) from simulated.clock);
"""


async def give_clock(url: str) -> None:
    """Make the clock; connections opened from now on live by it. It goes on from where it is set"""
    database = urlsplit(url).path.lstrip("/")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(_SCHEMA)
        await connection.execute(
            f'alter database "{database}" set search_path = simulated, pg_catalog, public'
        )
    finally:
        await connection.close()


async def set_clock(connection: asyncpg.Connection, t: datetime) -> None:
    """It is `t` now in this store; only ever move it forwards."""
    await connection.execute(
        "update simulated.clock set t = $1, since = pg_catalog.clock_timestamp()", t
    )
