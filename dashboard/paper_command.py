"""What the forms of the permit register ask for, checked field by field, as commands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from commands.change_permit import ChangePermit, WithdrawPermit
from commands.grant_permit import GrantPermit
from dashboard.errand import NAME_MOST, NOTE_MOST, text_of
from dashboard.paper_desk import Edit
from dashboard.paper_entry import FIELDS, WrongEntry, changes, read_entry, read_since, written
from dashboard.paper_search import Paper, of_id
from domain.errors import InvalidInput


def to_command(edit: str, said: object, papers: Sequence[Paper]) -> tuple[str, Edit]:
    """Who, and what: `{"command", "who", "fields": {name: text}, "permit", "seen"}`.

    `edit` is `new`, `change` or `withdraw`. Raises `WrongEntry` for what a person has to correct,
    `InvalidInput` for what no form of ours sends.
    """
    if not isinstance(said, Mapping):
        raise InvalidInput("form", "an object")
    texts = _texts(said.get("fields"))
    actor, reason = named(said), text_of(texts, "reason", NOTE_MOST)
    command_id = parsed(said.get("command"))
    if command_id is None:
        raise InvalidInput("command", "an id made as the form opened")
    if edit == "new":
        return actor, GrantPermit(read_entry(texts), reason or None, command_id)
    permit_id = parsed(said.get("permit"))
    paper = None if permit_id is None else of_id(papers, permit_id)
    if paper is None:
        raise InvalidInput("permit", "a paper on the register")
    seen = _moment(said.get("seen"))
    since = read_since(texts.get("since", ""))
    key = paper.permit.permit_id
    if edit == "withdraw":
        _needed(reason)
        return actor, WithdrawPermit(key, reason, since, seen, command_id)
    if edit != "change":
        raise InvalidInput("edit", "new, change or withdraw")
    before = written(paper.permit)
    asked = {name: texts.get(name, "") for name in FIELDS}
    after = read_entry(asked | {name: before[name] for name in ("number", "kind")})
    _needed(reason)
    edits = changes(paper.permit, after)
    return actor, ChangePermit(key, edits, since, reason, seen, command_id)


def named(said: Mapping[str, Any]) -> str:
    """Who does it, by the name in the top bar; nobody has checked it. Raises `WrongEntry`."""
    actor = text_of(said, "who", NAME_MOST)
    if not actor:
        raise WrongEntry({"who": "a value"})
    return actor


def parsed(said: object) -> UUID | None:
    """An id, or `None`."""
    try:
        return UUID(said) if isinstance(said, str) else None
    except ValueError:
        return None


def _needed(reason: str) -> None:
    if not reason:
        raise WrongEntry({"reason": "a value"})


def _texts(fields: object) -> dict[str, str]:
    given = fields.items() if isinstance(fields, dict) else ()
    return {str(name): text for name, text in given if isinstance(text, str)}


def _moment(said: object) -> datetime:
    """When the newest change that the form shows was recorded; a form without it is no form."""
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput("seen", "when the paper was changed last")
    return moment
