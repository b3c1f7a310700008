"""The OpenAPI page, with schemas made from the very contracts that bodies are held to."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from streams.sources.http.heartbeat import Heartbeat
from streams.sources.http.jiashan import Sighting
from streams.sources.http.wujiang import Passage

_REFERENCE: Final = "#/components/schemas/{name}"
_REFUSAL: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["code", "field", "expected"],
    "properties": {
        "code": {"type": "string", "examples": ["reading.time_future"]},
        "field": {"type": "string", "examples": ["passed_at"]},
        "expected": {"type": "string"},
    },
}
_REFUSALS: Final = {
    400: "No JSON, or cut off",
    401: "No token, or one that is unknown, expired or taken back",
    403: "The token belongs to another point",
    404: "No such point",
    408: "The body came too slowly",
    409: "Another content under a key that was used before",
    413: "The body is too large",
    415: "No picture",
    422: "A field is missing, unknown, of the wrong type, or cannot be",
    429: "More than the device may send; see Retry-After",
    503: "The store is away: send the same again; see Retry-After",
}


def says(shape: str | None, summary: str) -> dict[str, Any]:
    """What a path takes and answers, for FastAPI's decorator; `None`: a picture."""
    content: dict[str, Any] = (
        {"application/json": {"schema": {"$ref": _REFERENCE.format(name=shape)}}}
        if shape
        else {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        }
    )
    refusal = {"application/json": {"schema": {"$ref": _REFERENCE.format(name="Refusal")}}}
    return {
        "summary": summary,
        "response_model": None,
        "responses": {
            200: {"description": "Taken, now or before"},
            **{
                status: {"description": meaning, "content": refusal}
                for status, meaning in _REFUSALS.items()
            },
        },
        "openapi_extra": {
            "requestBody": {"required": True, "content": content},
            "security": [{"device": []}],
        },
    }


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Makes the app's OpenAPI document, once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, routes=app.routes)
            _, shapes = msgspec.json.schema_components(
                [Passage, Sighting, Heartbeat], ref_template=_REFERENCE
            )
            components = made.setdefault("components", {})
            components.setdefault("schemas", {}).update({**shapes, "Refusal": _REFUSAL})
            components["securitySchemes"] = {"device": {"type": "http", "scheme": "bearer"}}
            app.openapi_schema = made
        return app.openapi_schema

    return document
