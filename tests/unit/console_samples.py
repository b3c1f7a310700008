"""Snapshots that the console's tests show."""

import json
from typing import Any

from dashboard.alert import Alert
from dashboard.snapshot import Device, Feed, Passage, Snapshot, Vessel
from domain.checkpoints import Health, System
from domain.positions import FixFlag

NOW = 1_700_000_000.0


def vessel(mmsi: int = 413000001, **changes: Any) -> Vessel:
    """A class A barge under way on the Taipu, heard two seconds ago."""
    fields: dict[str, Any] = {
        "mmsi": mmsi,
        "t": NOW - 2,
        "lon": 120.9,
        "lat": 31.02,
        "sog_kn": 5.0,
        "cog_deg": 91.0,
        "heading_deg": 90,
        "nav_status": 0,
        "message_type": 1,
        "flags": FixFlag.NONE,
        "adcode": "310118",
        "border_water": False,
        "feed_id": "ais",
        "name": "TAIPU 1",
    }
    return Vessel(**(fields | changes))


def passage(**changes: Any) -> Passage:
    """A crossing by gate, certain since twenty seconds."""
    fields: dict[str, Any] = {
        "crossing_id": "c1",
        "mmsi": 413000001,
        "name": "TAIPU 1",
        "from_adcode": "310118",
        "to_adcode": "320509",
        "via": (),
        "crossed_at": NOW - 80,
        "confirmed_at": NOW - 20,
        "lon": 120.9,
        "lat": 31.02,
        "by": "gate",
        "grazing": False,
    }
    return Passage(**(fields | changes))


def feed(**changes: Any) -> Feed:
    """A feed that does well."""
    fields: dict[str, Any] = {
        "feed_id": "ais",
        "name_zh": "岸台",
        "name_en": "Shore station",
        "connected": True,
        "recorded_at": NOW - 0.5,
        "last_sentence_at": NOW - 0.3,
        "last_fix_at": NOW - 0.3,
        "ended_at": None,
        "queued": 5,
        "queue_limit": 100,
        "rate": 41.6,
    }
    return Feed(**(fields | changes))


def snapshot(**changes: Any) -> Snapshot:
    """One moment with one of each."""
    fields: dict[str, Any] = {
        "tick": 7,
        "taken_at": NOW,
        "vessels": (vessel(),),
        "crossings": (passage(),),
        "crossings_today": 1,
        "feeds": (feed(),),
    }
    return Snapshot(**(fields | changes))


def alert(**changes: Any) -> Alert:
    """A high alert about the sample vessel, raised half a minute ago; `reasons` as stored."""
    reasons = changes.pop("reasons", [])
    fields: dict[str, Any] = {
        "alert_id": "0c0ffee0-0000-4000-8000-000000000001",
        "behaviour": "mmsi:413000001/leave:310118/2026-11-23T10",
        "rule_set": "2026-1",
        "source_kind": "crossing",
        "mmsi": 413000001,
        "name": "青货0917",
        "subject": None,
        "state": "new",
        "score": 92,
        "level": "high",
        "reasons_json": json.dumps(reasons),
        "lon": 120.856,
        "lat": 31.106,
        "adcode": "310118",
        "border_adcodes": ("320509", "320583"),
        "began_at": NOW - 60,
        "last_at": NOW - 40,
        "raised_at": NOW - 30,
        "changed_at": NOW - 30,
    }
    return Alert(**(fields | changes))


def devices(**silent: float | None) -> tuple[Device, ...]:
    """Eight points of Wujiang, nineteen of Jiashan, all online but those named: last contact."""
    return tuple(
        Device(
            checkpoint_id=f"{system}{n}",
            system=system,
            name_zh=f"{system}{n}号",
            name_en=f"{system} no. {n}",
            lon=120.8 + n / 100,
            lat=31.0,
            last_contact_at=silent.get(f"{system}{n}", NOW - 20),
            health=Health.SILENT if f"{system}{n}" in silent else Health.ONLINE,
        )
        for system, count in ((System.WUJIANG, 8), (System.JIASHAN, 19))
        for n in range(1, count + 1)
    )
