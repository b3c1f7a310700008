"""Change entries of a register: what was known stays on record, and each change is an event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from db import event
from db.errors import mapped_errors
from db.pool import Connection
from db.versions import VersionTable
from domain.errors import InvalidInput
from domain.events import NewEvent
from domain.versions import Amendment, Version, amended, edited

T = TypeVar("T")

Changes = Mapping[str, tuple[Any, Any]]
"""Field → what it said before, what it says now."""


@dataclass(frozen=True, slots=True)
class Words:
    """The kinds of event of one register, in the past tense.

    `shown`: the fields of an entry that no event may say as they are, and what it says instead.
    """

    first: str
    changed: str
    ended: str
    restored: str
    shown: Callable[[Any], Mapping[str, Any]] | None = None

    def said(self, content: object) -> dict[str, Any]:
        """The fields of an entry as its event says them."""
        return {**said(content), **(self.shown(content) if self.shown is not None else {})}


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """What the register shall say of the entry `key` from `since` on.

    `content` `None`: nothing, it ends there. `edit`: instead, where the entry holds, what becomes
    of each version. `since` `None`: from now on. `new_since`: since when, if the register has never
    heard of it.
    """

    key: Any
    content: T | None = None
    edit: Callable[[T], T] | None = None
    since: datetime | None = None
    new_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """What an edit did, by the keys of the entries. `changed`: with the fields that differ.

    `restored`: entries that had ended before. `ended`: those that end now.
    """

    added: tuple[Any, ...]
    changed: Mapping[Any, Changes]
    restored: tuple[Any, ...]
    ended: tuple[Any, ...]
    unchanged: int

    @property
    def nothing(self) -> bool:
        """The register said all of it already."""
        return not (self.added or self.changed or self.restored or self.ended)


async def amend_register(
    connection: Connection,
    actor: str,
    table: VersionTable[T],
    words: Words,
    entries: Sequence[Entry[T]],
    *,
    reason: str | None = None,
) -> RegisterChange:
    """Make the register say `entries`, in one transaction with an event for each that changed.

    What it says already is left alone, so the same edit twice is one. Raises `InvalidInput` for a
    key that occurs twice, `StoreError` for a value that the store refuses.
    """
    keys = [entry.key for entry in entries]
    if len(set(keys)) != len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InvalidInput(table.key, f"{twice} is named twice")
    async with mapped_errors(), connection.transaction():
        now = await table.lock(connection)
        known = await table.known(connection, keys)
        work: _Work[T] = _Work(table.noun, words, actor, reason)
        for entry in entries:
            work.take(entry, known[entry.key], now)
        if work.amendments:
            await table.amend(connection, work.amendments)
            await event.append(connection, work.events)
    return work.change()


class _Work(Generic[T]):
    """One edit as it is put together."""

    def __init__(self, noun: str, words: Words, actor: str, reason: str | None) -> None:
        self._noun, self._words, self._actor, self._reason = noun, words, actor, reason
        self.amendments: list[Amendment[T]] = []
        self.events: list[NewEvent] = []
        self._added: list[Any] = []
        self._restored: list[Any] = []
        self._ended: list[Any] = []
        self._changed: dict[Any, Changes] = {}
        self._unchanged = 0

    def take(self, entry: Entry[T], known: Sequence[Version[T]], now: datetime) -> None:
        """Add what `entry` changes in what is known of it."""
        since = entry.since or now
        if not known:
            since = min(since, entry.new_since or since)
        holds = any(one.valid_to is None or since < one.valid_to for one in known)
        if entry.edit is not None and holds:
            change = edited(known, entry.edit, since, now)
        else:
            change = amended(known, entry.content, since, now)
        if change.nothing:
            self._unchanged += 1
            return
        after = next((one.content for one in change.added if one.valid_from >= since), None)
        if after is None:
            self._ended.append(entry.key)
            kind, payload = self._words.ended, dict[str, Any]()
        elif not known:
            self._added.append(entry.key)
            kind, payload = self._words.first, self._words.said(after)
        elif not change.closed:
            self._restored.append(entry.key)
            kind, payload = self._words.restored, self._words.said(after)
        else:
            before = change.closed[0].content
            old, new = self._words.said(before), self._words.said(after)
            changes = {name: (old[name], new[name]) for name in differences(before, after)}
            self._changed[entry.key] = changes
            kind = self._words.changed
            payload = {"changes": {name: list(pair) for name, pair in changes.items()}}
        if self._reason is not None:
            payload["reason"] = self._reason
        self.amendments.append(change)
        self.events.append(
            NewEvent(
                stream_kind=self._noun,
                stream_id=str(entry.key),
                kind=kind,
                actor=self._actor,
                occurred_at=since,
                payload={**payload, "valid_from": since},
            )
        )

    def change(self) -> RegisterChange:
        """All of it."""
        return RegisterChange(
            tuple(self._added),
            self._changed,
            tuple(self._restored),
            tuple(self._ended),
            self._unchanged,
        )


def differences(before: object, after: object) -> dict[str, tuple[Any, Any]]:
    """The fields in which two contents of one kind differ, as an event's payload says them."""
    old, new = said(before), said(after)
    return {name: (old[name], new[name]) for name in new if old[name] != new[name]}


def said(content: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the registers' dataclasses
    """The fields of a content as JSON knows them."""
    return {field.name: _plain(getattr(content, field.name)) for field in fields(content)}


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
