"""The geography as this console shows it: names, and base layers that browsers fetch once.

It begins with the packaged layers and takes those of the store when they are read or change.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import structlog

from dashboard.bodies import Body, pack
from dashboard.gazetteer import Gazetteer
from dashboard.i18n import LANGUAGES, Language
from db.errors import mapped_errors
from db.layer import current_features, current_versions
from layers.basemap import common_layers, word_layers
from layers.geography import Geography
from layers.stored import geography_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One geography, made ready: base layers by name with their addresses per language."""

    gazetteer: Gazetteer
    bodies: Mapping[str, Body]
    urls: Mapping[Language, tuple[tuple[str, str], ...]]


class Atlas:
    """The current sheet, exchanged as a whole."""

    def __init__(self, geography: Geography) -> None:
        self._sheet = draw(geography)
        self._known: dict[str, int] | None = None

    @property
    def gazetteer(self) -> Gazetteer:
        """Names of districts and places."""
        return self._sheet.gazetteer

    def urls(self, lang: Language) -> tuple[tuple[str, str], ...]:
        """Names of the base layers with the addresses of their data, which change with it."""
        return self._sheet.urls[lang]

    def body(self, name: str) -> Body | None:
        """One base layer, `None` if there is none of that name."""
        return self._sheet.bodies.get(name)

    async def check(self, pool: asyncpg.Pool) -> None:
        """Take the store's layers if they are not the ones shown; seconds, off the event loop.

        Layers that cannot be drawn are said once and leave the old ones. Raises `StoreError`.
        """
        async with mapped_errors(), pool.acquire() as connection:
            versions = await current_versions(connection)
            found = {kind: version.layer_id for kind, version in versions.items()}
            if found == self._known or "district" not in found:
                return
            rows = await current_features(connection)
        self._known = found  # tried once, whether or not it can be drawn
        try:
            self._sheet = await asyncio.to_thread(lambda: draw(geography_of(rows)))
        except Exception:
            log.exception("layers refused", action="layers.refused", layers=found)
        else:
            log.info("layers read", action="layers.read", layers=found)


def draw(geography: Geography) -> Sheet:
    """Make a geography ready to be shown."""
    bodies: dict[str, Body] = {}

    def keep(name: str, layer: Mapping[str, Any]) -> str:
        body = pack(orjson.dumps(layer), "application/geo+json")
        bodies[name] = body
        return f"/assets/map/{name}.json?v={body.etag.strip(chr(34))}"

    shared = [(name, keep(name, layer)) for name, layer in common_layers(geography).items()]
    urls: dict[Language, tuple[tuple[str, str], ...]] = {}
    for lang in LANGUAGES:
        named = word_layers(geography, lang).items()
        urls[lang] = (*shared, *((name, keep(f"{name}-{lang}", layer)) for name, layer in named))
    return Sheet(Gazetteer(geography), bodies, urls)
