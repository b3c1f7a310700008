"""The layers that detection works by: those of the store, looked up again as they change."""

import asyncio
from collections.abc import Mapping

import asyncpg
import structlog

from db import layer
from db.pool import Connection
from domain.layers import StoredFeature
from layers.geography import Geography
from layers.stored import geography_of

_log = structlog.get_logger(__name__)


class LayerWatch:
    """Knows which version of the layers the running geography was built from."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._versions: Mapping[str, int] | None = None
        self._failed = False

    async def geography(self) -> Geography | None:
        """A new geography if the layers are others than at the last call, else `None`.

        Also `None` when they cannot be built, which is logged once, as is the recovery: whoever
        has a geography keeps it.
        """
        features = await self.changed()
        if features is None:
            return None
        try:
            built = await asyncio.to_thread(geography_from, features)
        except Exception as error:
            self._failed = True
            _log.exception(
                "the stored layers cannot be used", action="layers.failed", error=str(error)
            )
            return None
        if self._failed:
            self._failed = False
            _log.info("the stored layers can be used again", action="layers.recovered")
        return built

    async def changed(self) -> Mapping[str, list[StoredFeature]] | None:
        """The features of all layers if a version is new since the last call, else `None`."""
        async with self._pool.acquire() as connection:
            found = await self._current(connection)
            if found == self._versions:
                return None
            features = await layer.current_features(connection)
        self._versions = found
        return features

    async def _current(self, connection: Connection) -> dict[str, int]:
        versions = await layer.current_versions(connection)
        return {kind: version.layer_id for kind, version in versions.items()}


def geography_from(features: Mapping[str, list[StoredFeature]]) -> Geography:
    """The store's geography; the packaged one as long as the store has no districts."""
    if features.get("district"):
        return geography_of(features)
    _log.warning("no districts in the store, using the packaged ones", action="layers.packaged")
    return Geography.builtin()
