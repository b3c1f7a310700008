"""Feishu group robot 飞书群机器人.

`POST …/open-apis/bot/v2/hook/…`; with a secret `timestamp` and `sign` in the body: HMAC-SHA256 over
nothing, the key being seconds, line break, secret. 100 calls a minute and 5 a second
(open.feishu.cn/document/client-docs/bot-v3/add-custom-bot).
"""

import base64
import hmac
from collections.abc import Sequence
from typing import Any

from domain.contacts import Contact
from streams.notify.limit import Limit
from streams.notify.robot import Blocked, Robot, Said
from streams.outbox.channel import Answer, Later, Refused

_OVER_LIMIT = 11232
_OVER_LIMIT_S = 5.0
_REFUSED = {
    9499: "Feishu does not take what is in it (9499)",
    19001: "Feishu does not know this robot: wrong or withdrawn key (19001)",
    19021: "Feishu refuses the signature: wrong secret, or our clock is off (19021)",
    19022: "Feishu refuses it by the robot's safety settings: our address (19022)",
    19024: "Feishu refuses it by the robot's safety settings: keyword (19024)",
}


class FeishuChannel(Robot):
    """As `Robot`. It mentions nobody: Feishu wants ids of its own for that."""

    name = "feishu"
    limits = (Limit(most=5, seconds=1, near=4), Limit(most=100, seconds=60, near=80))
    most_bytes = 5000
    code_field = "code"

    def said(self, contact: Contact, text: str, mobiles: Sequence[str]) -> Said:
        """As `Robot` says."""
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if contact.secret:
            at_s = int(self.clock().timestamp())
            body |= {"timestamp": str(at_s), "sign": signature(contact.secret, at_s)}
        return Said(contact.address, body)

    def meant(self, code: int) -> Answer | Blocked:
        """As `Robot` says."""
        if code == _OVER_LIMIT:
            return Blocked("Feishu says that this robot is called too often (11232)", _OVER_LIMIT_S)
        if code in _REFUSED:
            return Refused(_REFUSED[code])
        return Later(f"Feishu answers with the code {code}", 0)


def signature(secret: str, at_s: int) -> str:
    """Base64 of the HMAC that the robot expects at this time."""
    key = f"{at_s}\n{secret}".encode()
    return base64.b64encode(hmac.digest(key, b"", "sha256")).decode()
