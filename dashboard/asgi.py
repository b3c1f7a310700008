"""The console as one ASGI application: Streamlit, the live routes, and one coordinator."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st
import structlog

from commands.settings import LinkSettings
from dashboard import console as process
from dashboard.ack.desk import AnswerDesk
from dashboard.ack.routes import ack_routes
from dashboard.api.assets import asset_routes
from dashboard.api.health import health_routes
from dashboard.api.incidents import incident_routes
from dashboard.api.live import live_routes
from dashboard.api.password import password_routes
from dashboard.api.permit_edits import permit_edit_routes
from dashboard.api.permits import permit_routes
from dashboard.api.sign_in import sign_in_routes
from dashboard.assembly import assemble
from dashboard.first_account import ensure_first_account
from dashboard.page import page_routes
from dashboard.settings import ConsoleSettings, console_settings

log = structlog.get_logger(__name__)

SCRIPT = Path(__file__).with_name("app.py")


def create_app(settings: ConsoleSettings | None = None) -> st.App:
    """The application; its lifespan opens the pool, runs the coordinator and closes both."""
    console = assemble(settings or console_settings())

    @asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[dict[str, Any]]:
        process.install(console)
        poller = asyncio.create_task(console.coordinator.run(), name="coordinator")
        poller.add_done_callback(end_with)
        first = asyncio.create_task(ensure_first_account(console.people), name="first account")
        try:
            yield {}
        finally:
            first.cancel()
            poller.cancel()
            with suppress(asyncio.CancelledError):
                await poller
            await console.coordinator.close()
            process.install(None)

    return st.App(
        SCRIPT,
        lifespan=lifespan,
        routes=[
            *page_routes(console.atlas),
            *health_routes(console),
            *ack_routes(AnswerDesk(console.coordinator.pool, LinkSettings().key())),
            *live_routes(console),
            *sign_in_routes(console),
            *password_routes(console),
            *incident_routes(console),
            *permit_routes(console),
            *permit_edit_routes(console),
            *asset_routes(console),
        ],
    )


def end_with(poller: asyncio.Task[None]) -> None:
    """End the process when its poller has ended: a supervisor starts it anew, nobody a dead one."""
    if poller.cancelled():
        return
    log.critical("poller ended", action="poller.ended", exc_info=poller.exception())
    os._exit(1)  # at once: viewers' threads and open pages would hold an orderly end up
