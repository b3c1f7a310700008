"""The sender of notices is killed again and again; nothing is lost, repeats bear their keys."""

import asyncpg
import pytest
from mail_server import mailbox
from notices_store import SHARES, Delta, killed_while_they_go
from robots import robots

FEW = {**dict.fromkeys(SHARES, 1), "smtp-1": 2}


@pytest.mark.faults
@pytest.mark.timeout(900)
async def test_fifty_times_sigkill_loses_no_notice(pool: asyncpg.Pool, database_url: str) -> None:
    async with pool.acquire() as store, robots() as there, mailbox() as mails:
        delta = Delta(store, there, mails)
        await delta.register(FEW)
        await killed_while_they_go(store, database_url, 50, delta)
