"""One channel's messages to many who have nothing to do with each other: none waits for another."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from db.outbox import Waiting, take
from db.pool import Connection
from domain.errors import InvalidInput, WhistleError
from streams.outbox.channel import Answer, Channel
from streams.outbox.sender import Answers, Sender
from streams.settings import OutboxSettings

_MOST = 200
_AT_ONCE = 64
"""Destinations that are sent to at the same time."""
_MARK_S = 0.05


class Courier(Sender):
    """As `Sender`, but each destination has a call of the channel for itself.

    While that lasts, what comes for the destination waits, and all others go. How long it may last
    is the channel's to say: it answers each message within a time of its own.
    """

    def __init__(self, url: str, channel: Channel, settings: OutboxSettings) -> None:
        super().__init__(url, channel, settings)
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._answers: Answers = []
        self._take_at = 0.0
        """When to look again while calls last; at once when one has ended."""

    async def _turn(self, connection: Connection) -> None:
        await self._be_there(connection)
        await self._write_down(connection)
        room = _AT_ONCE - len(self._calls)
        now = asyncio.get_running_loop().time()
        if self.sending and room > 0 and now >= self._take_at and not self._stopping.is_set():
            self._take_at = now + self._settings.outbox_poll_s
            messages = await take(connection, self.channel.name, _MOST, self._calls.keys())
            self._call(messages, room)
        if self._calls:
            done, _ = await asyncio.wait(
                self._calls.values(), timeout=_MARK_S, return_when=asyncio.FIRST_COMPLETED
            )
            await self._write_down(connection)
            await self._end_calls(connection, done)
        else:
            await self._pause(self._settings.outbox_poll_s)
            self._take_at = 0.0
        if self._stopping.is_set():
            await self._drain(connection)

    def _call(self, messages: Sequence[Waiting], room: int) -> None:
        """Begin with these, the oldest destinations first."""
        chains: dict[str, list[Waiting]] = defaultdict(list)
        for message in messages:
            chains[message.destination].append(message)
        for destination, chain in list(chains.items())[:room]:
            call = self.channel.send(chain, self._tell)
            self._calls[destination] = asyncio.create_task(call)

    def _tell(self, message: Waiting, answer: Answer) -> None:
        self._answers.append((message, answer))

    async def _write_down(self, connection: Connection) -> None:
        taken, self._answers = self._answers, []
        if taken:
            self._is_back()
        await self._mark(connection, taken)

    async def _end_calls(self, connection: Connection, done: set[asyncio.Task[None]]) -> None:
        """Only what was told and marked is let in again: else it would be taken a second time."""
        self._calls = {name: call for name, call in self._calls.items() if call not in done}
        if done:
            self._take_at = 0.0
        for error in filter(None, (call.exception() for call in done)):
            if not isinstance(error, WhistleError) or isinstance(error, InvalidInput):
                raise error
            self._is_away(str(error))
            await self._rest(connection, self._backoff.wait_s())

    async def _drain(self, connection: Connection) -> None:
        """A stop was asked for: let what is on its way arrive, for a while."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._settings.outbox_drain_s
        while self._calls and (left := until - loop.time()) > 0:
            calls = self._calls.values()
            done, _ = await asyncio.wait(calls, timeout=min(left, _MARK_S))
            await self._write_down(connection)
            self._calls = {name: call for name, call in self._calls.items() if call not in done}

    async def _let_go(self) -> None:
        """What is not answered by now may still arrive, and is sent again."""
        calls, self._calls = list(self._calls.values()), {}
        for call in calls:
            call.cancel()
        if calls:
            await asyncio.wait(calls)
        self._answers = []
        await super()._let_go()
