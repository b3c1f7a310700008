"""Rows of the store as the things the console shows."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dashboard.alert import Alert
from dashboard.snapshot import (
    DeadReceiver,
    Device,
    Feed,
    Passage,
    Relay,
    Vessel,
    Worker,
    silent_after_s,
)
from domain.checkpoints import DeviceHealth
from domain.positions import FixFlag
from domain.silence import Receiver, dead_since

Row = Mapping[str, Any]


def to_vessel(row: Row, unheard_s: float = 0.0) -> Vessel:
    """A row of `select_live_vessels` or `select_vessel`."""
    return Vessel(
        mmsi=row["mmsi"],
        t=row["t"],
        lon=row["lon"],
        lat=row["lat"],
        sog_kn=row["sog_kn"],
        cog_deg=row["cog_deg"],
        heading_deg=row["heading_deg"],
        nav_status=row["nav_status"],
        message_type=row["message_type"],
        flags=FixFlag(row["flags"]),
        adcode=row["adcode"],
        border_water=row["border_water"],
        feed_id=row["feed_id"],
        name=row["name"] or None,
        length_m=row["length_m"],
        unheard_s=unheard_s,
    )


def to_vessels(rows: Iterable[Row], feeds: Iterable[Feed], now: float) -> tuple[Vessel, ...]:
    """Rows of `select_live_vessels`, each with the silence of its own feed or receiver."""
    silent = unheard(feeds, now)

    def silence_of(row: Row) -> float:
        feed_id = row["feed_id"]
        return max(silent.get((feed_id, at), 0.0) for at in ("", row["station"]))

    return tuple(to_vessel(row, silence_of(row)) for row in rows)


def unheard(feeds: Iterable[Feed], now: float) -> dict[tuple[str, str], float]:
    """Seconds for which nobody was heard, by (feed, receiver); (feed, "") says it of a whole feed.

    Nobody is called lost for a silence that is a source's.
    """
    found = {}
    for feed in feeds:
        last = feed.last_sentence_at
        if feed.ended_at is None and last is not None and now - last > feed.silent_after_s:
            found[feed.feed_id, ""] = now - last
        for one in feed.dead_receivers:
            found[feed.feed_id, one.station] = now - one.since
    return found


def passage(row: Row) -> Passage:
    """A row of `select_recent_crossings` or `select_vessel_crossings`."""
    return Passage(
        crossing_id=row["crossing_id"],
        mmsi=row["mmsi"],
        name=row["name"] or None,
        from_adcode=row["from_adcode"],
        to_adcode=row["to_adcode"],
        via=tuple(row["via"]),
        crossed_at=row["crossed_at"],
        confirmed_at=row["confirmed_at"],
        lon=row["lon"],
        lat=row["lat"],
        by=row["by"],
        grazing=row["grazing"],
    )


def to_alert(row: Row) -> Alert:
    """A row of `select_alerts` or `select_alert`."""
    return Alert(
        alert_id=row["alert_id"],
        behaviour=row["behaviour"],
        rule_set=row["rule_set"],
        source_kind=row["source_kind"],
        mmsi=row["mmsi"],
        name=row["name"] or None,
        subject=row["subject"] or None,
        state=row["state"],
        score=row["score"],
        level=row["level"],
        reasons_json=row["reasons"],
        lon=row["lon"],
        lat=row["lat"],
        adcode=row["adcode"],
        border_adcodes=tuple(row["border_adcodes"]),
        began_at=row["began_at"],
        last_at=row["last_at"],
        raised_at=row["raised_at"],
        changed_at=row["changed_at"],
        reopened=row["reopened"],
        handled_by=row["handled_by"],
        handled_at=row["handled_at"],
        note=row["note"],
        retracted_at=row["retracted_at"],
        retraction=row["retraction"],
        silence_owner=row["silence_owner"],
        silence_reason=row["silence_reason"],
        silence_until=row["silence_until"],
        silence_over=row["silence_over"],
        checkpoint=(row["checkpoint_zh"], row["checkpoint_en"]) if row["checkpoint_zh"] else None,
    )


def to_feed(
    row: Row,
    rates: Mapping[str, tuple[float | None, float]],
    outcomes: Iterable[Row],
    receivers: Iterable[DeadReceiver],
    silent_floor_s: float,
) -> Feed:
    """A row of `select_feeds` with its rates, its counts per outcome and its dead receivers."""
    recent, mean = rates.get(row["feed_id"], (None, 0.0))
    counted = list(outcomes)
    return Feed(
        feed_id=row["feed_id"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        connected=row["connected"],
        recorded_at=row["recorded_at"],
        last_sentence_at=row["last_sentence_at"],
        last_fix_at=row["last_fix_at"],
        ended_at=row["ended_at"],
        queued=row["queued"],
        queue_limit=row["queue_limit"],
        rate=recent,
        silent_after_s=silent_after_s(mean, silent_floor_s),
        dead_receivers=tuple(receivers),
        hour={o["outcome"]: o["hour_n"] for o in counted if o["hour_n"]},
        day={o["outcome"]: o["day_n"] for o in counted if o["day_n"]},
    )


def to_worker(row: Row) -> Worker:
    """A row of `db.pipeline.workers`."""
    return Worker(row["recorded_at"], row["waiting"], row["broker_lost_at"])


def to_relay(row: Row) -> Relay:
    """A row of `db.pipeline.relays`."""
    return Relay(
        name=row["relay"],
        heard_at=row["recorded_at"],
        waiting_messages=row["waiting_messages"],
        waiting_bytes=row["waiting_bytes"],
        limit_bytes=row["limit_bytes"],
        dropped_messages=row["dropped_messages"],
        spool_fault=row["spool_fault"],
    )


def dead_receivers(rows: Iterable[Row], now: datetime) -> dict[str, list[DeadReceiver]]:
    """Of the rows of `select_receivers` those that hear nobody at `now`, by feed."""
    found: dict[str, list[DeadReceiver]] = {}
    for row in rows:
        one = Receiver(row["station"], frozenset({row["heard_at"]}), row["company"])
        since = dead_since(one, now)
        if since is not None:
            dead = DeadReceiver(one.name, since.timestamp())
            found.setdefault(row["feed_id"], []).append(dead)
    return found


def to_device(known: DeviceHealth, now: datetime) -> Device:
    """A checkpoint with its last signs of life, judged at `now`, the store's clock."""
    point, heard = known.checkpoint, known.last_contact_at
    return Device(
        checkpoint_id=point.checkpoint_id,
        system=point.system,
        name_zh=point.name,
        name_en=point.name_en,
        lon=point.lon,
        lat=point.lat,
        last_contact_at=None if heard is None else heard.timestamp(),
        health=known.at(now),
    )
