"""What a request asks for, read the same way by every live route."""

from starlette.requests import Request

from dashboard.i18n import Language, language


def asked_lang(request: Request) -> Language:
    """The language asked for, else the default one."""
    return language(request.query_params.get("lang"))


def asked_tick(request: Request) -> int:
    """The tick asked for; -1, which no tick has, when it is no number."""
    asked = request.query_params.get("tick", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 12 else -1
