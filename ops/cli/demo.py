"""`whistle demo`: the whole product on this machine."""


def demo() -> None:
    """Run everything: a private database, the AIS input, the console and simulated barges."""
    import asyncio
    import contextlib

    import typer

    from ops.demo import run
    from ops.settings import RunSettings

    def show(line: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone; the stop has to go on
            typer.echo(line)

    asyncio.run(run(RunSettings(), show))
