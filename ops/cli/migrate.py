"""`whistle migrate`: bring the database's schema up to date."""

from typing import Annotated

import typer

DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database-url", help="PostgreSQL to use; otherwise DATABASE_URL."),
]


def migrate(database_url: DatabaseUrl = None) -> None:
    """Apply the migrations that the database lacks, each in its own transaction."""
    import asyncio

    from db.migrate import migrate_url
    from db.settings import required_url

    for name in asyncio.run(migrate_url(required_url(database_url))):
        typer.echo(f"applied {name}", err=True)
