"""Whether somebody may do a deed, by the account as it stands in the deed's own transaction."""

from collections.abc import Collection

from db.account import hold_account
from db.pool import Connection
from domain.actors import Actor, Deed, Forbidden, check


async def authorise(
    connection: Connection, actor: Actor, deed: Deed, adcodes: Collection[str] = ()
) -> None:
    """Raise `Forbidden` unless `actor` may do `deed` where `adcodes` are concerned.

    Call it first in the command's transaction. The account's role and district are read anew, not
    taken from `actor`; who was disabled meanwhile may nothing. A part of the product may.
    """
    if actor.role is None:
        return
    account = None if actor.account_id is None else await hold_account(connection, actor.account_id)
    if account is None or account.disabled_at is not None:
        raise Forbidden(deed)
    check(account.actor, deed, adcodes)
