"""The command rollsight ledger."""

from datetime import datetime

import click

from rollsight.commands.options import CHANGES, MARKET


@click.command()
@click.argument("spec")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Session; the last one if unset.")
@MARKET
@CHANGES
def ledger(spec: str, day: datetime | None, market: str | None, changes: tuple[str, ...]) -> None:
    """Print which value of each index a day's decisions use, and when it became known."""
    from rollsight.workflows.reading.ledger import ledger as read_ledger

    asked = None if day is None else day.date()
    click.echo(repr(read_ledger(spec, changes, day=asked, market=market)))
