"""`whistle topics`: make them at the broker, compare them with the register, print contracts."""

import sys
from pathlib import Path
from typing import Annotated

import typer

topics = typer.Typer(help="The topics at the broker, and their contracts.", no_args_is_help=True)


@topics.command()
def create() -> None:
    """Make the topics that are missing; the others are left as they are."""
    import asyncio

    from streams.kafka.topics import create as make
    from streams.settings import KafkaSettings
    from streams.topics.registry import topics as registered

    for finding in asyncio.run(make(KafkaSettings(), list(registered().values()))):
        print(f"{finding.topic}: {finding.said}")  # noqa: T201


@topics.command()
def check() -> None:
    """Compare the broker's topics with the register; exit code 1 when one cannot be worked with."""
    import asyncio

    from streams.kafka.topics import check as compare
    from streams.settings import KafkaSettings
    from streams.topics.registry import topics as registered

    findings = asyncio.run(compare(KafkaSettings(), list(registered().values())))
    for finding in findings:
        print(f"{finding.topic}: {finding.said}")  # noqa: T201
    faults = sum(finding.fault for finding in findings)
    if faults:
        sys.stderr.write(f"{faults} topics cannot be worked with\n")
        raise typer.Exit(1)


@topics.command()
def schema(
    folder: Annotated[Path, typer.Argument(help="where a JSON Schema per topic is written")],
) -> None:
    """Write the JSON Schema of every topic's messages."""
    from streams.topics.registry import topics as registered
    from streams.topics.schema import written

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in written(registered()).items():
        (folder / name).write_text(text, "utf-8")
        print(folder / name)  # noqa: T201
