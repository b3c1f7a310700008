"""`whistle replay`: send refused records to their topic again."""

from datetime import datetime
from typing import Annotated

import typer

from ops.cli.migrate import DatabaseUrl


def replay(
    topic: Annotated[str, typer.Argument(help="as in docs/streams.md, without prefix")],
    since: Annotated[str, typer.Option(help="refused since then, ISO 8601 with an offset")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only count")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """What is sound by now has its effect, the rest is refused and parked again."""
    import asyncio

    from db.pool import create_pool
    from db.settings import required_url
    from domain.errors import InvalidInput
    from streams.kafka.dead_letters import replay as send_again
    from streams.lifecycle import log_to_stderr
    from streams.settings import KafkaSettings
    from streams.topics.registry import incoming

    log_to_stderr()
    url, known = required_url(database_url), incoming()
    if topic not in known:
        raise InvalidInput("topic", f"expected one of {', '.join(known)}")
    try:
        at = datetime.fromisoformat(since)
    except ValueError as error:
        raise InvalidInput("--since", str(error)) from error
    if at.tzinfo is None:
        raise InvalidInput("--since", "expected an offset, as in 2026-03-01T12:00:00+08:00")

    async def run() -> int:
        async with await create_pool(url) as pool:
            return await send_again(pool, KafkaSettings(), known[topic], at, send=not dry_run)

    count = asyncio.run(run())
    print(f"{count} records {'would be sent' if dry_run else 'sent'} to {topic}")  # noqa: T201
