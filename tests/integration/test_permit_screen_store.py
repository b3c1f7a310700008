"""What the permit page does to the register: once per form, and never over another's change."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import asyncpg
import pytest
from papers import AGO, BARGE, OTHER, SAILS, paper

from commands.change_permit import (
    ChangePermit,
    StalePermit,
    WithdrawPermit,
    change_permit,
    withdraw_permit,
)
from commands.grant_permit import GrantPermit, grant_permit
from commands.import_permits import ImportPermits, import_permits
from commands.put_registers import PutEntries, put_carriers, put_hulls
from db import event
from db.command import CommandReused
from db.permit import permit_history, permit_of
from db.permit_list import read_carriers, read_papers
from db.pool import Connection
from domain.clock import utc_now
from domain.errors import InvalidInput
from domain.permits import PermitRow


@pytest.fixture
async def connection(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as one:
        await put_carriers(one, "test", PutEntries([SAILS, OTHER], since=AGO))
        await put_hulls(one, "test", PutEntries([BARGE], since=AGO))
        yield one
        assert await event.verify_all(one) == {}


async def told(connection: Connection, permit_id: object) -> list[tuple[str, str]]:
    return [(e.kind, e.actor) for e in await event.stream(connection, "permit", str(permit_id))]


async def test_a_new_paper_is_granted_once(connection: Connection) -> None:
    one = paper(carrier_id="c-yun")
    grant = GrantPermit(one, "seen on paper", uuid4())
    first = await grant_permit(connection, "王一", grant)
    assert first.added == (one.permit_id,)
    assert await grant_permit(connection, "王一", grant) == first
    with pytest.raises(CommandReused):
        await grant_permit(connection, "李二", grant)
    with pytest.raises(InvalidInput) as refused:
        await grant_permit(connection, "王一", replace(grant, command_id=uuid4()))
    assert refused.value.field == "number"
    with pytest.raises(InvalidInput) as refused:
        await grant_permit(connection, "王一", GrantPermit(paper("2", carrier_id="c-no")))
    assert refused.value.field == "carrier_id"
    assert await told(connection, one.permit_id) == [("permit.granted", "王一")]


async def test_a_withdrawn_paper_may_be_granted_again(connection: Connection) -> None:
    one = paper()
    await grant_permit(connection, "王一", GrantPermit(one))
    withdraw = WithdrawPermit(one.permit_id, "conditions broken", command_id=uuid4())
    gone = await withdraw_permit(connection, "王一", withdraw)
    assert gone.ended == (one.permit_id,)
    assert await withdraw_permit(connection, "王一", withdraw) == gone
    again = await grant_permit(connection, "李二", GrantPermit(one))
    assert again.restored == (one.permit_id,)


async def test_a_double_click_changes_once(connection: Connection) -> None:
    one = paper()
    await grant_permit(connection, "王一", GrantPermit(one))
    change = ChangePermit(one.permit_id, {"used_t": 800.0}, reason="weighed", command_id=uuid4())
    first = await change_permit(connection, "王一", change)
    assert first.changed == {one.permit_id: {"used_t": (0.0, 800.0)}}
    assert await change_permit(connection, "王一", change) == first
    assert len(await told(connection, one.permit_id)) == 2


async def test_nobody_changes_what_he_has_not_seen(connection: Connection) -> None:
    one = paper()
    await grant_permit(connection, "王一", GrantPermit(one))
    [row] = await read_papers(connection, utc_now())
    seen = row["changed_at"]
    mine = ChangePermit(one.permit_id, {"holder": "青溪二建"}, seen=seen)
    theirs = ChangePermit(one.permit_id, {"used_t": 5.0}, seen=seen)
    await change_permit(connection, "李二", theirs)
    with pytest.raises(StalePermit):
        await change_permit(connection, "王一", mine)
    with pytest.raises(StalePermit):
        await withdraw_permit(
            connection, "王一", WithdrawPermit(one.permit_id, "because", seen=seen)
        )
    [row] = await read_papers(connection, utc_now())
    await change_permit(connection, "王一", replace(mine, seen=row["changed_at"]))
    assert len(await permit_history(connection, one.permit_id)) == 5


async def test_an_import_sent_twice_is_one(connection: Connection) -> None:
    rows = [PermitRow(2, paper()), PermitRow(3, paper("沪固转2026-02"))]
    command = ImportPermits(rows, command_id=uuid4())
    first = await import_permits(connection, "王一", command)
    assert len(first.added) == 2
    assert await import_permits(connection, "王一", command) == first
    other = await import_permits(connection, "王一", replace(command, command_id=uuid4()))
    assert (other.added, other.unchanged) == ((), 2)


async def test_the_list_holds_each_paper_once_with_names(connection: Connection) -> None:
    fleet = paper("1", mmsi=None, carrier_id="c-yun")
    own = paper("2", carrier_id=None)
    gone = paper("3")
    later = paper("4", first_day=utc_now().date() + timedelta(days=40), last_day=date(2030, 1, 1))
    for one in (fleet, own, gone, later):
        await grant_permit(connection, "王一", GrantPermit(one))
    await change_permit(connection, "王一", ChangePermit(own.permit_id, {"used_t": 5.0}))
    await withdraw_permit(connection, "王一", WithdrawPermit(gone.permit_id, "because"))
    begins = later.begins_at - timedelta(days=60)
    await withdraw_permit(connection, "王一", WithdrawPermit(later.permit_id, "never", begins))
    rows = {row["number"]: row for row in await read_papers(connection, utc_now())}
    assert len(rows) == 4
    assert permit_of(rows["1"]) == fleet
    assert (rows["1"]["carrier_zh"], rows["1"]["vessel"]) == ("云帆水运", None)
    assert permit_of(rows["2"]) == replace(own, used_t=5.0)
    assert rows["2"]["vessel"] == "云帆001"
    assert rows["3"]["withdrawn_at"] is not None
    assert rows["4"]["withdrawn_at"] is not None  # although it was never in force
    assert {one[0] for one in await read_carriers(connection)} == {"c-yun", "c-he"}
