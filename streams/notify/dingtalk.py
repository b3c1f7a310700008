"""DingTalk group robot 钉钉群机器人.

`POST …/robot/send?access_token=…`, with a secret `&timestamp=…&sign=…` too: HMAC-SHA256 with the
secret as key over milliseconds, line break, secret. 20 calls a minute, else blocked for ten minutes
(open.dingtalk.com/document/robots/custom-robot-access).
"""

import base64
import hmac
from collections.abc import Sequence
from urllib.parse import quote_plus

from domain.contacts import Contact
from streams.notify.limit import Limit
from streams.notify.robot import Blocked, Robot, Said
from streams.outbox.channel import Answer, Later, Refused

_BUSY = {-1, 88}
_BLOCKED = 130101
_BLOCKED_S = 600.0
_REFUSED = {
    40035: "DingTalk does not take what is in it (40035)",
    300001: "DingTalk does not know this robot: wrong or withdrawn token (300001)",
    310000: "DingTalk refuses it by the robot's safety settings: signature, keyword or IP (310000)",
}


class DingTalkChannel(Robot):
    """As `Robot`. Mentions by telephone number, which has to stand in the text."""

    name = "dingtalk"
    limits = (Limit(most=20, seconds=60, near=15),)
    most_bytes = 5000
    code_field = "errcode"

    def said(self, contact: Contact, text: str, mobiles: Sequence[str]) -> Said:
        """As `Robot` says."""
        url = contact.address
        if contact.secret:
            at_ms = int(self.clock().timestamp() * 1000)
            sign = quote_plus(signature(contact.secret, at_ms))
            url = f"{url}{'&' if '?' in url else '?'}timestamp={at_ms}&sign={sign}"
        mentions = " ".join(f"@{one}" for one in mobiles)
        content = f"{text}\n{mentions}" if mentions else text
        body = {"msgtype": "text", "text": {"content": content}, "at": {"atMobiles": list(mobiles)}}
        return Said(url, body)

    def meant(self, code: int) -> Answer | Blocked:
        """As `Robot` says."""
        if code in _BUSY:
            return Later(f"DingTalk is busy ({code})", 0)
        if code == _BLOCKED:
            why = "DingTalk blocks this robot for ten minutes: called too often (130101)"
            return Blocked(why, _BLOCKED_S)
        if code in _REFUSED:
            return Refused(_REFUSED[code])
        return Later(f"DingTalk answers with the code {code}", 0)


def signature(secret: str, at_ms: int) -> str:
    """Base64 of the HMAC that the robot expects at this time."""
    said = f"{at_ms}\n{secret}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), said, "sha256")).decode()
