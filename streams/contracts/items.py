"""What one AIS message is on its way through Kafka: a short array, its kind first.

Bytes travel as text of the same code points (ISO 8859-1), moments of arrival as microseconds and
times of fixes as seconds since 1970, UTC. Unknown is null. Fields are only added at the end.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

from domain.positions import Fix, Rejection, StaticReport
from streams.contracts.messages import (
    Message,
    OtherMessage,
    PositionMessage,
    Rejected,
    Sentence,
    StaticMessage,
    TopicMessage,
)
from streams.contracts.report import instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST_S = 253_402_300_799  # the year 9999, where Python's datetime ends
_SMALL = 32_767
_NO_ZERO = r"^[^\x00]*$"  # PostgreSQL's text holds no zero byte

Arrival = Annotated[int, Meta(ge=0, le=_LAST_S * 1_000_000, description="µs since 1970, UTC")]
Seconds = Annotated[int, Meta(ge=0, le=_LAST_S, description="seconds since 1970, UTC")]
Mmsi = Annotated[int, Meta(ge=1, le=999_999_999)]
Raw = Annotated[str, Meta(max_length=16_384, description="bytes as ISO 8859-1")]
Place = Annotated[int, Meta(ge=0, le=2**63 - 1, description="byte in a recording")]
Small = Annotated[int, Meta(ge=0, le=_SMALL)]
Metres = Annotated[float, Meta(ge=0, le=100_000)]
Text = Annotated[str, Meta(max_length=200, pattern=_NO_ZERO)]
Detail = Annotated[str, Meta(max_length=4_000)]


class FixItem(Struct, array_like=True, tag="f", gc=False):
    """A fix: `payload_hash` is the signed 64-bit digest of the AIS payload."""

    at: Arrival
    raw: Raw
    mmsi: Mmsi
    t: Seconds
    payload_hash: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    lat: Annotated[float, Meta(ge=-90, le=90)]
    message_type: Annotated[int, Meta(ge=1, le=63)]
    sog_kn: Annotated[float, Meta(ge=0, le=200)] | None = None
    cog_deg: Annotated[float, Meta(ge=0, lt=360)] | None = None
    heading_deg: Annotated[int, Meta(ge=0, lt=360)] | None = None
    nav_status: Annotated[int, Meta(ge=0, le=15)] | None = None
    offset: Place | None = None

    def message(self, feed_id: str, source_id: str | None) -> Message:
        return PositionMessage(
            _sentence(feed_id, source_id, self.at, self.raw, self.offset),
            Fix(
                self.mmsi,
                instant(self.t),
                self.payload_hash,
                self.lon,
                self.lat,
                self.message_type,
                self.sog_kn,
                self.cog_deg,
                self.heading_deg,
                self.nav_status,
            ),
        )


class StaticItem(Struct, array_like=True, tag="s", gc=False):
    """Identity and voyage data, as `domain.positions.StaticReport` has them."""

    at: Arrival
    raw: Raw
    mmsi: Mmsi
    t: Seconds
    message_type: Annotated[int, Meta(ge=1, le=63)]
    name: Text | None = None
    callsign: Text | None = None
    imo: Annotated[int, Meta(ge=0, le=2**32)] | None = None
    eni: Text | None = None
    ship_type: Small | None = None
    inland_type: Small | None = None
    length_m: Metres | None = None
    beam_m: Metres | None = None
    draught_m: Metres | None = None
    destination: Text | None = None
    hazard: Small | None = None
    loaded_raw: Small | None = None
    offset: Place | None = None

    def message(self, feed_id: str, source_id: str | None) -> Message:
        report = StaticReport(
            mmsi=self.mmsi,
            t=instant(self.t),
            message_type=self.message_type,
            name=self.name,
            callsign=self.callsign,
            imo=self.imo,
            eni=self.eni,
            ship_type=self.ship_type,
            inland_type=self.inland_type,
            length_m=self.length_m,
            beam_m=self.beam_m,
            draught_m=self.draught_m,
            destination=self.destination,
            hazard=self.hazard,
            loaded_raw=self.loaded_raw,
        )
        return StaticMessage(_sentence(feed_id, source_id, self.at, self.raw, self.offset), report)


class OtherItem(Struct, array_like=True, tag="o", gc=False):
    """Well formed and only counted: `kind` as `OtherMessage` has it."""

    at: Arrival
    raw: Raw
    kind: Annotated[str, Meta(max_length=40, pattern=_NO_ZERO)]
    mmsi: int | None = None
    offset: Place | None = None

    def message(self, feed_id: str, source_id: str | None) -> Message:
        sentence = _sentence(feed_id, source_id, self.at, self.raw, self.offset)
        return OtherMessage(sentence, self.kind, self.mmsi)


class RefusedItem(Struct, array_like=True, tag="r", gc=False):
    """Refused by the relay. `whole`: the bytes kept, where they are not those of `raw`."""

    at: Arrival
    raw: Raw
    reason: Rejection
    detail: Detail
    whole: Raw | None = None
    mmsi: Annotated[int, Meta(ge=0, le=2**32)] | None = None
    offset: Place | None = None

    def message(self, feed_id: str, source_id: str | None) -> Message:
        sentence = _sentence(feed_id, source_id, self.at, self.raw, self.offset)
        raw = sentence.raw if self.whole is None else self.whole.encode("latin-1")
        return Rejected(sentence, self.reason, self.detail, raw, self.mmsi)


class SentenceItem(Struct, array_like=True, tag="n", gc=False):
    """A sentence that nobody has read yet, from a relay that only forwards.

    All sentences of one AIS message stand in one record: it is read on its own.
    """

    at: Arrival
    raw: Raw
    offset: Place | None = None
    length: Annotated[int, Meta(ge=0, le=2**40)] | None = None

    def sentence(self, feed_id: str, source_id: str | None) -> Sentence:
        return Sentence(
            feed_id,
            moment(self.at),
            self.raw.encode("latin-1"),
            self.offset,
            length=self.length,
            source_id=source_id,
        )


VesselItem = FixItem | StaticItem
ReceiverItem = OtherItem | RefusedItem | SentenceItem


def item_of(message: Message) -> VesselItem | OtherItem | RefusedItem:
    """What travels for a message that a decoder has made."""
    sentence = message.sentence
    at, raw = microseconds(sentence.arrived_at), sentence.raw.decode("latin-1")
    match message:
        case PositionMessage(fix=fix):
            return FixItem(
                at,
                raw,
                fix.mmsi,
                int(fix.t.timestamp()),
                fix.payload_hash,
                fix.lon,
                fix.lat,
                fix.message_type,
                fix.sog_kn,
                fix.cog_deg,
                fix.heading_deg,
                fix.nav_status,
                sentence.offset,
            )
        case StaticMessage(report=report):
            return StaticItem(
                at,
                raw,
                report.mmsi,
                int(report.t.timestamp()),
                report.message_type,
                report.name,
                report.callsign,
                report.imo,
                report.eni,
                report.ship_type,
                report.inland_type,
                report.length_m,
                report.beam_m,
                report.draught_m,
                report.destination,
                report.hazard,
                report.loaded_raw,
                sentence.offset,
            )
        case OtherMessage(kind=kind, mmsi=mmsi):
            return OtherItem(at, raw, kind, mmsi, sentence.offset)
        case Rejected():
            kept = None if message.raw == sentence.raw else message.raw.decode("latin-1")
            return RefusedItem(
                at, raw, message.reason, message.detail, kept, message.mmsi, sentence.offset
            )
        case TopicMessage():
            raise TypeError("only what AIS brings is an item")


@lru_cache(maxsize=4096)  # the sentences of one read share their stamp
def moment(at_us: int) -> datetime:
    """The aware datetime (UTC) of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at_us)


@lru_cache(maxsize=4096)
def microseconds(at: datetime) -> int:
    """Microseconds since 1970 of an aware datetime, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def _sentence(
    feed_id: str, source_id: str | None, at: int, raw: str, offset: int | None
) -> Sentence:
    return Sentence(feed_id, moment(at), raw.encode("latin-1"), offset, source_id=source_id)
