"""The command rollsight signals."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--date", "session", metavar="DATE", help="Session.  [default: the newest]")
@click.option(
    "--format", "form", default="table", type=click.Choice(["table", "csv", "json"]),
    help="How it is written.",
)  # fmt: skip
def signals(run: Path, session: str | None, form: str) -> None:
    """Show what the finished run in RUN decides in a session, and what its account does then."""
    from rollsight.decisions.signals import signals as decided
    from rollsight.decisions.signals import signals_csv, signals_json, signals_text

    found = decided(run, session)
    write = {"table": signals_text, "csv": signals_csv, "json": signals_json}[form]
    click.echo(write(found).removesuffix("\n"))
