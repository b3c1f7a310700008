"""A storm of alerts: do rail and map agree at every tick, and what does it cost the console?

Three hundred alerts in ten minutes through the command that the watch uses; every third is handled
by somebody, every tenth is disproved. Five viewers look on and compare, at each tick, the cards of
the rail with the rings that the map is told to fetch.
"""

import asyncio
import random
from datetime import timedelta
from itertools import chain
from uuid import UUID

import asyncpg
import httpx
import psutil

from bench.stack import Stack, running
from bench.table import Row, percentiles
from bench.viewer import Seen, Viewer
from commands.handle_alert import HandleAlerts, handle_alerts
from commands.raise_alert import RaiseAlert, raise_alert
from commands.retract_alert import RetractAlert, retract_alert
from db.pool import create_pool
from domain.alert_life import Alert, AlertAction, Suspicion
from domain.alert_rules import RULE_SET
from domain.clock import utc_now

BARGES = 600
ALERTS = 300
SECONDS = 600.0
VIEWERS = 5
SETTLE_S = 15.0
LEVELS = (("high", 78), ("medium", 55), ("low", 22))
FIRST_MMSI = 413900000
ACTIONS = (AlertAction.SEE, AlertAction.VALIDATE, AlertAction.REJECT)


async def measure() -> list[Row]:
    """The console without an alert first, as the baseline; then the storm."""
    async with running(BARGES) as stack:
        console = psutil.Process(stack.pid("console"))
        await asyncio.sleep(SETTLE_S)
        calm, calm_cores = await _watched(stack, console, 60.0, alerts=0)
        seen, cores = await _watched(stack, console, SECONDS, ALERTS)
    compared = sum(len(one.alerts) for one in seen)
    unlike = sum(len(one.unlike) for one in seen)
    most = max(max(one.alerts.values(), default=0) for one in seen)
    return [
        Row("alerts raised", ALERTS, f"in {SECONDS:.0f} s"),
        Row("most alerts on the rail at once", most, "alerts"),
        Row("rail compared with the map", compared, "ticks"),
        Row("ticks at which they differed", unlike, "ticks", aim="0"),
        *percentiles("tick without alerts (baseline)", _gaps(calm), "s"),
        *percentiles("tick in the storm", _gaps(seen), "s", aim="p95 under 1.5"),
        Row("console without alerts", calm_cores, "cores"),
        Row(
            "console in the storm",
            cores,
            "cores",
            f"{cores / calm_cores:.1f} x baseline",
            "under 1",
        ),
        Row("bodies refused", sum(len(one.failed) for one in seen), "of all", aim="0"),
    ]


async def _watched(
    stack: Stack, console: psutil.Process, seconds: float, alerts: int
) -> tuple[list[Seen], float]:
    """What five viewers saw in that time, and the cores that the console took."""
    limits = httpx.Limits(max_connections=3 * VIEWERS)
    async with httpx.AsyncClient(timeout=30, limits=limits) as http:
        before = console.cpu_times()
        storm = asyncio.create_task(_storm(stack.database_url, alerts, seconds))
        viewers = (Viewer(stack.page, http).watch(seconds) for _ in range(VIEWERS))
        seen = await asyncio.gather(*viewers)
        await storm
        after = console.cpu_times()
    return seen, (after.user + after.system - before.user - before.system) / seconds


async def _storm(url: str, count: int, seconds: float) -> None:
    """Raise `count` alerts spread over the time, with everything that happens to alerts."""
    chance = random.Random(3)
    moments = sorted(chance.uniform(0, seconds - 10) for _ in range(count))
    pool = await create_pool(url, application="whistle bench", size=2)
    loop = asyncio.get_running_loop()
    began = loop.time()
    raised: list[Alert] = []
    try:
        for number, moment in enumerate(moments):
            await asyncio.sleep(max(0.0, began + moment - loop.time()))
            async with pool.acquire() as connection:
                found = RaiseAlert(_suspicion(number, chance))
                raised.append((await raise_alert(connection, "watch", found)).alert)
                if number % 3 == 2:
                    await _handle(connection, raised[-2], ACTIONS[number // 3 % 3], number)
                if number % 10 == 9:
                    why = RetractAlert(raised[-5].alert_id, "not_supported")
                    await retract_alert(connection, "watch", why)
    finally:
        await pool.close()


async def _handle(
    connection: asyncpg.pool.PoolConnectionProxy, alert: Alert, action: AlertAction, number: int
) -> None:
    note = "fault of the device" if action is AlertAction.REJECT else None
    command = HandleAlerts(UUID(int=number), action, {alert.alert_id: alert.state}, note)
    await handle_alerts(connection, "bench", command)


def _suspicion(number: int, chance: random.Random) -> Suspicion:
    """A barge in the border water of the 急水港, as the rules would tell of it."""
    level, score = LEVELS[number % 3]
    now = utc_now()
    reasons = (
        {"rule": "laden", "weight": 15, "facts": {"draught_m": 2.7, "laden_m": 1.97}},
        {"rule": "spoil_carrier", "weight": score - 15, "facts": {}},
    )
    return Suspicion(
        behaviour=f"bench:{number}",
        rule_set=RULE_SET,
        source_kind="border",
        source_id=str(number),
        mmsi=FIRST_MMSI + number,
        subject=None,
        score=score,
        level=level,
        reasons=tuple({**each, "evidence": []} for each in reasons),
        lon=chance.uniform(120.80, 120.95),
        lat=chance.uniform(31.02, 31.12),
        adcode="310118",
        border_adcodes=("320509",),
        began_at=now - timedelta(seconds=30),
        last_at=now,
    )


def _gaps(seen: list[Seen]) -> list[float]:
    return list(chain.from_iterable(one.gaps() for one in seen))
