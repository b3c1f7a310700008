"""WeCom group robot 企业微信群机器人.

`POST …/cgi-bin/webhook/send?key=…`; HTTP 200 carries `errcode`. 20 calls a minute per robot, a text
of at most 2048 bytes (developer.work.weixin.qq.com/document/path/91770).
"""

from collections.abc import Sequence
from typing import Any

from domain.contacts import Contact
from streams.notify.limit import Limit
from streams.notify.robot import Blocked, Robot, Said
from streams.outbox.channel import Answer, Later, Refused

_BUSY, _TOO_MANY_AT_ONCE = -1, 45033
_OVER_LIMIT = 45009
_REFUSED = {
    40008: "WeCom does not know this kind of message (40008)",
    40058: "WeCom does not take what is in it (40058)",
    93000: "WeCom does not know this robot: wrong or withdrawn key (93000)",
}


class WeComChannel(Robot):
    """As `Robot`. Mentions by telephone number."""

    name = "wecom"
    limits = (Limit(most=20, seconds=60, near=15),)
    most_bytes = 2048
    code_field = "errcode"

    def said(self, contact: Contact, text: str, mobiles: Sequence[str]) -> Said:
        """As `Robot` says."""
        words: dict[str, Any] = {"content": text}
        if mobiles:
            words["mentioned_mobile_list"] = list(mobiles)
        return Said(contact.address, {"msgtype": "text", "text": words})

    def meant(self, code: int) -> Answer | Blocked:
        """As `Robot` says."""
        if code in {_BUSY, _TOO_MANY_AT_ONCE}:
            return Later(f"WeCom is busy ({code})", 0)
        if code == _OVER_LIMIT:
            return Blocked("WeCom says that this robot is called too often (45009)", 60)
        if code in _REFUSED:
            return Refused(_REFUSED[code])
        return Later(f"WeCom answers with the code {code}", 0)
