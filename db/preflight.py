"""The registers as preflight looks at them, read in one snapshot."""

from datetime import datetime

from db.catalog import load_queries
from db.people import authorities, contacts, officers, shifts
from db.pool import Connection
from domain.preflight import Registers

_queries = load_queries("people")


async def registers(connection: Connection, starts_at: datetime, ends_at: datetime) -> Registers:
    """Who is on the registers at `starts_at`, the rota from then to `ends_at`, and the districts.

    Districts are those of the layer; without one there are none.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        rows = _queries.district_names(connection)
        return Registers(
            authorities=await authorities(connection, starts_at),
            officers=await officers(connection, starts_at),
            shifts=await shifts(connection, starts_at, ends_at, at=starts_at),
            contacts=list((await contacts(connection, starts_at)).values()),
            districts={row["adcode"]: row["name"] async for row in rows},
        )
