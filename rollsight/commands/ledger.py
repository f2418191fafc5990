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
    from rollsight.backtests.audit.ledgerday import ledger_day, ledger_lines
    from rollsight.backtests.spec import read_spec

    chosen = read_spec(spec, changes, market)
    found = ledger_day(chosen, None if day is None else day.date())
    click.echo("\n".join(ledger_lines(found)))
