"""The body of a request within its limits: bytes, and seconds in which they have to come.

What is sent beyond an answer is discarded by the server, so that the sender hears the answer
instead of a reset connection; `patience` ends it.
"""

import asyncio

from starlette.requests import ClientDisconnect, Request

from streams.sources.http.refusal import Refused


async def read_body(request: Request, most: int, field: str, seconds: float) -> bytes:
    """The whole body, at most `most` bytes within `seconds`; raises `Refused` naming `field`."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(most, field)
    try:
        async with asyncio.timeout(seconds):
            return await _read(request, most, field)
    except TimeoutError:
        expected = f"expected all of it within {seconds:g} s"
        raise Refused(408, "body.slow", field, expected) from None
    except ClientDisconnect:
        raise Refused(400, "body.cut", field, "expected all of it") from None


async def _read(request: Request, most: int, field: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _too_large(most, field)
        parts.append(part)
    return b"".join(parts)


def _too_large(most: int, field: str) -> Refused:
    return Refused(413, "body.too_large", field, f"expected at most {most} bytes")
