"""From the spool to the broker: in order per key, each entry until the broker has it."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError

from domain.errors import InvalidInput
from streams.contracts.contract import VALUE_LIMIT
from streams.contracts.records import RECEIVERS, VESSELS
from streams.kafka.client import options, part, topic_name, why_not
from streams.kafka.errors import broker_error
from streams.relay.entry import Entry
from streams.relay.packing import Packer
from streams.relay.spool import Spool, Taken
from streams.settings import KafkaSettings
from streams.sources.backoff import Backoff
from streams.topics.keys import partition_of

_log = structlog.get_logger(__name__)
_RETRY_FIRST_S, _RETRY_MOST_S = 0.2, 5.0
_WINDOW, _WINDOW_BYTES = 512, 8 * 1024 * 1024
_BATCH_BYTES = 256 * 1024
_ENVELOPE_BYTES = 4096


class State(StrEnum):
    """How the way to the broker is."""

    CONNECTING = "connecting"
    AWAY = "away"
    DRAINING = "draining"
    DIRECT = "direct"


@dataclass(slots=True)
class _Flight:
    """An entry given to the producer; `acks` are one per record that it became."""

    taken: Taken
    acks: list[asyncio.Future[Any]] = field(default_factory=list)
    handed: bool = False

    @property
    def landed(self) -> bool:
        return self.handed and all(ack.done() for ack in self.acks)


class Delivery:
    """Sends what the spool holds, `acks=all` and idempotent, and marks it done.

    An error that the client cannot mend gives the producer up: another one begins with the first
    entry that is not done, so that what was on its way then may come twice, and never not at all.
    `delivered` counts messages. A broker that did not answer for `patience_s` counts as away.
    """

    def __init__(
        self, spool: Spool, packer: Packer, settings: KafkaSettings, *, patience_s: float
    ) -> None:
        self.delivered = 0
        self.records = 0
        self.again = 0
        self.state = State.CONNECTING
        self.reason: str | None = None
        self._spool = spool
        self._packer = packer
        self._settings = settings
        self._patience_s = patience_s
        self._flights: deque[_Flight] = deque()
        self._flying_bytes = 0
        self._connected = False
        self._taken_at = asyncio.get_running_loop().time()
        self._failure: BaseException | None = None
        self._wake = asyncio.Event()
        self._finishing = False
        self._live: AIOKafkaProducer | None = None
        self.farewell: Callable[[], Entry] | None = None
        """Made and sent when everything else has been."""
        self.landed = asyncio.Event()
        """Set whenever the broker has taken something."""

    @property
    def waited_s(self) -> float:
        """Seconds since the broker last took something, or was connected with nothing to take."""
        return asyncio.get_running_loop().time() - self._taken_at

    async def say(self, entry: Entry) -> None:
        """Send something that is true only now, beside the spool; lost if the broker is away."""
        if self._live is None:
            return
        name = topic_name(self._settings, entry.topic)
        with suppress(KafkaError, OSError):
            ack = await self._live.send(name, value=entry.value, key=entry.key)
            ack.add_done_callback(lambda done: done.cancelled() or done.exception())

    def news(self) -> None:
        """The spool has more."""
        self._wake.set()

    def finish(self) -> None:
        """Nothing more comes: `run` returns when the spool is empty."""
        self._finishing = True
        self._wake.set()

    def look(self) -> None:
        """Say once that the broker is away, back, and has everything; call it now and then."""
        if self._connected and self._spool.empty:
            self._taken_at = asyncio.get_running_loop().time()
        if self.state is not State.AWAY and self.waited_s > self._patience_s:
            self.state, self.reason = State.AWAY, self.reason or "no answer"
            _log.warning("broker away, spooling", action="relay.spool", error=self.reason)
        elif not self.up and self._connected and self.waited_s <= self._patience_s:
            self.state, self.reason = State.DRAINING, None
            waiting = self._spool.pending_messages
            _log.info("broker answers, sending the spool", action="relay.drain", messages=waiting)
        elif self.state is State.DRAINING and not self._behind:
            self.state = State.DIRECT
            _log.info("spool sent, going on directly", action="relay.direct")

    @property
    def up(self) -> bool:
        """Whether the broker takes records."""
        return self.state in {State.DRAINING, State.DIRECT}

    @property
    def _behind(self) -> bool:
        """Whether entries wait that are not on their way yet."""
        return self._spool.pending_messages > sum(f.taken.entry.messages for f in self._flights)

    async def run(self) -> None:
        """Until `finish` and an empty spool. Raises `InvalidInput` for a wrong setting only."""
        backoff = Backoff(_RETRY_FIRST_S, _RETRY_MOST_S)
        while not (self._finishing and self._spool.empty):
            producer, before = self._producer(), self.delivered
            try:
                await producer.start()
                for name in (VESSELS.name, RECEIVERS.name):
                    await producer.partitions_for(topic_name(self._settings, name))
                self._connected, self._live = True, producer
                await self._send_all(producer)
                if self.farewell is not None:
                    await self.say(self.farewell())
                    await producer.flush()
            except Exception as error:
                await self._note(error)
            finally:
                self._connected, self._live = False, None
                self._land_nothing_more()
                await part(producer)
            if not (self._finishing and self._spool.empty):
                if self.delivered > before:
                    backoff.reset()
                self._failure = None
                await asyncio.sleep(backoff.wait_s())

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **options(self._settings),
            acks="all",
            enable_idempotence=True,
            max_batch_size=_BATCH_BYTES,
            max_request_size=VALUE_LIMIT + _ENVELOPE_BYTES,
        )

    async def _send_all(self, producer: AIOKafkaProducer) -> None:
        while True:
            self._wake.clear()
            if self._failure is not None:
                raise self._failure
            room = len(self._flights) < _WINDOW and self._flying_bytes < _WINDOW_BYTES
            taken = self._spool.take() if room else None
            if taken is not None:
                flight = _Flight(taken)
                self._flights.append(flight)
                self._flying_bytes += len(taken.entry.value)
                await self._hand_over(producer, flight)
            elif self._finishing and not self._flights:
                return
            else:
                await self._wake.wait()

    async def _hand_over(self, producer: AIOKafkaProducer, flight: _Flight) -> None:
        name = topic_name(self._settings, flight.taken.entry.topic)
        count = len(await producer.partitions_for(name))
        if flight.taken.entry.topic == VESSELS.name:
            self._packer.partitions = count
        for entry in self._packer.regroup(flight.taken.entry, count):
            ack = await self._send(producer, name, entry, partition_of(entry.key, count))
            ack.add_done_callback(self._answered)
            flight.acks.append(ack)
        flight.handed = True
        self._settle()

    async def _send(
        self, producer: AIOKafkaProducer, name: str, entry: Entry, partition: int
    ) -> asyncio.Future[Any]:
        """Give a record to the client, waiting while it holds as much as it may."""
        while True:
            try:
                ack: asyncio.Future[Any] = await producer.send(
                    name, value=entry.value, key=entry.key, partition=partition
                )
            except KafkaTimeoutError:  # it was not taken, so it can be given again
                if self._failure is not None:
                    raise self._failure from None
            else:
                return ack

    def _answered(self, ack: asyncio.Future[Any]) -> None:
        if ack.cancelled():
            return
        error = ack.exception()
        if error is not None:
            self._failure = error
            self._wake.set()
        else:
            self._settle()

    def _settle(self) -> None:
        """Mark done what has landed, in order."""
        while self._failure is None and self._flights and self._flights[0].landed:
            flight = self._flights.popleft()
            entry = flight.taken.entry
            self._flying_bytes -= len(entry.value)
            self._spool.done(flight.taken)
            self.delivered += entry.messages
            self.records += len(flight.acks)
            self._taken_at = asyncio.get_running_loop().time()
            self.landed.set()
        self._wake.set()

    def _land_nothing_more(self) -> None:
        """What is on its way now is sent again by the next producer."""
        self.again += sum(flight.taken.entry.messages for flight in self._flights)
        self._flights.clear()
        self._flying_bytes = 0
        self._spool.rewind()

    async def _note(self, error: Exception) -> None:
        """Why it did not work, logged once per reason. Raises what waiting cannot mend."""
        mapped = await why_not(self._settings, error) if not self._connected else None
        mapped = mapped or broker_error(error)
        if mapped is None or isinstance(mapped, InvalidInput):
            raise mapped or error
        self._failure = error
        if str(mapped) != self.reason:
            _log.warning("broker does not take it", action="relay.refused", error=str(mapped))
        self.reason = str(mapped)
