"""`whistle layers`: prove the layers, load the packaged ones, or bring in an operator's own."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import InvalidInput
from ops.cli.migrate import DatabaseUrl
from ops.cli.where import DatumOption

if TYPE_CHECKING:
    from domain.layers import LayerKind
    from layers.importing import LayerFile

layers = typer.Typer(help="Prove the layers, or bring in an operator's own.", no_args_is_help=True)

KindOption = Annotated[str, typer.Option("--kind", help="district, waterway, lake, gate or place")]
SourceOption = Annotated[
    str | None, typer.Option("--source", help="whose geometry this is; otherwise the file's name")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="only check, against the packaged layer; no database")
]


@layers.command()
def check() -> None:
    """Prove the facts that everything else relies on; exit code 1 when one does not hold."""
    from layers.facts import facts
    from layers.geography import Geography

    failed = 0
    for fact in facts(Geography.builtin()):
        _print(fact.to_json())
        failed += not fact.ok
    if failed:
        sys.stderr.write(f"{failed} facts do not hold\n")
        raise typer.Exit(1)


@layers.command("import")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="GeoJSON FeatureCollection")],
    kind: KindOption = "district",
    datum: DatumOption = "wgs84",
    source: SourceOption = None,
    dry_run: DryRun = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Check a GeoJSON layer, tell what changes, and store it as the next version.

    The version before is kept. A file with a fatal problem is refused: exit code 2.
    """
    from layers.datum import parse_datum
    from layers.importing import parse_kind, read_layer

    chosen = parse_kind(kind)
    layer = read_layer(_bytes(file), chosen, parse_datum(datum))
    for problem in layer.problems:
        _print(problem.to_json())
    if layer.refused:
        raise InvalidInput("file", f"{file} is refused: see the problems above")
    if dry_run:
        _print(_dry(layer, chosen))
        return
    _print(_store(layer, source or Path(file).name, database_url))


@layers.command()
def load(database_url: DatabaseUrl = None) -> None:
    """Store the packaged layers, each where the store has none of its kind yet."""
    import asyncio

    from db.pool import connect
    from db.settings import required_url
    from seed.layers import load_builtin_layers

    url = required_url(database_url)

    async def run() -> None:
        connection = await connect(url, application="whistle layers")
        try:
            for done in await load_builtin_layers(connection):
                version = done.version
                _print(
                    {
                        "kind": version.kind,
                        "version": version.version,
                        "features": len(done.change.added),
                        "stored": True,
                    }
                )
        finally:
            await connection.close()

    asyncio.run(run())


def _dry(layer: "LayerFile", kind: "LayerKind") -> dict[str, Any]:
    from layers.stored import packaged_layers

    current = next(one for one in packaged_layers() if one.kind == kind)
    change = layer.changes(current.features)
    return {
        "kind": kind,
        "features": len(layer.features),
        "added": list(change.added),
        "removed": list(change.removed),
        "changed": list(change.changed),
        "stored": False,
    }


def _store(layer: "LayerFile", source: str, database_url: str | None) -> dict[str, Any]:
    import asyncio

    from commands.import_layer import ImportLayer, LayerImported, import_layer
    from db.pool import create_pool
    from db.settings import required_url
    from layers.stored import to_stored

    url = required_url(database_url)
    command = ImportLayer(
        kind=layer.kind,
        source=source,
        sha256=layer.sha256,
        datum=layer.datum,
        features=[to_stored(feature) for feature in layer.features],
    )

    async def run() -> LayerImported:
        pool = await create_pool(url, application="whistle layers", size=1)
        try:
            async with pool.acquire() as connection:
                return await import_layer(connection, "operator", command)
        finally:
            await pool.close()

    done = asyncio.run(run())
    return {
        "kind": layer.kind,
        "version": done.version.version,
        "features": len(layer.features),
        "added": list(done.change.added),
        "removed": list(done.change.removed),
        "changed": list(done.change.changed),
        "stored": not done.change.nothing,
    }


def _bytes(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as fault:
        raise InvalidInput("file", f"{name}: {fault.strerror or fault}") from fault


def _print(record: dict[str, Any]) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(record).decode() + "\n")
    sys.stdout.flush()
