"""`whistle.crossings`: a vessel has left one district for another."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from domain.outgoing import CROSSINGS as NAME
from streams.contracts.cloud_event import CloudEvent, District, Mmsi, Moment, Position
from streams.contracts.contract import Contract


class CrossingData(Struct, kw_only=True):
    """`via`: districts only passed through. `position`: where the track met the border. `by`: which
    evidence settled it. `grazing`: the excursion never left border water. `fixes`: times of the two
    on either side of the border. docs/detection.md says how a crossing is found.
    """

    crossing_id: UUID
    mmsi: Mmsi
    from_: District = field(name="from")
    to: District
    via: list[District]
    crossed_at: Moment
    confirmed_at: Moment
    recorded_at: Moment
    position: Position
    by: Literal["depth", "dwell", "gate", "segment"]
    grazing: bool
    fixes: Annotated[list[Moment], Meta(min_length=2, max_length=2)]


class CrossingEvent(CloudEvent, kw_only=True):
    """A crossing, once it is certain. It is not taken back."""

    type: Literal["whistle.crossing.confirmed.v1"]
    data: CrossingData


CROSSINGS = Contract(NAME, [CrossingEvent])
