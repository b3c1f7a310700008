"""`whistle demo`: the whole product on this machine."""


def demo() -> None:
    """Run everything: a private database, the AIS input, the console and simulated barges."""
    import asyncio

    import typer

    from ops.demo import run
    from ops.settings import RunSettings

    asyncio.run(run(RunSettings(), typer.echo))
