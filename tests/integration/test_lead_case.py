"""The lead case through the product's own parts: AIVDM, ingest, devices, door, watch, a person."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
from door_process import open_door
from store_content import ingest

from commands.handle_alert import HandleAlerts, handle_alert
from db import event
from db.alert import open_alerts, read_alerts
from db.pool import create_pool
from db.reading import readings_after
from domain.alert_life import AlertAction, AlertState
from domain.clock import utc_now
from seed.case_book import CaseBook
from seed.checkpoints import ZHOUZHUANG
from seed.chorus import CaseReception
from seed.device_link import DeviceLink
from seed.device_service import Bank, DeviceOrder, TokenFile, watch
from seed.lead_case import case_hull_name, lead_case
from seed.load_registers import issue_tokens, load_registers
from streams.inputs import Input
from streams.sources.file import FileSource
from streams.watch import Watch

SEED, BARGES = 2024, 3
AGO_S = 300
"""How long ago the case began: both have passed the gate by now."""


async def sees(pool: asyncpg.Pool, url: str, tokens: Path, book: CaseBook) -> None:
    """The simulated devices post to the real door until the gate has read both barges."""
    bank = Bank(DeviceOrder(BARGES, SEED, dark_share=0.0, strays=False, case=book.path))
    async with open_door(url) as address:
        points = [point.checkpoint_id for point in bank.points]
        link = DeviceLink(address, TokenFile(tokens), points)
        posting = asyncio.create_task(watch(bank, link))
        try:
            async with asyncio.timeout(90), pool.acquire() as connection:
                gate = 0
                while gate < 2:
                    await asyncio.sleep(0.1)  # another server fills the table
                    found = await readings_after(connection, 0)
                    gate = sum(one.reading.checkpoint_id == ZHOUZHUANG for one in found)
        finally:
            posting.cancel()
            await asyncio.wait({posting})


async def test_two_barges_leave_qingpu_and_become_two_alerts(
    layered_url: str, tmp_path: Path
) -> None:
    tokens, book = tmp_path / "tokens.json", CaseBook(tmp_path / "case.json")
    now = int(utc_now().timestamp())
    begun = book.begin(now - AGO_S)
    recording = tmp_path / "case.nmea"
    radio = CaseReception(book, SEED, lambda: True)
    said = [line for _, lines in radio.lines(begun, now) for line in lines]
    recording.write_bytes(b"".join(line.rstrip() + b"\r\n" for line in said))
    pool = await create_pool(layered_url, size=4)
    try:
        async with pool.acquire() as connection:
            await load_registers(connection, BARGES, SEED)
            await issue_tokens(connection, tokens)
        source = FileSource(recording, feed_id="ais")
        await ingest(layered_url, Input(source, "file", "case")).run()
        await sees(pool, layered_url, tokens, book)
        await _alerts(pool, begun)
    finally:
        await pool.close()


async def _alerts(pool: asyncpg.Pool, begun: int) -> None:
    names = {case_hull_name(barge) for barge in lead_case(SEED, begun).barges}
    looking = Watch("")
    done = await looking.round(pool, everything=True)
    alerts = {one.alert.subject: one.alert for one in done.raised}
    assert set(alerts) == names
    for alert in alerts.values():
        weights = {reason["rule"]: reason["weight"] for reason in alert.reasons}
        assert weights == {"no_paper": 50, "laden": 15, "spoil_carrier": 10}
        facts = alert.reasons[0]["facts"]
        assert (facts["from"], facts["stage"]) == ("310118", "gate")
        assert set(facts["missing"]) == {"approval", "filing", "disposal"}
        assert facts["unfit"] == []  # none on the register, rather than some that do not do
        assert {alert.adcode, *alert.border_adcodes} == {"310118", "320509", "320583"}
        assert (alert.level, alert.state) == ("high", AlertState.NEW)
    for _ in range(2):
        again = await looking.round(pool, everything=True)
        assert (again.raised, again.retracted) == ((), ())
    first, second = alerts.values()
    async with pool.acquire() as connection:
        validated = HandleAlerts(uuid4(), AlertAction.VALIDATE, {first.alert_id: AlertState.NEW})
        await handle_alert(connection, "Zhou", validated)
        rejected = HandleAlerts(
            uuid4(), AlertAction.REJECT, {second.alert_id: AlertState.NEW}, "a trial run"
        )
        await handle_alert(connection, "Zhou", rejected)
    # the watch goes on, and respects what people decided
    assert (await looking.round(pool, everything=True)).raised == ()
    async with pool.acquire() as connection:
        found = await read_alerts(connection, [first.alert_id, second.alert_id])
        assert found[first.alert_id].state is AlertState.VALIDATED
        assert found[second.alert_id].state is AlertState.REJECTED
        speaking = await open_alerts(connection, utc_now() - timedelta(hours=1), 10)
        assert [one.alert_id for one in speaking] == [first.alert_id]
        for alert_id in found:
            assert await event.verify(connection, "alert", str(alert_id)) == []
