"""Puts a console together from its settings."""

import asyncpg

from dashboard import alert_pictures, incident_desk, paper_desk, people, pictures, wall_pictures
from dashboard.ack.desk import AT_ONCE as AT_ONE_TAP
from dashboard.alert_file import AlertFiles
from dashboard.atlas import Atlas
from dashboard.bodies import SLOW_EVERY, Bodies, Body, Maker, pack_json
from dashboard.console import Console
from dashboard.coordinator import Coordinator
from dashboard.dossier import AT_ONCE, Dossiers
from dashboard.handling import Handling
from dashboard.i18n import LANGUAGES, Language
from dashboard.incident_desk import IncidentDesk
from dashboard.matching import Matching
from dashboard.paper_desk import PaperDesk
from dashboard.people import People
from dashboard.settings import ConsoleSettings
from dashboard.snapshot import Snapshot
from db.pool import create_pool
from db.settings import required_url
from layers.geography import Geography

POOL_SIZE = 2 + AT_ONCE + paper_desk.AT_ONCE + people.AT_ONCE + incident_desk.AT_ONCE + AT_ONE_TAP
"""One connection for the picture, one for layers and tails, the rest for drawers and people."""


def assemble(settings: ConsoleSettings) -> Console:
    """Everything a console needs; nothing is opened yet.

    Raises `InvalidInput` when no database is named.
    """
    url = required_url(settings.database_url)

    async def connect() -> asyncpg.Pool:
        return await create_pool(url, application="whistle console", size=POOL_SIZE)

    atlas = Atlas(Geography.builtin())
    bodies = Bodies(
        {"vessels": pictures.vessels},
        {
            "tails": (pictures.tails, SLOW_EVERY),
            "rings": (pictures.rings, 1),
            "alerts": (alert_pictures.rings, 1),
            "checkpoints": (pictures.checkpoints, 1),
            **{f"newest-{lang}": (_newest(atlas, lang), 1) for lang in LANGUAGES},
            **{f"wall-{lang}": (_wall(atlas, lang), 1) for lang in LANGUAGES},
        },
    )
    coordinator = Coordinator(connect, settings, bodies, atlas)
    dossiers = Dossiers(coordinator)
    files = AlertFiles(coordinator, dossiers.turns)
    return Console(
        settings,
        bodies,
        coordinator,
        atlas,
        dossiers,
        files,
        Handling(coordinator),
        Matching(coordinator, [dossiers.forget, files.forget]),
        PaperDesk(coordinator),
        People(coordinator, settings.lifetime),
        IncidentDesk(coordinator),
    )


def _newest(atlas: Atlas, lang: Language) -> Maker:
    """An alert is more than a crossing: where one is new, it has the word."""

    def make(snapshot: Snapshot) -> Body:
        grave = alert_pictures.label(snapshot, lang, atlas.gazetteer)
        if grave is not None:
            return pack_json(pictures.features([grave]))
        return pictures.newest(snapshot, lang, atlas.gazetteer)

    return make


def _wall(atlas: Atlas, lang: Language) -> Maker:
    return lambda snapshot: wall_pictures.newest(snapshot, lang, atlas.gazetteer)
