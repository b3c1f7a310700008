"""The small FastAPI app around the door: its paths and its OpenAPI page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from streams.sources.http import jiashan, wujiang
from streams.sources.http.contract import parse
from streams.sources.http.describe import described, says
from streams.sources.http.door import Adapter, Door

_log = structlog.get_logger(__name__)

PASSAGES = Adapter(
    wujiang.SYSTEM, lambda body: parse(body, wujiang.Passage).reading(), wujiang.FIELDS
)
SIGHTINGS = Adapter(
    jiashan.SYSTEM, lambda body: parse(body, jiashan.Sighting).reading(), jiashan.FIELDS
)


def create_app(door: Door) -> FastAPI:
    """The app over one door; what it heard is written once more when it stops.

    No pages of documentation beside `/openapi.json`: the usual ones load scripts from elsewhere.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        writing = asyncio.create_task(door.keep_writing())
        try:
            yield
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            await door.write()

    app = FastAPI(
        title="Whistle checkpoints 智慧监管卡口",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.openapi = described(app)  # type: ignore[method-assign]

    @app.post("/v1/wujiang/passages", **says("Passage", "One passage of a gate line."))
    async def passages(request: Request) -> Response:
        return await door.answer(request, lambda r, visit: door.reading(r, visit, PASSAGES))

    @app.post("/v1/jiashan/sightings", **says("Sighting", "One sighting at a point."))
    async def sightings(request: Request) -> Response:
        return await door.answer(request, lambda r, visit: door.reading(r, visit, SIGHTINGS))

    @app.post("/v1/heartbeats", **says("Heartbeat", "A sign of life."))
    async def heartbeats(request: Request) -> Response:
        return await door.answer(request, door.heartbeat)

    @app.post("/v1/images", **says(None, "A JPEG, PNG or WebP, as the body itself."))
    async def images(request: Request) -> Response:
        return await door.answer(request, door.image)

    @app.get("/healthz", include_in_schema=False)
    async def alive() -> Response:
        return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})

    @app.exception_handler(HTTPException)
    async def no_such_path(request: Request, error: HTTPException) -> Response:
        field = "method" if error.status_code == 405 else "path"
        here = f"{request.method} {request.url.path}"
        expected = f"expected one that /openapi.json names, here {here}"
        body = {"code": f"{field}.unknown", "field": field, "expected": expected}
        return JSONResponse(body, error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def our_fault(request: Request, error: Exception) -> Response:
        _log.error("failed", action="door.failed", path=request.url.path, error=repr(error))
        body = {"code": "door.failed", "field": "door", "expected": "no error of ours; send again"}
        return JSONResponse(body, 500)

    return app
