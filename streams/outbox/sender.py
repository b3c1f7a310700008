"""One channel's messages from the store to the other side, by one process at a time."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import asyncpg
import structlog

from db.errors import mapped_errors, store_error
from db.outbox import (
    PutOff,
    Standing,
    Waiting,
    claim,
    mark_dead,
    mark_sent,
    put_off,
    standing,
    take,
    touch,
)
from db.pool import Connection, connect
from domain.errors import InvalidInput, WhistleError
from streams.outbox.channel import Answer, Channel, Later, Refused
from streams.settings import OutboxSettings
from streams.sources.backoff import Backoff

_log = structlog.get_logger(__name__)
_MOST = 200
_MARK_S = 0.05
_LOOK_S = 2.0
_STORE_S = 0.5
_RENEW_S = 30.0
"""Without any answer for so long, the channel is closed and opened again."""
_AGAIN_FIRST_S, _AGAIN_MOST_S = 0.2, 5.0
_CLOSE_S = 5.0

Answers = list[tuple[Waiting, Answer]]


class Sender:
    """Sends what is due until `stop`, if it has the channel's place; else it stands by for it.

    The place is a lock of its session in the store, and everything it marks goes by that session:
    whoever loses it loses both. The server ends a session that says nothing for
    `outbox_takeover_s`. A store or another side that is away is waited for, said once each.
    """

    def __init__(self, url: str, channel: Channel, settings: OutboxSettings) -> None:
        self.channel = channel
        self.sent = self.refused = self.put_off = 0
        self.sending = False
        """Whether this process has the place."""
        self.store_up = False
        self.away: str | None = None
        """Why the other side takes nothing, as long as it takes nothing."""
        self.standing = Standing(0, 0, 0.0)
        self._url = url
        self._settings = settings
        self._stopping = asyncio.Event()
        self._store_told = False
        self._why_later: str | None = None
        self._spoken_at = self._looked_at = 0.0
        self._backoff = Backoff(_AGAIN_FIRST_S, _AGAIN_MOST_S)

    def stop(self) -> None:
        """Send what is on its way, take nothing more. Callable again."""
        self._stopping.set()

    async def run(self) -> None:
        """Until told to stop. Raises `WhistleError` for what waiting cannot mend."""
        while not self._stopping.is_set():
            try:
                await self._with_store()
            except Exception as error:
                self._wait_for_store(error)
                await self._pause(_STORE_S)

    async def _with_store(self) -> None:
        """One session: stand by, take the place, send."""
        application = f"whistle outbox {self.channel.name}"
        connection = await connect(self._url, application=application)
        try:
            async with mapped_errors():
                while not self._stopping.is_set():
                    await self._turn(connection)
        finally:
            self.sending = self.store_up = False
            await self._let_go()
            await _part(connection)

    async def _let_go(self) -> None:
        await self.channel.close()

    async def _turn(self, connection: Connection) -> None:
        await self._be_there(connection)
        messages = await take(connection, self.channel.name, _MOST) if self.sending else []
        if messages:
            await self._send(connection, messages)
        else:
            await self._pause(self._settings.outbox_poll_s)

    async def _be_there(self, connection: Connection) -> None:
        """Have the place or ask for it, and see how much waits."""
        name = self.channel.name
        idle = timedelta(seconds=self._settings.outbox_takeover_s)
        if not self.sending:
            self.sending = await claim(connection, name, idle)
            self._spoke()
            if self.sending:
                _log.info("sending", action="outbox.sending", channel=name)
        await self._look(connection)
        self._store_is_back()

    async def _send(self, connection: Connection, messages: Sequence[Waiting]) -> None:
        """Give them to the channel, and mark what it answers while it answers."""
        loop = asyncio.get_running_loop()
        answers: Answers = []
        sending = asyncio.create_task(
            self.channel.send(messages, lambda one, answer: answers.append((one, answer)))
        )
        heard = loop.time()
        try:
            while not sending.done():
                await asyncio.wait({sending}, timeout=_MARK_S)
                taken, answers[:] = answers[:], []
                if taken:
                    heard = loop.time()
                    self._is_back()
                await self._mark(connection, taken)
                silent_s = loop.time() - heard
                if silent_s > self._settings.outbox_patience_s and not sending.done():
                    self._is_away("no answer")
                if silent_s > self._most_silent_s():
                    break
        finally:
            sending.cancel()
            closing = asyncio.create_task(self._end(sending))
            with suppress(Exception):  # the store is lost, which another word to it will say
                while not closing.done():
                    await asyncio.wait({closing}, timeout=_MARK_S)
                    await self._keep(connection)
            await closing
        await self._mark(connection, answers)
        error = None if sending.cancelled() else sending.exception()
        if error is None:
            return
        if not isinstance(error, WhistleError) or isinstance(error, InvalidInput):
            raise error
        self._is_away(str(error))
        await self._rest(connection, self._backoff.wait_s())

    async def _end(self, sending: asyncio.Task[None]) -> None:
        """What is not answered by now may still arrive, and is sent again."""
        await asyncio.wait({sending})
        if sending.cancelled():
            await self.channel.close()

    def _most_silent_s(self) -> float:
        """How long the other side may say nothing; not so long once a stop was asked for."""
        return self._settings.outbox_drain_s if self._stopping.is_set() else _RENEW_S

    async def _mark(self, connection: Connection, answers: Answers) -> None:
        """Write down what became of messages; keeps the session when there is nothing to write."""
        if not answers:
            await self._keep(connection)
            return
        dead = {one.outbox_id: it.why for one, it in answers if isinstance(it, Refused)}
        later = {
            one.outbox_id: PutOff(it.why, it.seconds, it.tried)
            for one, it in answers
            if isinstance(it, Later)
        }
        sent = [one.outbox_id for one, _ in answers if one.outbox_id not in dead | later]
        await mark_sent(connection, sent)
        await mark_dead(connection, dead)
        await put_off(connection, later)
        self._spoke()
        self.sent += len(sent)
        self.refused += len(dead)
        self.put_off += len(later)
        for one, _ in answers:
            if one.outbox_id in dead:
                _log.error(
                    "given up",
                    action="outbox.dead",
                    outbox_id=one.outbox_id,
                    message_id=one.message_id,
                    error=dead[one.outbox_id],
                )
        self._tell_later({one.why for one in later.values()}, bool(sent))

    def _tell_later(self, reasons: set[str], some_sent: bool) -> None:
        for why in sorted(reasons):
            if why != self._why_later:
                self._why_later = why
                _log.warning("put off", action="outbox.later", error=why)
        if some_sent and not reasons:
            self._why_later = None

    # ---- the session

    async def _look(self, connection: Connection) -> None:
        """See now and then how much waits; that is a word to the store, too."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at >= _LOOK_S or not self.store_up:
            self.standing = await standing(connection, self.channel.name)
            self._looked_at = now
            self._spoke()

    def _spoke(self) -> None:
        self._spoken_at = asyncio.get_running_loop().time()

    async def _keep(self, connection: Connection) -> None:
        """Say something before the server believes that nobody is there."""
        now = asyncio.get_running_loop().time()
        if now - self._spoken_at >= self._settings.outbox_takeover_s / 5:
            await touch(connection)
            self._spoke()

    async def _rest(self, connection: Connection, seconds: float) -> None:
        """Wait, or until a stop, and keep the session."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0 and not self._stopping.is_set():
            await self._pause(min(left, self._settings.outbox_takeover_s / 5))
            await self._keep(connection)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    # ---- what is said

    def _is_away(self, why: str) -> None:
        if self.away is None:
            name = self.channel.name
            _log.warning("waiting for the channel", action="outbox.away", channel=name, error=why)
        self.away = why

    def _is_back(self) -> None:
        self._backoff.reset()
        if self.away is not None:
            self.away = None
            _log.info("channel is back", action="outbox.back", channel=self.channel.name)

    def _wait_for_store(self, error: Exception) -> None:
        """Raise what waiting cannot mend; else say once that the store is waited for."""
        mapped = store_error(error)
        if mapped is None or not mapped.retriable:
            raise mapped or error from error
        if not self._store_told:
            self._store_told = True
            _log.warning("waiting for the store", action="store.lost", error=str(mapped))

    def _store_is_back(self) -> None:
        self.store_up = True
        if self._store_told:
            self._store_told = False
            _log.info("store is back", action="store.recovered")


async def _part(connection: asyncpg.Connection) -> None:
    try:
        await connection.close(timeout=_CLOSE_S)
    except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        connection.terminate()
