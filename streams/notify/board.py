"""The message board of the console 站内留言板: needs no network, no account and no robot."""

from dataclasses import replace

from domain.contacts import Contact
from streams.notify.people import Letter, PeopleChannel
from streams.outbox.channel import Answer, Sent


class BoardChannel(PeopleChannel):
    """Accepted when it stands in the store: once, however often it is sent."""

    name = "board"

    async def hand_over(self, contact: Contact, letter: Letter) -> Answer:
        """As `PeopleChannel` says."""
        # a board mentions nobody: telephone numbers stay out of what is kept
        await self.desk.post(contact, letter.message, replace(letter.notice, mobiles=()))
        return Sent()
