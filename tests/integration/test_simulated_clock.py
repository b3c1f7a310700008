"""A store that lives at another time, for the bench: the product's own queries ask its clock."""

from datetime import UTC, datetime, timedelta

from bench.simulated_clock import give_clock, set_clock
from db.alert import store_now
from db.pool import create_pool
from db.watch import cursor

NOON = datetime(2024, 6, 3, 12, tzinfo=UTC)


async def test_the_store_says_the_time_that_it_was_given_and_goes_on_from_there(
    database_url: str,
) -> None:
    await give_clock(database_url)
    pool = await create_pool(database_url)
    try:
        async with pool.acquire() as connection:
            await set_clock(connection, NOON)
            first = await store_now(connection)
            began = await cursor(connection, "crossing", timedelta(hours=1))
            second = await store_now(connection)
        assert NOON <= first < second < NOON + timedelta(minutes=1)
        assert NOON - timedelta(hours=1) <= began.upto < NOON < began.now
    finally:
        await pool.close()
