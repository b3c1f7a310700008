"""`whistle doctor`: what is missing on this machine, and the mend."""


def doctor() -> None:
    """List what is there and what is missing, each with the mend; exit code 1 if something is."""
    import typer
    from rich.console import Console
    from rich.text import Text

    from ops.doctor import State, examine
    from ops.settings import RunSettings

    signs = {
        State.GOOD: ("✓", "green"),
        State.NOTE: ("!", "yellow"),
        State.MISSING: ("✗", "bold red"),
    }
    console = Console(soft_wrap=True, highlight=False)
    findings = examine(RunSettings())
    for finding in findings:
        sign, style = signs[finding.state]
        console.print(Text.assemble((sign, style), f" {finding.what}: {finding.found}"))
        if finding.mend:
            console.print(Text(f"    → {finding.mend}", style=style))
    missing = sum(finding.state is State.MISSING for finding in findings)
    console.print(f"\n{missing} missing" if missing else "\nnothing is missing")
    raise typer.Exit(1 if missing else 0)
