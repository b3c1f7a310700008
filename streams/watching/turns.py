"""Open alerts asked again in turns, so that a storm of them does not hold up what is new."""

from datetime import datetime
from itertools import count
from typing import Final
from uuid import UUID

from commands.retract_alert import RetractAlert, retract_alert
from db.alert import open_alerts
from db.pool import Connection
from domain.alert_life import Alert
from domain.water_source import WaterSource
from layers.geography import Geography
from streams.watching.case import ACTOR
from streams.watching.guard import Guard
from streams.watching.recheck import ASKED, MOST, disproof

A_TURN: Final = 20
"""Alerts asked at once: a fraction of a second."""


class Turns:
    """Remembers which alert was asked when; a new watch begins with all of them anew."""

    def __init__(self) -> None:
        self._asked: dict[UUID, int] = {}
        self._numbers = count(1)

    async def take(
        self,
        connection: Connection,
        geography: Geography,
        source: WaterSource | None,
        now: datetime,
        guard: Guard,
    ) -> list[Alert]:
        """Ask the next `A_TURN` alerts, those asked longest ago first; returns the retracted."""
        speaking = await open_alerts(connection, now - ASKED, MOST)
        self._asked = {
            alert.alert_id: self._asked[alert.alert_id]
            for alert in speaking
            if alert.alert_id in self._asked
        }
        speaking.sort(key=lambda alert: self._asked.get(alert.alert_id, 0))
        gone: list[Alert] = []
        for alert in speaking[:A_TURN]:
            self._asked[alert.alert_id] = next(self._numbers)
            if guard.leaves("alert", str(alert.alert_id)):
                continue
            async with guard.about(connection, "alert", str(alert.alert_id)):
                why = await disproof(connection, geography, source, alert)
                if why is not None:
                    done = await retract_alert(connection, ACTOR, RetractAlert(alert.alert_id, why))
                    gone += [] if done is None else [done]
        return gone
