"""Codes that were sent to contacts and have not come back yet, as hashes."""

from dataclasses import fields

from db.catalog import load_queries
from db.pool import Connection
from domain.contact_check import ContactCheck

_queries = load_queries("contact_check")


async def check_of(connection: Connection, contact_id: str) -> ContactCheck | None:
    """The code that a contact was sent last, held until the transaction ends."""
    row = await _queries.check_of(connection, contact_id=contact_id)
    return None if row is None else ContactCheck(**row)


async def put_check(connection: Connection, check: ContactCheck) -> None:
    """Write a code down in place of the one before it."""
    await _queries.put_check(
        connection, **{one.name: getattr(check, one.name) for one in fields(check)}
    )


async def end_check(connection: Connection, contact_id: str) -> None:
    """It came back: it counts no second time."""
    await _queries.end_check(connection, contact_id=contact_id)
