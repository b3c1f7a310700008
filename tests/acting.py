"""People who act in tests: an account in the store for an `Actor`."""

from datetime import UTC, datetime

from db.account import add_account
from db.pool import Connection
from domain.accounts import Account
from domain.actors import Actor

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


async def put_account(connection: Connection, actor: Actor, login: str) -> None:
    """Give `actor` an account that nobody can sign in to."""
    assert actor.account_id is not None
    assert actor.role is not None
    made = await add_account(
        connection,
        Account(
            account_id=actor.account_id,
            login=login,
            name=actor.name,
            role=actor.role,
            adcode=actor.adcode,
            password_hash=None,
            oidc_subject=login,
            must_change=False,
            demo=False,
            created_at=_LONG_AGO,
            disabled_at=None,
        ),
    )
    assert made
