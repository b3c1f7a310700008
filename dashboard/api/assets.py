"""What changes with a version only: scripts, stylesheet, symbols, base layers of the map."""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.api.answer import FOREVER, missing, send
from dashboard.bodies import Body, pack, pack_json
from dashboard.console import Console
from layers import symbols

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


def asset_routes(console: Console) -> list[Route]:
    """Files of `dashboard/static`, the drawn symbols, the base layers."""
    held: dict[str, Body] = {}
    for entry in (files("dashboard") / "static").iterdir():
        suffix = entry.name.rpartition(".")[2]
        if suffix in TYPES:
            held[entry.name] = pack(entry.read_bytes(), TYPES[suffix])
    held["symbols.png"] = Body(symbols.atlas(), "image/png", packed=False, etag=symbols.version())

    held["symbols.json"] = pack_json(symbols.mapping())
    for name in symbols.NAMES:
        held[f"symbol-{name}.png"] = pack(symbols.single(name), "image/png")

    async def asset(request: Request) -> Response:
        body = held.get(request.path_params["name"])
        if body is None:
            return missing("asset")
        return send(request, body, FOREVER if request.query_params.get("v") else "no-cache")

    async def layer(request: Request) -> Response:
        body = console.atlas.body(request.path_params["name"])
        if body is None:
            return missing("layer")
        asked = f'"{request.query_params.get("v")}"'
        return send(request, body, FOREVER if asked == body.etag else "no-cache")

    return [Route("/assets/map/{name}.json", layer), Route("/assets/{name}", asset)]
