"""What other systems are told: crossings and alerts as CloudEvents, whatever the store's own say.

The bodies are a published contract (docs/contracts, `streams/contracts/alert_event.py` and
`crossing_event.py`): fields are added, never renamed. Districts are adcodes, positions degrees
WGS-84, times ISO 8601 with an offset. Who decided and what was noted stays in the house
(docs/decisions/0016).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.alert_life import Alert, Step
from domain.behaviours import stem
from domain.crossings import Crossing
from domain.events import Event, canonical

KAFKA: Final = "kafka"
ALERTS: Final = "whistle.alerts"
CROSSINGS: Final = "whistle.crossings"
SOURCE: Final = "whistle"
STRUCTURED: Final = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message before the outbox has it. `message_id` is stable: sent twice, it is the same.

    Messages of one channel, destination and `ordering_key` go out in the order they were written.
    """

    channel: str
    destination: str
    ordering_key: str
    message_id: str
    payload: bytes
    content_type: str = STRUCTURED


def vessel_of(alert: Alert) -> str:
    """The key that keeps an alert's messages, and those of its vessel, in order.

    The MMSI by which the behaviour is known, else `plate:…` or `reading:…`: an MMSI that is learned
    later does not change it.
    """
    return alert.behaviour.split("/", 1)[0].removeprefix("mmsi:")


def alert_message(step: Step, event: Event) -> Outgoing:
    """What is told of one step of an alert, `event` being the stored one."""
    alert = step.alert
    data = {
        "alert_id": str(alert.alert_id),
        "revision": event.seq,
        "act": _act(alert.behaviour),
        "rule_set": alert.rule_set,
        "state": str(alert.state),
        "score": alert.score,
        "level": alert.level,
        "reasons": [_reason(reason) for reason in alert.reasons],
        "mmsi": alert.mmsi,
        "name": alert.subject,
        "position": {"lon": alert.lon, "lat": alert.lat},
        "district": alert.adcode,
        "border_districts": list(alert.border_adcodes),
        "began_at": alert.began_at,
        "last_at": alert.last_at,
        "raised_at": alert.raised_at,
        "recorded_at": event.recorded_at,
        "reopened": alert.reopened,
        "decided_at": alert.handled_at,
        "retracted_at": alert.retracted_at,
        "retraction": alert.retraction,
        "silenced_until": alert.silence_until,
    }
    key = vessel_of(alert)
    # a store put back from a copy counts on from there: the same number is another event then
    message_id = f"alert/{alert.alert_id}/{event.seq}-{event.hash.hex()[:8]}"
    return _message(ALERTS, key, message_id, event, data)


def crossing_message(crossing: Crossing, event: Event) -> Outgoing:
    """What is told of a confirmed crossing, `event` being the stored one."""
    data = {
        "crossing_id": str(crossing.crossing_id),
        "mmsi": crossing.mmsi,
        "from": crossing.from_adcode,
        "to": crossing.to_adcode,
        "via": list(crossing.via),
        "crossed_at": crossing.crossed_at,
        "confirmed_at": crossing.confirmed_at,
        "recorded_at": event.recorded_at,
        "position": {"lon": crossing.lon, "lat": crossing.lat},
        "by": crossing.by,
        "grazing": crossing.grazing,
        "fixes": [crossing.fix_before_at, crossing.fix_after_at],
    }
    message_id = f"crossing/{crossing.crossing_id}"
    return _message(CROSSINGS, str(crossing.mmsi), message_id, event, data)


def _message(
    destination: str, key: str, message_id: str, event: Event, data: Mapping[str, Any]
) -> Outgoing:
    body = {
        "specversion": "1.0",
        "id": message_id,
        "source": SOURCE,
        "type": f"whistle.{event.kind}.v1",
        "time": event.occurred_at,
        "subject": key,
        "datacontenttype": "application/json",
        "data": {name: value for name, value in data.items() if value is not None},
    }
    return Outgoing(KAFKA, destination, key, message_id, canonical(body))


def _reason(reason: Mapping[str, Any]) -> dict[str, Any]:
    """A reason with what the contract names of it, and nothing that may come beside it."""
    return {
        "rule": reason["rule"],
        "weight": reason["weight"],
        "facts": dict(reason.get("facts", {})),
        "evidence": [{name: one[name] for name in _EVIDENCE} for one in reason.get("evidence", ())],
    }


_EVIDENCE: Final = ("kind", "id", "at")


def _act(behaviour: str) -> str | None:
    """What the vessel did; `None` for a behaviour that `behaviour_key` has not named."""
    return stem(behaviour)[1] if behaviour.count("/") == 2 else None
