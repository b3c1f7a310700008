"""Text messages 短信, handed over to a gateway of the customer's as signed JSON.

`POST {"message_id", "to", "text"}` with the headers of `signature.py`; it answers 2xx and
`{"accepted": true}`, or `{"accepted": false, "reason": "…", "again": true|false}`
(docs/channels.md). Operators differ; the gateway is some lines before theirs.
"""

import orjson

from domain.contacts import Contact
from domain.notices import text_of
from domain.plain_text import cut, plain
from streams.notify.people import Letter
from streams.notify.signature import headers
from streams.notify.web import Reply, WebChannel, by_status
from streams.outbox.channel import Answer, Later, Refused, Sent

_KNOWN = 409
_REASON_BYTES = 200


class SmsChannel(WebChannel):
    """As `PeopleChannel`; 409: the gateway has this id already."""

    name = "sms"

    async def hand_over(self, contact: Contact, letter: Letter) -> Answer:
        """As `PeopleChannel` says."""
        url = self.settings.notify_sms_url.get_secret_value()
        if not url:
            return Refused("no SMS gateway is set (WHISTLE_NOTIFY_SMS_URL)")
        message_id = letter.message.message_id
        text = text_of(letter.notice, self.settings.notify_sms_bytes)
        body = orjson.dumps({"message_id": message_id, "to": contact.address, "text": text})
        secret = self.settings.notify_sms_secret.get_secret_value()
        signed = headers(message_id, secret, int(self.clock().timestamp()), body)
        reply = await self.post(url, body, signed)
        if not isinstance(reply, Reply):
            return reply
        if reply.status == _KNOWN:
            return Sent()
        return by_status(reply) or _judged(reply, contact)


def _judged(reply: Reply, contact: Contact) -> Answer:
    read = reply.json() or {}
    accepted = read.get("accepted")
    if accepted is True:
        return Sent()
    if accepted is not False:
        return Later("the gateway's answer makes no sense", 0)
    reason = plain(str(read.get("reason", ""))).replace(contact.address, "…")
    why = f"the gateway refuses it: {cut(reason, _REASON_BYTES) or 'no reason given'}"
    return Later(why, 0) if read.get("again") is True else Refused(why)
