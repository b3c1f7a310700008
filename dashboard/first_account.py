"""The first start of an installation: an account, and its password told once to who started it."""

import asyncio
import sys
from typing import Final

import structlog

from commands.add_account import AddedAccount
from dashboard.people import People
from db.errors import StoreError

log = structlog.get_logger(__name__)
AGAIN_S: Final = 5.0


async def ensure_first_account(people: People) -> None:
    """Make it where there is none yet; until the store answers, again and again."""
    while True:
        try:
            made = await people.first_account()
        except StoreError as error:
            log.warning("no first account yet", action="account.first", error=str(error))
            await asyncio.sleep(AGAIN_S)
        else:
            if made is not None:
                # not by the log: that goes to places where no password may stand
                sys.stderr.write(told(made))
                sys.stderr.flush()
            return


def told(made: AddedAccount) -> str:
    """What whoever starts it reads, this once."""
    return (
        f"\nFirst start: sign in as  {made.login}  with the password  {made.password}\n"
        "It is shown this once, and has to be changed. Lost: whistle accounts reset\n\n"
    )
