"""Another system is told: the notice as signed JSON; any 2xx means that it was accepted."""

import orjson

from domain.contacts import Contact
from domain.notices import text_of
from streams.notify.people import Letter
from streams.notify.signature import headers
from streams.notify.web import Reply, WebChannel, by_status
from streams.outbox.channel import Answer, Sent

TYPE = "whistle.notice.v1"
_TEXT_BYTES = 4000
_KNOWN = 409


class WebhookChannel(WebChannel):
    """`{"type", "timestamp", "data"}` (docs/channels.md); 409: it has this id already."""

    name = "webhook"

    async def hand_over(self, contact: Contact, letter: Letter) -> Answer:
        """As `PeopleChannel` says."""
        message = letter.message
        body = said(letter)
        at_s = int(self.clock().timestamp())
        signed = headers(message.message_id, contact.secret, at_s, body)
        reply = await self.post(contact.address, body, signed)
        if not isinstance(reply, Reply):
            return reply
        return Sent() if reply.status == _KNOWN else by_status(reply) or Sent()


def said(letter: Letter) -> bytes:
    """The body: the notice without telephone numbers, and as text; the same when sent again."""
    data = orjson.loads(letter.message.payload)
    data.pop("mobiles", None)
    data["text"] = text_of(letter.notice, _TEXT_BYTES)
    return orjson.dumps(
        {"type": TYPE, "timestamp": letter.message.created_at.isoformat(), "data": data},
        option=orjson.OPT_SORT_KEYS,
    )
