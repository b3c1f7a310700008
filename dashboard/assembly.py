"""Puts a console together from its settings."""

from collections.abc import Awaitable, Callable

import asyncpg

from dashboard import pictures
from dashboard.basemap import Basemap
from dashboard.bodies import Bodies
from dashboard.console import Console
from dashboard.coordinator import Coordinator
from dashboard.dossier import Dossiers
from dashboard.gazetteer import District, Gazetteer
from dashboard.i18n import LANGUAGES
from dashboard.settings import ConsoleSettings
from db.pool import create_pool
from db.settings import required_url
from layers.basemap import common_layers, word_layers
from layers.geography import Geography


def assemble(settings: ConsoleSettings) -> Console:
    """Everything a console needs; nothing is opened yet.

    Raises `InvalidInput` when no database is named.
    """
    url = required_url(settings.database_url)
    geography = Geography.builtin()
    bodies = Bodies({"vessels": pictures.vessels})
    coordinator = Coordinator(_opener(url), settings, bodies)
    return Console(
        settings=settings,
        bodies=bodies,
        coordinator=coordinator,
        gazetteer=Gazetteer(
            {d.adcode: District(d.adcode, d.name_zh, d.name_en) for d in geography.districts}
        ),
        basemap=Basemap(
            common_layers(geography), {lang: word_layers(geography, lang) for lang in LANGUAGES}
        ),
        dossiers=Dossiers(coordinator),
    )


def _opener(url: str) -> Callable[[], Awaitable[asyncpg.Pool]]:
    async def connect() -> asyncpg.Pool:
        return await create_pool(url, application="whistle console", size=3)

    return connect
