"""Channels that speak HTTP: one question, and a short answer to it."""

import ssl
from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from domain.clock import utc_now
from streams.notify.desk import Desk
from streams.notify.people import Clock, PeopleChannel
from streams.notify.proxy import proxy_of, trust, web_client
from streams.outbox.channel import Later, Refused
from streams.settings import NotifySettings

_ANSWER_BYTES = 64 * 1024
_LONGEST_S = 3600.0
_COME_AGAIN = {407, 408, 425, 429}


class WebChannel(PeopleChannel, ABC):
    """A channel by HTTP, with a client that is made when first needed."""

    def __init__(self, desk: Desk, settings: NotifySettings, clock: Clock = utc_now) -> None:
        """Raises `InvalidInput` for a setting that cannot be."""
        super().__init__(desk, settings, clock)
        proxy_of(settings, self.name)
        trust(settings)
        self._client: httpx.AsyncClient | None = None

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> "Reply | Later | Refused":
        """Send `body` (JSON) and read a bounded answer; what went wrong without the address.

        How long it may last the caller says, by a deadline around it.
        """
        if self._client is None:
            self._client = web_client(self.settings, self.name)
        return await _post(self._client, url, body, headers)

    async def close(self) -> None:
        """As `Channel` says."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
        await super().close()


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `retry_after_s`: when it names a time to come again."""

    status: int
    body: bytes
    retry_after_s: float | None = None

    def json(self) -> dict[str, Any] | None:
        """The object in the body, if it is one."""
        try:
            read = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return read if isinstance(read, dict) else None


async def _post(
    client: httpx.AsyncClient, url: str, body: bytes, headers: Mapping[str, str]
) -> Reply | Later | Refused:
    headers = {"content-type": "application/json; charset=utf-8", **headers}
    try:
        async with client.stream("POST", url, content=body, headers=headers) as response:
            said = bytearray()
            async for chunk in response.aiter_raw():
                said += chunk
                if len(said) > _ANSWER_BYTES:
                    return Later("the answer has no end", 0)
            return Reply(response.status_code, bytes(said), _retry_after(response))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol):
        return Refused("the contact's address is no web address")
    except httpx.HTTPError as error:
        return Later(_why(error), 0)


def by_status(reply: Reply) -> Later | Refused | None:
    """What a status means that is no success; `None` for 2xx."""
    status = reply.status
    if 200 <= status < 300:
        return None
    if status in _COME_AGAIN or status >= 500:
        return Later(f"the other side answers {status}", reply.retry_after_s or 0)
    if 300 <= status < 400:
        return Later(f"the other side sends us elsewhere ({status}), which is not followed", 0)
    return Refused(f"the other side refuses it ({status})")


def _retry_after(response: httpx.Response) -> float | None:
    said = response.headers.get("retry-after", "")
    return min(float(said), _LONGEST_S) if said.isascii() and said.isdigit() else None


def _why(error: httpx.HTTPError) -> str:
    """In words of ours: the library's may show the address, and with it the key."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "the other side's certificate is not accepted"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ProxyError):
        return "the proxy does not connect us"
    if isinstance(error, httpx.ConnectError):
        return "nobody answers at the address"
    return "the connection broke off"
