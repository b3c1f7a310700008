"""Where an authority stands in a muster, by the answers of its own people and nobody else's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.musters import Call, CallState


class Standing(StrEnum):
    """Where an authority stands in a muster, from the worst to the best."""

    NOT_TOLD = "not_told"
    UNREACHED = "unreached"
    """Every message to it was given up."""
    DECLINED = "declined"
    """Whoever was reached declined."""
    TOLD = "told"
    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"
    ON_THE_WAY = "on_the_way"
    ON_SCENE = "on_scene"


@dataclass(frozen=True, slots=True)
class Turnout:
    """One authority's row: when it was first told, and the first of its people at each state."""

    authority_id: str
    standing: Standing
    told_at: datetime | None = None
    accepted_at: datetime | None = None
    receipt_at: datetime | None = None
    seen_at: datetime | None = None
    acknowledged_at: datetime | None = None
    on_the_way_at: datetime | None = None
    eta: datetime | None = None
    on_scene_at: datetime | None = None

    @property
    def silent(self) -> bool:
        """Told, and nobody of it has said that they come."""
        return self.told_at is not None and self.acknowledged_at is None


def turnout(authority_id: str, calls: Iterable[Call]) -> Turnout:
    """Where `authority_id` stands by its own calls; one authority's answer is never another's."""
    own = [call for call in calls if call.authority_id == authority_id]
    if not own:
        return Turnout(authority_id, Standing.NOT_TOLD)
    first = {name: _first(own, name) for name in _TIMES}
    reached = {call.state for call in own}
    standing = next(standing for state, standing in _STANDINGS if state in reached)
    etas = [call.eta for call in own if call.eta and call.on_scene_at is None]
    return Turnout(
        authority_id,
        standing,
        told_at=min(call.called_at for call in own),
        eta=min(etas, default=None),
        **first,
    )


_STANDINGS: Final = (
    (CallState.ON_SCENE, Standing.ON_SCENE),
    (CallState.ON_THE_WAY, Standing.ON_THE_WAY),
    (CallState.ACKNOWLEDGED, Standing.ACKNOWLEDGED),
    (CallState.SEEN, Standing.SEEN),
    (CallState.RECEIPT, Standing.TOLD),
    (CallState.ACCEPTED, Standing.TOLD),
    (CallState.QUEUED, Standing.TOLD),
    (CallState.DECLINED, Standing.DECLINED),
    (CallState.FAILED, Standing.UNREACHED),
)
_TIMES: Final = (
    "accepted_at",
    "receipt_at",
    "seen_at",
    "acknowledged_at",
    "on_the_way_at",
    "on_scene_at",
)


def _first(calls: Iterable[Call], name: str) -> datetime | None:
    return min((at for call in calls if (at := getattr(call, name))), default=None)
