"""What a form of the one-tap page says: read with distrust, since anybody may send one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID, uuid5

from domain.errors import InvalidInput
from domain.musters import ETA_MOST, Answer, OwnPosition

FORM: Final = "application/x-www-form-urlencoded"
FORM_MOST: Final = 8_000
"""Bytes: 300 Chinese characters of a reason, as a form spells them, take 2 700."""
_FIELDS_MOST: Final = 12
SAYABLE: Final = {
    one.value: one
    for one in (
        Answer.SEEN,
        Answer.ACKNOWLEDGED,
        Answer.ON_THE_WAY,
        Answer.ON_SCENE,
        Answer.DECLINED,
    )
}
"""Taken back is an acknowledgement at the console only, where somebody asks why."""
_ETA_MOST_MIN: Final = int(ETA_MOST.total_seconds() // 60) - 1


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was sent. `eta`: from now; `position` only if the telephone's owner let it.

    `command_id` is made of the form's own id and all that it says: tapped twice it is the same
    answer, said otherwise in the same form it is another one.
    """

    command_id: UUID
    answer: Answer
    eta: timedelta | None = None
    reason: str | None = None
    position: OwnPosition | None = None


def given_of(body: bytes) -> Given:
    """What the form says. Raises `InvalidInput` naming the field."""
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=_FIELDS_MOST)
    except ValueError as error:
        raise InvalidInput("form", "a form of this page") from error
    said = dict(pairs)  # of a reason that was chosen and one that was typed, the typed one
    answer = SAYABLE.get(said.get("said", ""))
    if answer is None:
        raise InvalidInput("said", f"one of {', '.join(SAYABLE)}")
    try:
        form_id = UUID(said.get("id", ""))
    except ValueError as error:
        raise InvalidInput("id", "the id of the form") from error
    eta = _minutes(said.get("eta", "")) if answer is Answer.ON_THE_WAY else None
    reason = said.get("reason", "").strip() if answer is Answer.DECLINED else None
    position = _position(said)
    spoken = repr((answer.value, eta, reason, position))
    return Given(uuid5(form_id, spoken), answer, eta, reason, position)


def _minutes(said: str) -> timedelta | None:
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) < 5 and int(said) <= _ETA_MOST_MIN):
        raise InvalidInput("eta", f"minutes, at most {_ETA_MOST_MIN}")
    return timedelta(minutes=int(said))


def _position(said: Mapping[str, str]) -> OwnPosition | None:
    fields = [said.get(name, "") for name in ("lon", "lat", "accuracy")]
    if not any(fields):
        return None
    try:
        lon, lat, accuracy_m = (float(one[:24]) for one in fields)
    except ValueError as error:
        raise InvalidInput("position", "degrees and metres") from error
    if not all(map(math.isfinite, (lon, lat, accuracy_m))):
        raise InvalidInput("position", "degrees and metres")
    return OwnPosition(round(lon, 6), round(lat, 6), round(accuracy_m, 1))
