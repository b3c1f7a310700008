"""Commands that make something go out, and what then stands in the outbox beside the events."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from commands.confirm_crossings import ConfirmCrossings, confirm_crossings
from commands.raise_alert import RaiseAlert, Raised, raise_alert
from domain.alert_life import Suspicion
from domain.crossings import Crossing
from streams.contracts.alert_event import ALERTS, AlertEvent
from streams.contracts.crossing_event import CROSSINGS, CrossingEvent
from streams.topics.topic import Topic

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MMSI = 413_000_200


def suspicion(number: int = 0, **changes: Any) -> Suspicion:
    """A suspicion against the vessel of this number."""
    evidence = {"kind": "crossing", "id": "x", "at": NOON.isoformat(), "seen_by": "不外传"}
    facts = {"from": "310118", "to": "320509", "stage": "crossing", "missing": ["approval"]}
    found = Suspicion(
        behaviour=f"mmsi:{MMSI + number}/leave:310118/2026-11-20T12",
        rule_set="2026-3",
        source_kind="crossing",
        source_id="x",
        mmsi=MMSI + number,
        subject="淀西2161",
        score=35,
        level="low",
        reasons=({"rule": "no_paper", "weight": 35, "facts": facts, "evidence": [evidence]},),
        lon=120.86,
        lat=31.1,
        adcode="310118",
        border_adcodes=("320509", "320583"),
        began_at=NOON,
        last_at=NOON,
    )
    return replace(found, **changes)


def louder(score: int, level: str = "low") -> dict[str, Any]:
    """The same suspicion with more against the vessel."""
    laden = {"rule": "laden", "weight": score - 35, "facts": {"draught_m": 2.3}, "evidence": []}
    return {"score": score, "level": level, "reasons": (*suspicion().reasons, laden)}


async def suspect(store: asyncpg.Connection, number: int = 0, **changes: Any) -> Raised:
    return await raise_alert(store, "watch", RaiseAlert(suspicion(number, **changes)))


def crossing(number: int = 0, turn: int = 0) -> Crossing:
    """The crossing of a vessel in its turn."""
    at = NOON + turn * MINUTE
    return Crossing(
        crossing_id=uuid4(),
        mmsi=MMSI + number,
        from_adcode="310118",
        to_adcode="320509" if turn % 2 else "outside",
        via=("320583",),
        crossed_at=at,
        confirmed_at=at + MINUTE,
        lon=120.85385,
        lat=31.10979,
        by="depth",
        grazing=False,
        fix_before_at=at,
        fix_after_at=at + 10 * SECOND,
    )


async def cross(store: asyncpg.Connection, *crossings: Crossing) -> list[UUID]:
    async with store.transaction():
        now = await store.fetchval("select clock_timestamp()")
        return await confirm_crossings(store, "ingest", ConfirmCrossings(crossings, now))


async def bare_message(
    store: asyncpg.Connection, destination: str, key: str, message_id: str, payload: bytes = b"{}"
) -> int:
    """A row as no command writes it."""
    outbox_id: int = await store.fetchval(
        "insert into outbox (channel, destination, ordering_key, message_id, payload,"
        " content_type) values ('kafka', $1, $2, $3, $4, 'application/cloudevents+json')"
        " returning outbox_id",
        destination, key, message_id, payload,
    )  # fmt: skip
    return outbox_id


async def all_is_told_once(store: asyncpg.Connection) -> int:
    """Every event of an alert or crossing has its one row, in the order of its chain; how many.

    Each body is what the contract says.
    """
    events = await store.fetch(
        "select stream_kind, stream_id, seq, kind, payload, occurred_at, recorded_at, hash"
        " from event where stream_kind = 'alert' or kind = 'crossing.confirmed' order by 1, 2, 3"
    )
    rows = await store.fetch("select * from outbox order by outbox_id")
    by_id = {row["message_id"]: row for row in rows}
    assert len(by_id) == len(rows) == len(events)
    last: dict[tuple[str, str], int] = {}
    for one in events:
        row = by_id[message_id(one)]
        told = contract_of(row["destination"]).decode(row["payload"])
        assert told.id == row["message_id"]
        assert told.type == f"whistle.{one['kind']}.v1"
        assert (told.time, told.subject) == (one["occurred_at"], row["ordering_key"])
        assert told.data.recorded_at == one["recorded_at"]
        assert row["content_type"] == "application/cloudevents+json"
        assert row["channel"] == "kafka"
        stream = one["stream_kind"], one["stream_id"]
        assert row["outbox_id"] > last.get(stream, 0)
        last[stream] = row["outbox_id"]
        if isinstance(told, AlertEvent):
            assert told.data.revision == one["seq"]
        else:
            assert isinstance(told, CrossingEvent)
            assert row["ordering_key"] == one["stream_id"]
    return len(rows)


def message_id(event: asyncpg.Record) -> str:
    """The id under which an event is told."""
    if event["stream_kind"] == "alert":
        return f"alert/{event['stream_id']}/{event['seq']}-{event['hash'].hex()[:8]}"
    return f"crossing/{json.loads(event['payload'])['crossing_id']}"


def contract_of(destination: str) -> Any:
    return {ALERTS.name: ALERTS, CROSSINGS.name: CROSSINGS}[destination]


def outgoing(topics: dict[str, Topic]) -> list[Topic]:
    """The two topics that are told of here."""
    return [topics[ALERTS.name], topics[CROSSINGS.name]]
