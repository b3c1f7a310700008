"""Who is signed in: asked for with every request, so what the store said is held for a second."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar

import asyncpg
import structlog

from commands.add_account import AddedAccount, add_first_account
from commands.passwords import token_hash
from commands.sign_in import (
    Place,
    SignedIn,
    begin_sign_in,
    change_password,
    finish_sign_in,
    judge,
    sign_in_to_demo,
    sign_out,
)
from dashboard.coordinator import Coordinator
from db.account import accounts
from db.account_session import find_session, touch_session
from db.display import Display, find_display, touch_display
from db.errors import StoreError, StoreUnavailable, mapped_errors
from domain.accounts import Account
from domain.actors import Actor, Role
from domain.sign_in import TOUCH_EVERY, Lifetime, TooManyAttempts

log = structlog.get_logger(__name__)
T = TypeVar("T")

AT_ONCE: Final = 2
"""Connections that signing in may add to the console's pool."""
JUDGED_AT_ONCE: Final = 16
"""Passwords that may wait to be compared; whoever comes then is told to come again."""
FRESH_S: Final = 1.0
"""So long an answer counts: who is signed out or disabled sees nothing more after that."""
KEPT_S: Final = 600.0
"""So long who was signed in may go on looking while the store does not answer."""
HELD_MOST: Final = 1000
TIMEOUT_S: Final = 5.0
TOKEN_MOST: Final = 200
"""Characters of a cookie that is worth a look; ours have 43."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in."""

    account: Account
    token_hash: bytes

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return self.account.actor


class Held(Generic[T]):
    """The last answers by key, the oldest forgotten first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[bytes, tuple[T | None, float]] = OrderedDict()

    async def get(self, key: bytes, look: Callable[[], Awaitable[T | None]]) -> T | None:
        """The answer, asked for anew after a second. Raises `StoreError` when none is held."""
        held = self._answers.get(key)
        now = time.monotonic()
        if held is not None and now - held[1] < FRESH_S:
            return held[0]
        try:
            found = await look()
        except (StoreError, TimeoutError, OSError) as error:
            if held is not None and held[0] is not None and now - held[1] < KEPT_S:
                return held[0]
            raise StoreUnavailable("who is signed in is not known now") from error
        self._answers[key] = (found, now)
        self._answers.move_to_end(key)
        while len(self._answers) > HELD_MOST:
            self._answers.popitem(last=False)
        return found

    def forget(self, key: bytes | None = None) -> None:
        """Ask the store next time; `None`: for everybody."""
        if key is None:
            self._answers.clear()
        else:
            self._answers.pop(key, None)


class People:
    """Signs people in and out and knows them again."""

    def __init__(self, coordinator: Coordinator, lifetime: Lifetime) -> None:
        self._coordinator = coordinator
        self.lifetime = lifetime
        self._persons: Held[Person] = Held()
        self._displays: Held[Display] = Held()
        self._judging = 0

    async def person(self, token: str | None) -> Person | None:
        """Whose cookie it is; `None`: nobody's any more. Raises `StoreError`."""
        if not token or len(token) > TOKEN_MOST:
            return None
        key = token_hash(token)

        async def look(connection: asyncpg.Connection) -> Person | None:
            now = self._coordinator.now()
            found = await find_session(connection, key)
            if found is None or not self.lifetime.lasts(found.seen_at, found.expires_at, now):
                return None
            if now - found.seen_at >= TOUCH_EVERY:
                await touch_session(connection, key, now)
            return Person(found.account, key)

        return await self._persons.get(key, lambda: self._with(look))

    async def display(self, token: str | None) -> Display | None:
        """Which wall's cookie it is; `None`: none's any more. Raises `StoreError`."""
        if not token or len(token) > TOKEN_MOST:
            return None
        key = token_hash(token)

        async def look(connection: asyncpg.Connection) -> Display | None:
            now = self._coordinator.now()
            found = await find_display(connection, key)
            if found is None:
                return None
            if now - (found.last_seen_at or found.issued_at) >= TOUCH_EVERY:
                await touch_display(connection, found.display_id, now)
            return found

        return await self._displays.get(key, lambda: self._with(look))

    def person_now(self, token: str | None) -> Person | None:
        """`person` for a viewer's script thread, which it blocks. Raises `StoreError`."""
        return self._from_thread(self.person(token))

    def display_now(self, token: str | None) -> Display | None:
        """`display` for a viewer's script thread, which it blocks. Raises `StoreError`."""
        return self._from_thread(self.display(token))

    async def sign_in(self, login: str, password: str, place: Place) -> SignedIn:
        """Open a session. Raises `SignInRefused`, `TooManyAttempts`, `StoreError`."""
        async with self._turn():
            attempt = await self._with(
                lambda connection: begin_sign_in(connection, login, place, self._coordinator.now())
            )
            await judge(attempt, password)
            return await self._with(
                lambda connection: finish_sign_in(
                    connection, attempt, self._coordinator.now(), self.lifetime
                )
            )

    async def sign_in_to_demo(self, login: str, place: Place) -> SignedIn:
        """By one click, as an account of the demo. Raises `SignInRefused`, `StoreError`."""
        return await self._with(
            lambda connection: sign_in_to_demo(
                connection, login, place, self._coordinator.now(), self.lifetime
            )
        )

    async def sign_out(self, token: str) -> None:
        """End the session, if it stands. Raises `StoreError`."""
        person = await self.person(token)
        if person is not None:
            await self._with(
                lambda connection: sign_out(
                    connection, token, person.account, self._coordinator.now()
                )
            )
            self._persons.forget(person.token_hash)

    async def change_password(self, person: Person, old: str, new: str, place: Place) -> None:
        """One's own. Raises `SignInRefused`, `InvalidInput`, `TooManyAttempts`, `StoreError`."""
        login, coordinator = person.account.login, self._coordinator
        async with self._turn():
            attempt = await self._with(
                lambda connection: begin_sign_in(connection, login, place, coordinator.now())
            )
            await self._with(
                lambda connection: change_password(
                    connection, attempt, old, new, keep=person.token_hash, now=coordinator.now()
                ),
                timeout_s=4 * TIMEOUT_S,
            )
        self._persons.forget()

    async def demo_accounts(self) -> list[Account]:
        """Those by which one click lets in. Raises `StoreError`."""
        found = await self._with(accounts)
        usable = [one for one in found if one.demo and one.disabled_at is None]
        return sorted(usable, key=lambda one: list(Role).index(one.role))

    async def first_account(self) -> AddedAccount | None:
        """Make the first account where there is none yet; else `None`. Raises `StoreError`."""
        return await self._with(
            lambda connection: add_first_account(connection, self._coordinator.now()),
            timeout_s=4 * TIMEOUT_S,
        )

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """A place among those whose passwords are compared. Raises `TooManyAttempts`."""
        if self._judging >= JUDGED_AT_ONCE:
            raise TooManyAttempts(5)
        self._judging += 1
        try:
            yield
        finally:
            self._judging -= 1

    async def _with(
        self,
        work: Callable[[asyncpg.Connection], Awaitable[T]],
        timeout_s: float = TIMEOUT_S,
    ) -> T:
        try:
            async with asyncio.timeout(timeout_s):
                pool = await self._coordinator.pool()
                async with mapped_errors(), pool.acquire() as connection:
                    return await work(connection)
        except TimeoutError as error:
            raise StoreUnavailable(f"no answer within {timedelta(seconds=timeout_s)}") from error

    def _from_thread(self, asked: Awaitable[T]) -> T:
        loop = self._coordinator.loop

        async def ask() -> T:
            return await asked

        if loop is None:
            raise StoreUnavailable("the console is not up yet")
        return asyncio.run_coroutine_threadsafe(ask(), loop).result(TIMEOUT_S + 1)
