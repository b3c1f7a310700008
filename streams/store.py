"""Batches into the store: one transaction each, tried until it is in, whatever breaks meanwhile."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import ClassVar

import asyncpg
import structlog

from db import feed, session, stream
from db.errors import AlreadyThere, RefusedRow, StoreConflict, StoreError, store_error
from db.pool import Connection
from db.position import make_stage
from domain.errors import WhistleError
from domain.positions import Rejection
from streams.batch import Batch
from streams.contracts.ais import PART
from streams.contracts.messages import (
    Message,
    OtherMessage,
    PositionMessage,
    Rejected,
    StaticMessage,
)
from streams.handlers.position import PositionHandler
from streams.handlers.rejected import RejectedHandler
from streams.handlers.static import StaticHandler
from streams.handlers.work import Handler, Tally

_log = structlog.get_logger(__name__)
_FIRST_WAIT_S, _MOST_WAIT_S = 0.1, 5.0
_POISON_LIMIT = 16  # in one batch; more means that the fault is ours, not the message's
_CONFLICT_LIMIT = 8
_SETTLE_TRIES = 20

Connect = Callable[[], Awaitable[asyncpg.Connection]]


class PoisonedBatch(StoreError):
    """The store refuses too much of a batch for it to be the messages' fault."""

    code: ClassVar[str] = "store.poisoned_batch"


class _TriedOnly(Exception):
    """Nothing of this try is to stay."""


class BatchStore:
    """Writes batches in order. What a handler remembers follows the store, never runs ahead of it.

    - the store is away, or another transaction in the way: tried again with growing waits;
    - the answer to a COMMIT was lost: the store is asked what became of it;
    - a message that the store or a handler refuses: found by trying shorter and shorter beginnings
      of the batch, replaced by a rejection, and the batch is stored without it.
    """

    def __init__(
        self,
        connect: Connect,
        positions: PositionHandler,
        rejections: RejectedHandler,
        *,
        partitions: Callable[[Connection, Sequence[Message]], Awaitable[None]],
        others: Sequence[Handler] = (),
    ) -> None:
        self._connect = connect
        self._positions = positions
        self._handlers: list[Handler] = [positions, StaticHandler(), *others, rejections]
        self._partitions = partitions
        self._connection: asyncpg.Connection | None = None
        self._unsure: str | None = None
        self._lost = False

    @property
    def lost(self) -> bool:
        """Whether the last try failed for the store, and it is tried again."""
        return self._lost

    async def store(self, batch: Batch) -> Tally:
        """Store the batch and return its counts; comes back only when it is committed.

        Raises `CursorTaken` or `PartitionTaken` when another worker has read on from where the
        batch begins, `StoreError` (schema, rights) for what waiting cannot mend.
        """
        failures = conflicts = 0
        suspect: BaseException | None = None
        while True:
            try:
                if suspect is not None:
                    batch, suspect = await self._without_poison(batch, suspect), None
                tally = await self._attempt(batch)
            except Exception as error:
                mapped = store_error(error)
                self._forget()
                if isinstance(mapped, StoreError) and mapped.retriable:
                    self._positions.thorough = True
                    self._drop()
                    await self._wait(failures, mapped)
                    failures += 1
                elif isinstance(mapped, AlreadyThere) and conflicts < _CONFLICT_LIMIT:
                    self._positions.thorough = True
                    conflicts += 1
                elif mapped is None or isinstance(mapped, RefusedRow | AlreadyThere):
                    suspect = mapped or error
                elif mapped is error:
                    raise
                else:
                    raise mapped from error
            else:
                if self._lost:
                    self._lost = False
                    _log.info("store is back", action="store.recovered", tries=failures)
                return tally

    def _drop(self) -> None:
        """Let a connection go that may be dead or in an unknown state; the next try opens one."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close(timeout=5)
        self._connection = None

    async def _attempt(self, batch: Batch) -> Tally:
        connection = await self._connected()
        if self._unsure is not None:
            done = await self._settled(connection, self._unsure)
            self._unsure = None
            if done:
                return Tally()
        tally = await self._prepare(connection, batch)
        transaction = connection.transaction()
        await transaction.start()
        try:
            xid = await self._write(connection, batch, tally)
        except BaseException:
            if not connection.is_closed():
                await transaction.rollback()
            raise
        self._unsure = xid
        await transaction.commit()
        self._unsure = None
        for handler in self._handlers:
            handler.commit()
        return tally

    async def _prepare(self, connection: Connection, batch: Batch) -> Tally:
        tally = Tally()
        messages = batch.messages
        others = [message for message in messages if isinstance(message, OtherMessage)]
        tally.add_all([message for message in others if message.kind == PART], "part")
        tally.add_all([message for message in others if message.kind != PART], "other")
        await self._partitions(connection, messages)
        await self._positions.prepare(connection, messages, tally, batch.fixes)
        for handler in self._handlers[1:]:
            await handler.prepare(connection, messages, tally)
        return tally

    async def _write(self, connection: Connection, batch: Batch, tally: Tally) -> str:
        recorded_at: datetime
        recorded_at, xid = await session.transaction_now(connection)
        for move in batch.cursors:
            await feed.move_cursor(connection, move)
        await stream.advance(connection, batch.offsets)
        for handler in self._handlers:
            await handler.write(connection, recorded_at)
        await feed.add_counts(connection, tally.counts)
        return xid

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connect()
            await make_stage(self._connection)
        return self._connection

    async def _settled(self, connection: Connection, xid: str) -> bool:
        """Whether the transaction whose end was lost is committed, once that is decided."""
        committed = await session.was_committed(connection, xid)
        for _ in range(_SETTLE_TRIES):
            if committed is not None:
                break
            await asyncio.sleep(_FIRST_WAIT_S)  # the server has not noticed the loss yet
            committed = await session.was_committed(connection, xid)
        if committed is None:
            raise StoreConflict("the lost transaction still runs")
        _log.info("fate of a lost commit", action="store.settled", committed=committed)
        return committed

    def forget(self) -> None:
        """Remember nothing of any vessel: another worker may have gone on with it meanwhile."""
        self._forget()

    def _forget(self) -> None:
        for handler in self._handlers:
            handler.forget()

    async def _wait(self, failures: int, error: WhistleError) -> None:
        if not self._lost:
            self._lost = True
            _log.warning("store failed", action="store.lost", code=error.code, error=str(error))
        most = min(_MOST_WAIT_S, _FIRST_WAIT_S * 2**failures)
        await asyncio.sleep(most * random.uniform(0.5, 1))  # noqa: S311 - spreads workers, no secret

    async def _without_poison(self, batch: Batch, error: BaseException) -> Batch:
        """The batch with its first poisonous message replaced by a rejection."""
        messages = list(batch.messages)
        poisoned = sum(
            isinstance(one, Rejected) and one.reason is Rejection.UNPROCESSABLE for one in messages
        )
        good, bad = 0, len(messages)
        if poisoned >= _POISON_LIMIT:
            raise PoisonedBatch(f"{poisoned} messages of one batch: {error}") from error
        if await self._fails([]) is not None:
            raise PoisonedBatch(f"even a batch of nothing: {error}") from error
        while bad - good > 1:
            middle = (good + bad) // 2
            if await self._fails(messages[:middle]) is None:
                good = middle
            else:
                bad = middle
        cause = await self._fails(messages[:bad])
        if cause is None:
            return batch  # it works now: the fault has gone away, try the whole again
        message = messages[bad - 1]
        _log.error(
            "message could not be stored",
            action="store.poison",
            feed_id=message.sentence.feed_id,
            error=f"{type(cause).__name__}: {cause}",
            exc_info=None if isinstance(cause, StoreError) else cause,
        )
        messages[bad - 1] = Rejected(
            sentence=message.sentence,
            reason=Rejection.UNPROCESSABLE,
            detail=f"{type(cause).__name__}: {cause}",
            raw=message.sentence.raw,
            mmsi=_mmsi(message),
        )
        return Batch(messages, batch.cursors, batch.offsets)

    async def _fails(self, messages: Sequence[Message]) -> BaseException | None:
        """What the store or a handler says to these messages; nothing of it stays."""
        connection = await self._connected()
        self._forget()
        try:
            batch = Batch(list(messages))
            tally = await self._prepare(connection, batch)
            async with connection.transaction():
                await self._write(connection, batch, tally)
                raise _TriedOnly  # noqa: TRY301 - the way to roll back
        except _TriedOnly:
            return None
        except Exception as error:
            mapped = store_error(error)
            if mapped is not None and not isinstance(mapped, RefusedRow | AlreadyThere):
                raise
            return mapped or error
        finally:
            self._forget()


def _mmsi(message: Message) -> int | None:
    if isinstance(message, PositionMessage):
        return message.fix.mmsi
    return message.report.mmsi if isinstance(message, StaticMessage) else None
