"""Import a layer: a new version beside the old ones, and an event that says what changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db import event, layer
from db.errors import mapped_errors
from db.pool import Connection
from domain.errors import InvalidInput
from domain.events import NewEvent
from domain.layers import KINDS, Datum, LayerChange, LayerVersion, StoredFeature, compare


@dataclass(frozen=True, slots=True)
class ImportLayer:
    """A checked file. `features` are WGS-84 already; `datum` and `sha256` are the file's own.

    `valid_from`: since when it holds in law; `None`: from the import on.
    """

    kind: str
    source: str
    sha256: bytes
    datum: str
    features: Sequence[StoredFeature]
    valid_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class LayerImported:
    """The version that is current now, and how it differs from the one before."""

    version: LayerVersion
    change: LayerChange


async def import_layer(connection: Connection, actor: str, command: ImportLayer) -> LayerImported:
    """Store the layer as the next version, in one transaction with its event.

    A file that says what the store says already changes nothing and leaves no version. Raises
    `InvalidInput` for an unknown kind or datum or a repeated id, `StoreError` for a geometry that
    PostGIS refuses.
    """
    _check(command)
    async with mapped_errors(), connection.transaction():
        now = await layer.lock_kind(connection, command.kind)
        known = (await layer.current_versions(connection)).get(command.kind)
        before = [] if known is None else await layer.features(connection, known.layer_id)
        change = compare(before, command.features)
        if known is not None and change.nothing:
            return LayerImported(known, change)
        version = await layer.add_version(
            connection,
            kind=command.kind,
            source=command.source,
            sha256=command.sha256,
            datum=command.datum,
            valid_from=command.valid_from or now,
            recorded_at=now,
            features=command.features,
        )
        await event.append(
            connection,
            [
                NewEvent(
                    stream_kind="layer",
                    stream_id=command.kind,
                    kind="layer.imported",
                    actor=actor,
                    occurred_at=now,
                    payload={
                        "version": version.version,
                        "source": command.source,
                        "sha256": command.sha256.hex(),
                        "datum": command.datum,
                        "added": list(change.added),
                        "removed": list(change.removed),
                        "changed": list(change.changed),
                    },
                )
            ],
        )
    return LayerImported(version, change)


def _check(command: ImportLayer) -> None:
    if command.kind not in KINDS:
        raise InvalidInput("kind", f"expected one of {', '.join(KINDS)}")
    if command.datum not in set(Datum):
        raise InvalidInput("datum", f"expected one of {', '.join(Datum)}")
    if not command.features:
        raise InvalidInput("features", "expected at least one")
    seen: set[str] = set()
    for number, feature in enumerate(command.features):
        if feature.feature_id in seen:
            raise InvalidInput(
                f"features[{number}].id", f"{feature.feature_id} stands in the file twice"
            )
        seen.add(feature.feature_id)
