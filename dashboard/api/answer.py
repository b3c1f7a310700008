"""Bodies as HTTP answers."""

import gzip
import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.bodies import Body, pack

FOREVER = "public, max-age=31536000, immutable"
BRIEF = "private, max-age=30, immutable"
"""A tick never changes, and nobody asks for it half a minute later."""


def send(request: Request, body: Body, cache: str) -> Response:
    """The body as it lies, unpacked for a client that takes no gzip; 304 if it has it already."""
    headers = {"cache-control": cache, "etag": body.etag, "x-content-type-options": "nosniff"}
    data, packed = body.data, body.packed
    if packed:
        headers["vary"] = "accept-encoding"
        if not takes_gzip(request.headers.get("accept-encoding", "")):
            data, packed = gzip.decompress(data), False
            headers["etag"] = f'{body.etag[:-1]}-plain"'  # other bytes, other name
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(data, media_type=body.media_type, headers=headers)


def html(markup: str) -> Body:
    """Markup as a body."""
    return pack(markup.encode(), "text/html; charset=utf-8")


def takes_gzip(accepted: str) -> bool:
    """Whether an `Accept-Encoding` (RFC 9110, 12.5.3) allows gzip; nothing said allows nothing."""
    weights: dict[str, bool] = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        refused = re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight) is not None
        weights[coding.strip()] = not refused
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", False)))


def gone() -> Response:
    """A tick that is no longer, or not yet, kept."""
    return JSONResponse({"error": "unknown tick"}, 410, headers={"cache-control": "no-store"})


def missing(what: str) -> Response:
    """Nothing of that name."""
    return JSONResponse({"error": f"unknown {what}"}, 404, headers={"cache-control": "no-store"})


def away() -> Response:
    """The database does not answer; the page keeps what it shows and says so."""
    return JSONResponse({"error": "database away"}, 503, headers={"cache-control": "no-store"})
