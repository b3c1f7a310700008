"""`checkpoint.readings`: readings of other systems, taken as the HTTP door takes them."""

from datetime import timedelta

from domain.checkpoints import Bounds, Reading, System
from domain.errors import InvalidInput
from streams.contracts.contract import BadRecord
from streams.contracts.messages import Message, Sentence
from streams.contracts.reading_record import READINGS, read_reading
from streams.handlers.reading import ReadingHandler, ReadingMessage
from streams.sources.http import jiashan, wujiang
from streams.sources.http.contract import original, parse
from streams.sources.http.refusal import Refused
from streams.topics.topic import Limits, Record, Topic


def take(record: Record, limits: Limits) -> list[Message]:
    """The reading of a record; it arrived when the broker took it, but not after now."""
    told = read_reading(record.value)
    received_at = min(record.at, limits.now())
    body = bytes(told.body)
    try:
        reading = _reading(told.system, body)
    except (Refused, InvalidInput) as fault:
        raise BadRecord(str(fault)) from fault
    sentence = Sentence(
        READINGS.name, received_at, record.value or b"", record.offset, source_id=record.source_id
    )
    bounds = Bounds(limits.tolerance, limits.retention)
    return [ReadingMessage(sentence, reading, original(body), bounds)]


def _reading(system: System, body: bytes) -> Reading:
    if system is System.WUJIANG:
        return parse(body, wujiang.Passage).reading()
    return parse(body, jiashan.Sighting).reading()


TOPIC = Topic(
    name=READINGS.name,
    key="checkpoint_id",
    contract=READINGS,
    partitions=6,
    retention=timedelta(days=7),
    take=take,
    handler=ReadingHandler,
)
