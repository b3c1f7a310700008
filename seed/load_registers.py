"""The invented registers into the store, people too, and a token for every simulated device.

What an operator changed is left alone: only entries that the store has never heard of are added.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from commands.import_permits import ImportPermits, import_permits
from commands.issue_token import IssueToken, issue_token
from commands.put_registers import PutEntries, put_carriers, put_hulls, put_wharves
from commands.register_checkpoints import RegisterCheckpoints, register_checkpoints
from db import checkpoint
from db.pool import Connection
from db.register import CARRIERS, HULLS, WHARVES
from domain.checkpoints import token_hash
from domain.clock import SHANGHAI, utc_now
from domain.permits import PermitRow
from domain.registers import Hull
from seed.checkpoints import checkpoints
from seed.crossings import Borders
from seed.lead_case import case_hulls
from seed.load_people import PeopleLoaded, load_people
from seed.papers import legs, permits
from seed.registers import carriers, hulls, wharves
from seed.strays import stray_hulls
from seed.truth import builtin_districts
from seed.world import World

_ACTOR = "seed"
_HELD_FOR = timedelta(days=365)
"""Since when the registers hold: before everything that a demo can show."""
_TOKEN_LASTS = timedelta(days=365)
_RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RegistersLoaded:
    """How many entries were new to the store."""

    carriers: int
    wharves: int
    hulls: int
    permits: int
    checkpoints: int
    people: PeopleLoaded

    @property
    def nothing(self) -> bool:
        """The store had all of it."""
        trade = (self.carriers, self.wharves, self.hulls, self.permits, self.checkpoints)
        return not any(trade) and self.people.nothing


async def load_registers(
    connection: Connection, barges: int, seed: int, now: datetime | None = None
) -> RegistersLoaded:
    """Put carriers, wharves, hulls with their papers, checkpoints and people that are new to it.

    A fleet that has grown brings its new barges. Harmless to run again. Terms lie around `now`.
    """
    now = now or utc_now()
    firms, places = carriers(), wharves()
    fleet = [*hulls(seed, barges), *case_hulls(seed), *stray_hulls(seed, barges)]
    known_firms = await CARRIERS.known(connection, [one.carrier_id for one in firms])
    new_firms = [one for one in firms if not known_firms[one.carrier_id]]
    known_places = await WHARVES.known(connection, [one.wharf_id for one in places])
    new_places = [one for one in places if not known_places[one.wharf_id]]
    known_hulls = await HULLS.known(connection, [one.mmsi for one in fleet])
    new_hulls = [one for one in fleet if not known_hulls[one.mmsi]]
    since = now - _HELD_FOR
    if new_firms:
        await put_carriers(connection, _ACTOR, PutEntries(new_firms, since))
    if new_places:
        await put_wharves(connection, _ACTOR, PutEntries(new_places, since))
    if new_hulls:
        await put_hulls(connection, _ACTOR, PutEntries(new_hulls, since))
    return RegistersLoaded(
        carriers=len(new_firms),
        wharves=len(new_places),
        hulls=len(new_hulls),
        permits=await _load_papers(connection, barges, seed, new_hulls, now),
        checkpoints=await _load_checkpoints(connection, now),
        people=await load_people(connection, _ACTOR, since, now),
    )


async def _load_papers(
    connection: Connection, barges: int, seed: int, new: list[Hull], now: datetime
) -> int:
    """The papers of new hulls; terms lie around today in Shanghai."""
    mmsis = {hull.mmsi for hull in new if hull.carries_spoil}
    if not mmsis:
        return 0
    ways = legs(World(barges, seed), Borders(builtin_districts()))
    papers = permits(seed, ways, now.astimezone(SHANGHAI).date())
    rows = [
        PermitRow(line, paper)
        for line, paper in enumerate((p for p in papers if p.mmsi in mmsis), 1)
    ]
    if rows:
        await import_permits(connection, _ACTOR, ImportPermits(rows))
    return len(rows)


async def _load_checkpoints(connection: Connection, now: datetime) -> int:
    known = await checkpoint.checkpoints(connection)
    new = [point for point in checkpoints() if point.checkpoint_id not in known]
    if new:
        await register_checkpoints(connection, _ACTOR, RegisterCheckpoints(new, now))
    return len(new)


async def issue_tokens(connection: Connection, path: Path) -> int:
    """Make `path` hold a good token for every simulated checkpoint; how many were issued.

    Tokens that still hold are kept. Only the owner can read the file; the store has hashes only.
    """
    held = _held(path)
    stored = await checkpoint.tokens(connection)
    good: dict[str, str] = {}
    issued = 0
    for point in checkpoints():
        token = held.get(point.checkpoint_id, "")
        entry = stored.get(token_hash(token))
        lasts = entry is not None and entry.expires_at > utc_now() + _RENEW_BEFORE
        if entry is None or not lasts or entry.revoked_at is not None:
            order = IssueToken(point.checkpoint_id, _TOKEN_LASTS)
            token = (await issue_token(connection, _ACTOR, order)).token
            issued += 1
        good[point.checkpoint_id] = token
    if issued:
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        part.write_bytes(orjson.dumps(good))
        part.replace(path)
    return issued


def _held(path: Path) -> Mapping[str, str]:
    try:
        said = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
