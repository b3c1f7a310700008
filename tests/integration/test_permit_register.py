"""The registers in the store: two axes of time, an event for each edit, and what readers get."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from papers import AGO, BARGE, OTHER, SAILS, paper

from commands.change_permit import (
    ChangePermit,
    NoSuchPermit,
    WithdrawPermit,
    change_permit,
    withdraw_permit,
)
from commands.import_permits import ImportPermits, import_permits
from commands.put_registers import (
    PutEntries,
    RemoveEntries,
    put_carriers,
    put_hulls,
    put_wharves,
    remove_entries,
)
from db import event
from db.errors import StoreConflict
from db.permit import PERMITS, permit_history, permits_at, permits_for
from db.pool import Connection
from db.register import carriers, hulls, wharves
from domain.clock import SHANGHAI, utc_now
from domain.errors import InvalidInput
from domain.permits import Permit, PermitRow, check
from domain.registers import Hull, Wharf
from domain.tables import WrongTable
from domain.versions import amended

SOON = timedelta(milliseconds=1)
SECOND = replace(BARGE, mmsi=413900002, name="云帆002")
LANDING = Wharf("w-1", "试验码头", "Trial wharf", "310118", 120.95, 31.05, "spoil_licensed")


def rows(*permits: Permit, used_said: bool = True) -> ImportPermits:
    return ImportPermits(
        [PermitRow(line, one, used_said) for line, one in enumerate(permits, start=2)]
    )


@pytest.fixture
async def connection(pool: asyncpg.Pool):
    async with pool.acquire() as one:
        await put_carriers(one, "test", PutEntries([SAILS, OTHER], since=AGO))
        await put_hulls(one, "test", PutEntries([BARGE, SECOND], since=AGO))
        yield one
        assert await event.verify_all(one) == {}


async def events_of(connection: Connection, permit: Permit) -> list[tuple[str, Any]]:
    stored = await event.stream(connection, "permit", str(permit.permit_id))
    return [(one.kind, json.loads(one.payload)) for one in stored]


async def test_an_import_twice_is_one(connection: Connection) -> None:
    one, two = paper(), paper("沪固转2026-02", mmsi=None, carrier_id="c-yun")
    first = await import_permits(connection, "test", rows(one, two))
    assert first.added == (one.permit_id, two.permit_id)
    again = await import_permits(connection, "test", rows(one, two))
    assert (again.nothing, again.unchanged) == (True, 2)
    third = await import_permits(
        connection, "test", rows(replace(one, quantity_t=6000.0, via=("3205",)), two)
    )
    assert (third.added, third.unchanged) == ((), 1)
    assert third.changed == {one.permit_id: {"quantity_t": (5000.0, 6000.0), "via": ([], ["3205"])}}
    told = await events_of(connection, one)
    assert [kind for kind, _ in told] == ["permit.granted", "permit.changed"]
    assert told[0][1]["number"] == one.number
    assert told[1][1]["changes"] == {"quantity_t": [5000.0, 6000.0], "via": [[], ["3205"]]}
    assert await connection.fetchval("select count(*) from permit") == 4


async def test_a_new_paper_holds_from_its_first_day(connection: Connection) -> None:
    """Typed in late, it covers what was moved before; a paper of next year is seen, as not yet."""
    now = utc_now()
    today = now.astimezone(SHANGHAI).date()
    late = paper(first_day=today - timedelta(days=60), last_day=today)
    early = paper("2", first_day=today + timedelta(days=60), last_day=date(2099, 1, 1))
    await import_permits(connection, "test", rows(late, early))
    then = now - timedelta(days=30)
    assert await permits_for(connection, [BARGE.mmsi], then) == {BARGE.mmsi: (late,)}
    found = await permits_for(connection, [BARGE.mmsi, 1], utc_now())
    assert found == {BARGE.mmsi: (early, late), 1: ()}
    verdict = check(
        found[BARGE.mmsi],
        mmsi=BARGE.mmsi,
        carrier_id=BARGE.carrier_id,
        waste="渣土",
        purpose="disposal",
        from_adcode="310118",
        to_adcode="320509",
        quantity_t=900.0,
        at=now,
    )
    assert (verdict.result, verdict.found) == ("approved", (late,))


async def test_edits_answer_on_both_axes(connection: Connection) -> None:
    one = paper()
    await import_permits(connection, "test", rows(one))
    before_edit = utc_now()
    await asyncio.sleep(0)
    june = datetime(2026, 6, 1, tzinfo=UTC)
    done = await change_permit(
        connection, "test", ChangePermit(one.permit_id, {"used_t": 800.0}, june, "weighed")
    )
    assert done.changed == {one.permit_id: {"used_t": (0.0, 800.0)}}
    told = await events_of(connection, one)
    assert told[1][1]["reason"] == "weighed"
    assert told[1][1]["valid_from"] == june.isoformat()

    async def used(at: datetime, known: datetime | None = None) -> float:
        said = {} if known is None else {"as_known_at": known}
        return (await permits_for(connection, [BARGE.mmsi], at, **said))[BARGE.mmsi][0].used_t

    may, july = june - timedelta(days=10), june + timedelta(days=10)
    assert [await used(may), await used(july)] == [0.0, 800.0]
    assert [await used(may, before_edit), await used(july, before_edit)] == [0.0, 0.0]

    # a field corrected for long ago leaves the later change of another one alone
    await change_permit(
        connection, "test", ChangePermit(one.permit_id, {"holder": "青溪二建"}, one.begins_at)
    )
    assert [await used(may), await used(july)] == [0.0, 800.0]
    assert {p.holder for p in await permits_at(connection, july)} == {"青溪二建"}
    assert {p.holder for p in await permits_at(connection, july, before_edit)} == {"青溪建设"}
    again = ChangePermit(one.permit_id, {"holder": "青溪二建"}, one.begins_at)
    assert (await change_permit(connection, "test", again)).nothing
    history = await permit_history(connection, one.permit_id)
    assert [(v.content.used_t, v.recorded_to is None) for v in history] == [
        (0.0, False),
        (0.0, False),
        (800.0, False),
        (0.0, True),
        (800.0, True),
    ]
    assert history[-1].content == replace(one, holder="青溪二建", used_t=800.0)


async def test_what_is_used_stays_where_the_file_does_not_tell(connection: Connection) -> None:
    one = paper()
    await import_permits(connection, "test", rows(one))
    await change_permit(connection, "test", ChangePermit(one.permit_id, {"used_t": 800.0}))
    done = await import_permits(connection, "test", rows(one, used_said=False))
    assert done.nothing
    done = await import_permits(
        connection, "test", rows(replace(one, holder="新主"), used_said=False)
    )
    assert done.changed == {one.permit_id: {"holder": ("青溪建设", "新主")}}
    done = await import_permits(connection, "test", rows(replace(one, holder="新主")))
    assert done.changed == {one.permit_id: {"used_t": (800.0, 0.0)}}


async def test_a_withdrawn_paper_says_since_when(connection: Connection) -> None:
    one = paper()
    await import_permits(connection, "test", rows(one))
    at = utc_now()
    done = await withdraw_permit(
        connection, "test", WithdrawPermit(one.permit_id, "conditions broken", at)
    )
    assert done.ended == (one.permit_id,)
    assert await permits_at(connection, at - SOON) == [one]
    assert await permits_at(connection, at) == []
    found = await permits_for(connection, [BARGE.mmsi], at)
    assert found[BARGE.mmsi] == (replace(one, withdrawn_at=at),)
    with pytest.raises(NoSuchPermit):
        await withdraw_permit(connection, "test", WithdrawPermit(one.permit_id, "again"))
    with pytest.raises(NoSuchPermit):
        await change_permit(connection, "test", ChangePermit(one.permit_id, {"used_t": 1.0}))
    back = await import_permits(connection, "test", rows(replace(one, used_t=5.0), used_said=True))
    assert back.restored == (one.permit_id,)
    told = [kind for kind, _ in await events_of(connection, one)]
    assert told == ["permit.granted", "permit.withdrawn", "permit.restored"]


async def test_a_carriers_papers_go_with_its_hulls(connection: Connection) -> None:
    own, fleet = paper("own"), paper("fleet", mmsi=None, carrier_id="c-yun")
    seconds = paper("seconds", mmsi=SECOND.mmsi, carrier_id="c-yun")
    foreign = paper("foreign", mmsi=None, carrier_id="c-he")
    old = paper("old", first_day=date(2020, 1, 1), last_day=date(2021, 1, 1))
    await import_permits(connection, "test", rows(own, fleet, seconds, foreign, old))
    found = await permits_for(connection, [BARGE.mmsi, SECOND.mmsi, SECOND.mmsi], utc_now())
    assert found == {BARGE.mmsi: (fleet, own), SECOND.mmsi: (fleet, seconds)}
    sold = utc_now()
    await put_hulls(connection, "test", PutEntries([replace(SECOND, carrier_id="c-he")], sold))
    assert (await permits_for(connection, [SECOND.mmsi], sold))[SECOND.mmsi] == (foreign, seconds)
    before = await permits_for(connection, [SECOND.mmsi], sold - SOON)
    assert before[SECOND.mmsi] == (fleet, seconds)
    moved = ChangePermit(seconds.permit_id, {"mmsi": BARGE.mmsi, "carrier_id": None}, sold)
    await change_permit(connection, "test", moved)
    now_whose = await permits_for(connection, [BARGE.mmsi, SECOND.mmsi], utc_now())
    assert [one.number for one in now_whose[BARGE.mmsi]] == ["fleet", "own", "seconds"]
    assert [one.mmsi for one in now_whose[SECOND.mmsi]] == [None, BARGE.mmsi]


async def test_a_carriers_papers_for_other_vessels_explain(connection: Connection) -> None:
    """Only where a vessel has none of its own, and only a few of those in force."""
    bare = replace(BARGE, mmsi=413900003)
    await put_hulls(connection, "test", PutEntries([bare], AGO))
    others = [
        paper(f"{n}", mmsi=413900100 + n, carrier_id="c-yun", last_day=date(2030, 1, 1 + n))
        for n in range(5)
    ]
    old = paper("old", carrier_id="c-yun", mmsi=413900099, last_day=date(2026, 3, 2))
    await import_permits(connection, "test", rows(*others, old))
    found = await permits_for(
        connection,
        [bare.mmsi, 413900104],
        utc_now(),
    )
    assert found == {bare.mmsi: tuple(others[2:]), 413900104: (others[4],)}
    verdict = check(
        found[bare.mmsi],
        mmsi=bare.mmsi,
        carrier_id="c-yun",
        waste=None,
        purpose=None,
        from_adcode="310118",
        to_adcode="320583",
        quantity_t=None,
        at=utc_now(),
    )
    assert verdict.result == "none"
    assert {one.why for one in verdict.missed if one.kind == "approval"} == {"other_vessel"}


async def test_nothing_is_taken_when_one_is_wrong(connection: Connection) -> None:
    good = paper()
    wrong = [
        paper("2", carrier_id="c-nobody"),
        paper("3", carrier_id="c-nowhere"),
    ]
    with pytest.raises(WrongTable) as refused:
        await import_permits(connection, "test", rows(good, *wrong))
    assert [(f.line, f.column, f.got) for f in refused.value.faults] == [
        (3, "carrier_id", "c-nobody"),
        (4, "carrier_id", "c-nowhere"),
    ]
    wrong = [
        paper("2", purpose="utilisation"),
        paper("3", mmsi=None),
        paper("4", quantity_t=float("nan"), last_day=date(2020, 1, 1)),
    ]
    with pytest.raises(WrongTable) as refused:
        await import_permits(connection, "test", rows(good, *wrong))
    assert [(f.line, f.column) for f in refused.value.faults] == [
        (3, "purpose"),
        (4, "mmsi"),
        (5, "last_day"),
        (5, "quantity_t"),
    ]
    with pytest.raises(InvalidInput, match="twice"):
        await import_permits(connection, "test", rows(good, good))
    assert await connection.fetchval("select count(*) from permit") == 0
    assert await events_of(connection, good) == []


async def test_an_edit_names_the_wrong_field(connection: Connection) -> None:
    one = paper()
    await import_permits(connection, "test", rows(one))
    for changes, field in [
        ({"number": "9"}, "number"),
        ({"quantity_t": -1.0}, "quantity_t"),
        ({"carrier_id": "c-nobody"}, "carrier_id"),
        ({"to_adcode": "Taixing"}, "to_adcode"),
        ({"mmsi": None}, "mmsi"),
    ]:
        with pytest.raises(InvalidInput) as refused:
            await change_permit(connection, "test", ChangePermit(one.permit_id, changes))
        assert refused.value.field == field
    assert len(await permit_history(connection, one.permit_id)) == 1


async def test_hulls_carriers_and_wharves_keep_what_they_were(connection: Connection) -> None:
    await put_wharves(connection, "test", PutEntries([LANDING], AGO))
    sold = datetime(2026, 6, 1, tzinfo=UTC)
    done = await put_hulls(
        connection, "test", PutEntries([replace(BARGE, carrier_id="c-he"), SECOND], sold)
    )
    assert done.changed == {BARGE.mmsi: {"carrier_id": ("c-yun", "c-he")}}
    assert done.unchanged == 1
    may = sold - timedelta(days=1)
    assert (await hulls(connection, [BARGE.mmsi], may))[BARGE.mmsi].carrier_id == "c-yun"
    assert (await hulls(connection, None, sold))[BARGE.mmsi].carrier_id == "c-he"
    assert await hulls(connection, [1], sold) == {}
    assert await hulls(connection, None, AGO - SOON) == {}
    assert await carriers(connection, ["c-yun"], may) == {"c-yun": SAILS}
    assert await wharves(connection, None, may) == {"w-1": LANDING}
    gone = await remove_entries(connection, "test", RemoveEntries("wharf", ["w-1", "w-2"], sold))
    assert (gone.ended, gone.unchanged) == (("w-1",), 1)
    assert await wharves(connection, None, sold) == {}
    assert await wharves(connection, ["w-1"], may) == {"w-1": LANDING}
    told = await event.stream(connection, "hull", str(BARGE.mmsi))
    assert [one.kind for one in told] == ["hull.registered", "hull.changed"]


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (replace(BARGE, mmsi=0), "mmsi"),
        (replace(BARGE, length_m=819.0), "length_m"),
        (replace(BARGE, light_draught_m=2.0, laden_draught_m=1.0), "laden_draught_m"),
        (replace(BARGE, capacity_t=float("nan")), "capacity_t"),
        (replace(BARGE, name=" "), "name"),
    ],
)
async def test_a_wrong_hull_is_named(connection: Connection, entry: Hull, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await put_hulls(connection, "test", PutEntries([entry]))
    assert refused.value.field == field


async def test_editors_at_once_come_one_after_the_other(
    connection: Connection, pool: asyncpg.Pool
) -> None:
    one = paper()
    await import_permits(connection, "test", rows(one))

    async def use(tonnes: float) -> None:
        async with pool.acquire() as own:
            await change_permit(own, "test", ChangePermit(one.permit_id, {"used_t": tonnes}))

    await asyncio.gather(*(use(float(n)) for n in range(1, 9)))
    history = await permit_history(connection, one.permit_id)
    assert sum(v.recorded_to is None and v.valid_to is None for v in history) == 1
    assert len(await events_of(connection, one)) == 9


async def test_a_version_closed_by_another_is_a_conflict(connection: Connection) -> None:
    one = paper()
    await import_permits(connection, "test", rows(one))
    known = (await PERMITS.known(connection, [one.permit_id]))[one.permit_id]
    await change_permit(connection, "test", ChangePermit(one.permit_id, {"used_t": 1.0}))
    now = utc_now()
    with pytest.raises(StoreConflict):
        await PERMITS.amend(connection, [amended(known, replace(one, used_t=2.0), now, now)])


async def test_six_hundred_hulls_in_one_go(connection: Connection) -> None:
    fleet = [replace(BARGE, mmsi=414000000 + n, name=f"船{n}") for n in range(600)]
    assert len((await put_hulls(connection, "test", PutEntries(fleet, AGO))).added) == 600
    papers = [paper(f"n{n}", mmsi=hull.mmsi) for n, hull in enumerate(fleet)]
    assert len((await import_permits(connection, "test", rows(*papers))).added) == 600
    mmsis = [hull.mmsi for hull in fleet]
    found = await permits_for(connection, mmsis, utc_now())
    assert [len(found[mmsi]) for mmsi in mmsis] == [1] * 600
    assert len(await hulls(connection, mmsis, utc_now())) == 600
