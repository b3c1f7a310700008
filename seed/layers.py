"""The packaged layers into the store, where it has none of that kind yet."""

from commands.import_layer import ImportLayer, LayerImported, import_layer
from db import layer
from db.pool import Connection
from layers.stored import packaged_layers

_ACTOR = "seed"


async def load_builtin_layers(connection: Connection) -> list[LayerImported]:
    """Import each packaged layer of whose kind the store has no version; returns those imported.

    An operator's own layers are left alone. Harmless to run again, or twice at once.
    """
    imported = []
    known = await layer.current_versions(connection)
    for packaged in packaged_layers():
        if packaged.kind not in known and packaged.features:
            command = ImportLayer(
                kind=packaged.kind,
                source=packaged.source,
                sha256=packaged.sha256,
                datum=packaged.datum,
                features=packaged.features,
            )
            imported.append(await import_layer(connection, _ACTOR, command))
    return imported
