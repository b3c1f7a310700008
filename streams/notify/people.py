"""A channel to people: whom a message is for, one attempt after the other, and what came of it."""

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from db.outbox import Waiting
from domain.clock import utc_now
from domain.contacts import Contact, ContactKind
from domain.errors import InvalidInput, WhistleError
from domain.notices import Notice, notice_of
from streams.notify.desk import Desk
from streams.notify.patience import after
from streams.outbox.channel import Answer, Later, Refused, Sent, Tell
from streams.settings import NotifySettings

_log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message and what it says."""

    message: Waiting
    notice: Notice


class PeopleChannel(ABC):
    """Satisfies `streams.outbox.channel.Channel`; a messenger is a class that hands over.

    `Sent` means that the platform accepted it: not that it was received, and not that a person saw
    it. Neither addresses nor secrets are in what is answered.
    """

    name: str
    apart = True

    def __init__(self, desk: Desk, settings: NotifySettings, clock: Clock = utc_now) -> None:
        self.desk = desk
        self.settings = settings
        self.clock = clock

    async def send(self, messages: Sequence[Waiting], tell: Tell) -> None:
        """As `Channel` says. Raises `StoreError` when the store cannot be asked."""
        chains: dict[str, list[Waiting]] = defaultdict(list)
        for message in messages:
            chains[message.destination].append(message)
        if len(chains) == 1:
            await self._send_chain(*chains.popitem(), tell)
            return
        async with asyncio.TaskGroup() as group:
            for destination, chain in chains.items():
                group.create_task(self._send_chain(destination, chain, tell))

    async def close(self) -> None:
        """Let go of the store and of the other side."""
        await self.desk.close()

    @abstractmethod
    async def hand_over(self, contact: Contact, letter: Letter) -> Answer:
        """One attempt with one message; raises `InvalidInput` for what can never go.

        `Later` names the reason, and the least seconds if the other side said so.
        """

    async def deliver(self, contact: Contact, letters: Sequence[Letter], tell: Tell) -> None:
        """One after the other until one is not sent."""
        for letter in letters:
            answer = await self.settled(letter, self.hand_over(contact, letter))
            tell(letter.message, answer)
            if not isinstance(answer, Sent):
                return

    async def settled(self, letter: Letter, attempt: Awaitable[Answer]) -> Answer:
        """What an attempt comes to, within its time, and how long to wait after a failure."""
        try:
            async with asyncio.timeout(self.settings.notify_attempt_s):
                answer = await attempt
        except TimeoutError:
            answer = Later(f"no answer within {self.settings.notify_attempt_s:g} s", 0)
        except InvalidInput as error:
            answer = Refused(str(error))
        except WhistleError:
            raise
        except Exception as error:  # one contact's oddity must not stop the others
            name = type(error).__name__  # what it says may hold the address
            _log.error("fault", action="outbox.fault", channel=self.name, error=name)
            answer = Later(f"an error of our own ({name})", 0)
        if isinstance(answer, Later) and answer.tried:
            return after(letter.message, answer, self.clock(), self.settings)
        return answer

    async def _send_chain(self, destination: str, chain: Sequence[Waiting], tell: Tell) -> None:
        contact = await self.desk.contact(destination)
        unfit = self._unfit(contact)
        letters = []
        for message in chain:
            if contact is None or unfit:
                tell(message, Refused(unfit))
                continue
            try:
                letters.append(Letter(message, notice_of(message.payload)))
            except InvalidInput as error:
                tell(message, Refused(f"this is no notice: {error}"))
        if contact is not None and letters:
            await self.deliver(contact, letters, tell)

    def _unfit(self, contact: Contact | None) -> str:
        """Why nothing can be sent to this contact by this channel, or ""."""
        if contact is None:
            return "the contact is not in the register any more"
        if contact.kind is not ContactKind(self.name):
            return f"the contact is reached by {contact.kind} now, not by {self.name}"
        return ""
