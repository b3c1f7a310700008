"""Group robots 群机器人: a text by HTTP, an answer with a code, so many calls a minute."""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import orjson

from db.robot import robot_of
from domain.contacts import Contact
from domain.errors import InvalidInput
from domain.notice_digest import digest_of
from domain.notices import text_of
from streams.notify.limit import Limit
from streams.notify.people import Letter
from streams.notify.web import Reply, WebChannel, by_status
from streams.outbox.channel import Answer, Later, Refused, Sent, Tell


@dataclass(frozen=True, slots=True)
class Said:
    """One call: the address with all that stands in it, and the body."""

    url: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Blocked:
    """The platform takes nothing of this robot for so many seconds; why, in words."""

    why: str
    seconds: float


class Robot(WebChannel):
    """What the three have in common; a messenger says how a call looks and what its codes mean.

    When its limit nears, everything that waits for the robot goes in one call, a digest.
    """

    limits: Sequence[Limit]
    most_bytes: int
    """Of UTF-8 in one text."""
    code_field: str

    @abstractmethod
    def said(self, contact: Contact, text: str, mobiles: Sequence[str]) -> Said:
        """The call that puts `text` into the group; `mobiles`: who is to be mentioned there."""

    @abstractmethod
    def meant(self, code: int) -> Answer | Blocked:
        """What the code of an answer means; 0 is success and not asked."""

    async def hand_over(self, contact: Contact, letter: Letter) -> Answer:
        """One message alone."""
        return await self._call(contact, [letter], text_of(letter.notice, self.most_bytes))

    async def deliver(self, contact: Contact, letters: Sequence[Letter], tell: Tell) -> None:
        """One after the other while there is room, then in digests."""
        robot = robot_of(self.name, contact.address)
        rest = list(letters)
        while rest:
            turn = await self.desk.reserve(robot, self.limits, self.clock())
            if turn.wait_s > 0:
                tell(rest[0].message, Later(turn.why, turn.wait_s, tried=False))
                return
            in_one = len(rest) > turn.room
            together, answer = await self._next(contact, rest, in_one=in_one)
            if isinstance(answer, Later):
                tell(rest[0].message, answer)  # the others wait behind it
                return
            for letter in together:
                tell(letter.message, answer)
            if isinstance(answer, Refused):
                return
            rest = rest[len(together) :]

    async def _next(
        self, contact: Contact, rest: Sequence[Letter], *, in_one: bool
    ) -> tuple[Sequence[Letter], Answer]:
        """The first, or as many as one call holds, and what came of it."""
        try:
            notices = [letter.notice for letter in (rest if in_one else rest[:1])]
            text, count = digest_of(notices, self.most_bytes)
        except InvalidInput as error:
            return rest[:1], Refused(str(error))
        together = rest[:count]
        call = self._call(contact, together, text)
        return together, await self.settled(rest[0], call)

    async def _call(self, contact: Contact, together: Sequence[Letter], text: str) -> Answer:
        mobiles = dict.fromkeys(one for letter in together for one in letter.notice.mobiles)
        said = self.said(contact, text, list(mobiles))
        headers = {"idempotency-key": _key(together)}
        reply = await self.post(said.url, orjson.dumps(said.body), headers)
        if not isinstance(reply, Reply):
            return reply
        answer = self.judged(reply)
        if isinstance(answer, Blocked):
            until = self.clock() + timedelta(seconds=answer.seconds)
            await asyncio.shield(self.desk.block(robot_of(self.name, contact.address), until))
            return Later(answer.why, answer.seconds)
        return answer

    def judged(self, reply: Reply) -> Answer | Blocked:
        """What an answer of the platform means."""
        failed = by_status(reply)
        if failed is not None:
            return failed
        read = reply.json() or {}
        code = read.get(self.code_field)
        if not isinstance(code, int) or isinstance(code, bool):
            return Later("the answer makes no sense", 0)
        return Sent() if code == 0 else self.meant(code)


def _key(together: Sequence[Letter]) -> str:
    """The idempotency key: that of the message, or one of all that are in a digest."""
    ids = [letter.message.message_id for letter in together]
    if len(ids) == 1:
        return ids[0]
    return f"digest/{sha256(' '.join(ids).encode()).hexdigest()[:32]}"
