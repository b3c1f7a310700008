"""Why the door does not take something: a status, a code, the field, and what was expected."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from starlette.responses import JSONResponse

from domain.errors import WhistleError


class Refused(WhistleError):
    """A request that is answered by `status`; the device is told which field, and what for."""

    def __init__(
        self,
        status: int,
        code: str,
        field: str,
        expected: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{field}: {expected}")
        self.status = status
        self.reason = code
        self.field = field
        self.expected = expected
        self.headers = dict(headers or {})

    def answer(self) -> JSONResponse:
        """The refusal as the device gets it."""
        return JSONResponse(self.to_json(), self.status, self.headers)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.reason, "field": self.field, "expected": self.expected}


def unauthorised(code: str, expected: str) -> Refused:
    """No token, or one that no longer counts."""
    return Refused(401, code, "authorization", expected, {"www-authenticate": "Bearer"})


def too_fast(seconds: int, expected: str) -> Refused:
    """More than the device may send; `seconds` until it may again."""
    return Refused(429, "rate.exceeded", "rate", expected, {"retry-after": str(seconds)})


def too_much(at: datetime, expected: str) -> Refused:
    """More pictures than the device may leave in a UTC day, until whose end it has to wait."""
    midnight = datetime.combine(at.date() + timedelta(days=1), time(), at.tzinfo)
    seconds = int((midnight - at).total_seconds()) + 1
    return Refused(429, "image.quota", "image", expected, {"retry-after": str(seconds)})


def away(seconds: int = 5) -> Refused:
    """The store is away: nothing was lost that the device still holds, it shall send again."""
    return Refused(
        503,
        "store.away",
        "store",
        "expected a database, which is away: send the same again",
        {"retry-after": str(seconds)},
    )
