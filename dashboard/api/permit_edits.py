"""The permit register to change: new, changed and withdrawn papers, and files of them.

No sign-in exists yet; the name is what the person at this screen wrote into the top bar. Only this
console's own pages may send: a request has to come from the same origin, with a content type that
no form of a foreign page can give.
"""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commands.grant_permit import GrantPermit
from commands.import_permits import ImportPermits
from dashboard.api.asked import asked_lang
from dashboard.console import Console
from dashboard.errand import NOTE_MOST, text_of
from dashboard.fault_words import expected_word
from dashboard.i18n import Language, words
from dashboard.panels import permit_import
from dashboard.paper_command import named, parsed, to_command
from dashboard.paper_entry import WrongEntry, read_since
from db.errors import StoreError
from domain.csv_table import LARGEST_FILE_BYTES
from domain.errors import InvalidInput, WhistleError
from domain.permit_csv import read_permits
from domain.tables import WrongTable

log = structlog.get_logger(__name__)

FORM_MOST: Final = 64_000
"""Bytes of a form: fourteen short fields."""


class TooLarge(WhistleError):
    """More bytes than anybody needs to say this."""

    code = "input.too_large"


def permit_edit_routes(console: Console) -> list[Route]:
    """The routes over one console's desk."""
    desk, gazetteer = console.desk, console.atlas.gazetteer

    async def edit(request: Request) -> Response:
        """`new`, `change` or `withdraw`, a form as JSON."""
        lang = asked_lang(request)
        if not own(request, "application/json"):
            return _foreign()
        try:
            said = _json(await body_of(request, FORM_MOST))
            actor, command = to_command(request.path_params["edit"], said, await desk.papers())
            change = await desk.edit(actor, command)
        except (WhistleError, TimeoutError) as error:
            return refusal(error, lang)
        permit = command.permit.permit_id if isinstance(command, GrantPermit) else command.permit_id
        return _answer({"permit": str(permit), "text": _done(change.nothing, lang)})

    async def bring_in(request: Request) -> Response:
        """A file as the body; who, why, since when and the command's id in the address."""
        lang, asked = asked_lang(request), request.query_params
        if not own(request, "text/csv"):
            return _foreign()
        tried = asked.get("try") == "1"
        try:
            actor, since = named(asked), read_since(asked.get("since", ""))
            file = await asyncio.to_thread(read_permits, await body_of(request, LARGEST_FILE_BYTES))
            reason = text_of(asked, "reason", NOTE_MOST) or None
            command_id = None if tried else parsed(asked.get("command"))
            command = ImportPermits(file.rows, since, reason, command_id)
            change = await desk.bring_in(actor, file, command, try_only=tried)
        except WrongTable as wrong:
            made = permit_import.faults(wrong.faults, lang)
            return _answer({"html": made, "faults": {}, "text": ""}, 422)
        except (WhistleError, TimeoutError) as error:
            return refusal(error, lang)
        papers = {row.permit.permit_id: row.permit for row in file.rows}
        made = permit_import.done(change, papers, lang, gazetteer, tried=tried)
        return _answer({"html": made, "text": "" if tried else _done(change.nothing, lang)})

    return [
        Route("/permits/import", bring_in, methods=["POST"]),
        Route("/permits/{edit}", edit, methods=["POST"]),
    ]


def own(request: Request, media_type: str) -> bool:
    """Whether a page of this console sent it, in a form that a foreign page cannot."""
    headers = request.headers
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    origin = headers.get("origin")
    same = origin is None or urlsplit(origin).netloc == headers.get("host", "")
    return given == media_type and same and headers.get("sec-fetch-site") in {None, "same-origin"}


async def body_of(request: Request, most: int) -> bytes:
    """The body; raises `TooLarge` as soon as it is more than `most` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLarge(f"{most} bytes at most")
        parts.append(part)
    return b"".join(parts)


def refusal(error: Exception, lang: Language) -> Response:
    """Why it was not done, in words, by field where a person can correct it."""
    _ = words(lang).gettext
    look = _("Not done: look at the fields marked.")
    if isinstance(error, WrongEntry):
        faults = {field: expected_word(what, lang) for field, what in error.faults.items()}
        return _refused(faults, look)
    if isinstance(error, InvalidInput):
        return _refused({error.field: expected_word(error.expected, lang)}, look)
    if isinstance(error, TooLarge):
        most = f"a file of at most {LARGEST_FILE_BYTES // 1_000_000} MB"
        return _refused({"file": expected_word(most, lang)}, look, 413)
    if isinstance(error, StoreError | TimeoutError):
        log.warning("permit not changed", action="permit.not_changed", error=str(error))
        return _refused({}, _("Not done: the store did not answer. Try again."), 503)
    code = error.code if isinstance(error, WhistleError) else ""
    known = {
        "permit.stale": _("Somebody else has changed this paper meanwhile: look again."),
        "permit.unknown": _("This paper is not in force then."),
    }
    return _refused({}, known.get(code, str(error)), 409)


def _json(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("form", "JSON") from error


def _answer(said: Mapping[str, object], status: int = 200) -> Response:
    return JSONResponse(said, status, headers={"cache-control": "no-store"})


def _refused(faults: Mapping[str, str], text: str, status: int = 422) -> Response:
    return _answer({"faults": faults, "text": text}, status)


def _foreign() -> Response:
    return _answer({"faults": {}, "text": "only this console's own pages may do this"}, 403)


def _done(nothing: bool, lang: Language) -> str:
    _ = words(lang).gettext
    return _("The register said so already.") if nothing else _("Done.")
