"""For supervisors and load balancers: is the process up, and can its picture be trusted."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboard.console import Console

FRESH_S = 5.0
"""A snapshot older than this is no live picture."""


def health_routes(console: Console) -> list[Route]:
    """`/healthz`: this process answers. `/readyz`: database reached, snapshot fresh."""

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})

    async def ready(request: Request) -> Response:
        newest = console.bodies.newest
        now = console.coordinator.now().timestamp()
        age_s = None if newest is None else round(now - newest.taken_at, 1)
        database = console.coordinator.failing_since is None and newest is not None
        fresh = age_s is not None and age_s < FRESH_S
        return JSONResponse(
            {
                "status": "ok" if database and fresh else "unavailable",
                "database": database,
                "snapshot_age_s": age_s,
            },
            200 if database and fresh else 503,
            headers={"cache-control": "no-store"},
        )

    return [Route("/healthz", alive), Route("/readyz", ready)]
