"""The parts of a running console, made by the server's lifespan and shared by all viewers."""

from dataclasses import dataclass

from dashboard.alert_file import AlertFiles
from dashboard.atlas import Atlas
from dashboard.bodies import Bodies
from dashboard.coordinator import Coordinator
from dashboard.dossier import Dossiers
from dashboard.handling import Handling
from dashboard.incident_desk import IncidentDesk
from dashboard.matching import Matching
from dashboard.paper_desk import PaperDesk
from dashboard.people import People
from dashboard.settings import ConsoleSettings


@dataclass(frozen=True, slots=True)
class Console:
    """One per process."""

    settings: ConsoleSettings
    bodies: Bodies
    coordinator: Coordinator
    atlas: Atlas
    dossiers: Dossiers
    files: AlertFiles
    handling: Handling
    matching: Matching
    desk: PaperDesk
    people: People
    incidents: IncidentDesk


_running: Console | None = None


def install(console: Console | None) -> None:
    """Make it the one that this process's script runs read; `None` when the server stops."""
    global _running  # noqa: PLW0603  (one console per process, set by the lifespan)
    _running = console


def running() -> Console | None:
    """The running console, or `None` before the server is up."""
    return _running
