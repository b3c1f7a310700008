"""Bodies as HTTP answers."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard.bodies import Body

FOREVER = "public, max-age=31536000, immutable"
BRIEF = "private, max-age=30, immutable"
"""A tick never changes, and nobody asks for it half a minute later."""


def send(request: Request, body: Body, cache: str) -> Response:
    """The body as it lies, compressed or not."""
    headers = {"cache-control": cache, "etag": body.etag}
    if body.packed:
        headers["content-encoding"] = "gzip"
        headers["vary"] = "accept-encoding"
    if request.headers.get("if-none-match") == body.etag:
        return Response(status_code=304, headers={"etag": body.etag, "cache-control": cache})
    return Response(body.data, media_type=body.media_type, headers=headers)


def gone() -> Response:
    """A tick that is no longer, or not yet, kept."""
    return JSONResponse({"error": "unknown tick"}, 410, headers={"cache-control": "no-store"})


def missing(what: str) -> Response:
    """Nothing of that name."""
    return JSONResponse({"error": f"unknown {what}"}, 404, headers={"cache-control": "no-store"})


def away() -> Response:
    """The database does not answer; the page keeps what it shows and says so."""
    return JSONResponse({"error": "database away"}, 503, headers={"cache-control": "no-store"})
