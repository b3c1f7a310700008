"""Forms of the pages before the console: read with distrust, answered with a page."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard.api.permit_edits import TooLarge, body_of
from dashboard.console import Console
from dashboard.i18n import Language, words
from dashboard.page import POLICY
from dashboard.sign_in import FORM, from_here
from domain.errors import WhistleError
from domain.sign_in import SignInRefused, TooManyAttempts

FORM_MOST: Final = 16_000
"""Bytes of a form."""
_FIELDS_MOST: Final = 10


class NoForm(WhistleError):
    """What came was no form of these pages."""

    code = "input.no_form"

    def __init__(self, status: int) -> None:
        super().__init__("not a form of this page")
        self.status = status


def check_origin(console: Console, request: Request) -> None:
    """Raise `NoForm` for what a foreign page sent."""
    if not from_here(request, console.settings.origins):
        raise NoForm(403)


async def form_of(console: Console, request: Request) -> Mapping[str, str]:
    """The fields sent. Raises `NoForm`."""
    check_origin(console, request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise NoForm(415)
    try:
        body = (await body_of(request, FORM_MOST)).decode("utf-8", "replace")
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_FIELDS_MOST))
    except TooLarge as error:
        raise NoForm(413) from error
    except ValueError as error:
        raise NoForm(400) from error


def refusal(error: Exception, lang: Language) -> tuple[int, str]:
    """Status and words; which of login and password was wrong is not in them."""
    _ = words(lang).gettext
    if isinstance(error, NoForm):
        return error.status, _("This form did not come from this page. Open it anew.")
    if isinstance(error, SignInRefused):
        return 401, _("Login and password do not belong together, or the account is closed.")
    if isinstance(error, TooManyAttempts):
        return 429, _("Too many attempts. Try again in {n} s.").format(n=error.wait_s)
    return 503, _("The store does not answer. Try again.")


def retry(answer: Response, error: Exception) -> Response:
    """The answer with the time after which to come again, where there is one."""
    if isinstance(error, TooManyAttempts):
        answer.headers["retry-after"] = str(error.wait_s)
    return answer


def html(page: str, status: int = 200) -> Response:
    """A page that nobody keeps and nobody frames."""
    headers = {
        "cache-control": "no-store",
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    return HTMLResponse(page, status, headers)


def onward(path: str) -> Response:
    """On to another page, as after a form."""
    return RedirectResponse(path, 303, {"cache-control": "no-store"})
