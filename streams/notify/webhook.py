"""Another system is told: the notice as signed JSON; any 2xx means that it was accepted."""

import orjson

from domain.clock import utc_now
from domain.contacts import Contact
from domain.notices import text_of
from streams.notify.desk import Desk
from streams.notify.people import Clock, Letter, PeopleChannel
from streams.notify.proxy import web_client
from streams.notify.signature import headers
from streams.notify.web import Reply, by_status, post
from streams.outbox.channel import Answer, Sent
from streams.settings import NotifySettings

TYPE = "whistle.notice.v1"
_TEXT_BYTES = 4000
_KNOWN = 409


class WebhookChannel(PeopleChannel):
    """`{"type", "timestamp", "data"}` (docs/channels.md); 409: it has this id already."""

    name = "webhook"

    def __init__(self, desk: Desk, settings: NotifySettings, clock: Clock = utc_now) -> None:
        """Raises `InvalidInput` for a setting that cannot be."""
        super().__init__(desk, settings, clock)
        self._client = web_client(settings, self.name)

    async def hand_over(self, contact: Contact, letter: Letter) -> Answer:
        """As `PeopleChannel` says."""
        message = letter.message
        body = said(letter)
        at_s = int(self.clock().timestamp())
        signed = headers(message.message_id, contact.secret, at_s, body)
        reply = await post(self._client, contact.address, body, signed)
        if not isinstance(reply, Reply):
            return reply
        return Sent() if reply.status == _KNOWN else by_status(reply) or Sent()

    async def close(self) -> None:
        """As `Channel` says."""
        client, self._client = self._client, web_client(self.settings, self.name)
        await client.aclose()
        await super().close()


def said(letter: Letter) -> bytes:
    """The body: the notice without telephone numbers, and as text; the same when sent again."""
    data = orjson.loads(letter.message.payload)
    data.pop("mobiles", None)
    data["text"] = text_of(letter.notice, _TEXT_BYTES)
    return orjson.dumps(
        {"type": TYPE, "timestamp": letter.message.created_at.isoformat(), "data": data},
        option=orjson.OPT_SORT_KEYS,
    )
