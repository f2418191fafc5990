"""The command rollsight fetch."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rollsight.base.errors import RollsightError
from rollsight.commands.options import kept, names_of, now, shown, tell

if TYPE_CHECKING:
    from rollsight.signals.rules.venue import Venue
    from rollsight.signals.vendors.plan import Request


@click.command()
@click.argument("market_name", metavar="MARKET", type=click.Choice(["krx", "us"]))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Market folder.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    help="So many stocks of today's: the most valuable, in the US of the S&P 500. [default: 200]",
)
@click.option("--codes", help="Exactly these stocks, as in 005930,000660.")
@click.option(
    "--market", type=click.Choice(["kospi", "kosdaq"]), help="Korean stocks of this one alone."
)
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="[default: 2010-01-01]")
@click.option(
    "--end", type=click.DateTime(["%Y-%m-%d"]), help="[default: yesterday in Seoul or New York]"
)
@click.option("--indices", help="Indices, as in KS11,IXIC. [default: those of the preset]")
@click.option(
    "--vendor",
    help="Whom to ask, as in package.module:name. [default: FinanceDataReader]",
)
@click.option("--rate", default=3.0, type=click.FloatRange(0, min_open=True), help="Requests/s.")
@click.option("--update", is_flag=True, help="Append new sessions to a fetched folder.")
@click.pass_context
def fetch(
    ctx: click.Context, /, market_name: str, out: Path, rate: float, update: bool, **asked: Any
) -> None:
    """Write a market folder from a vendor; MARKET is krx (Korea) or us."""
    from rollsight.signals.rules.venue import VENUES
    from rollsight.signals.vendors import fetch as fetching
    from rollsight.signals.vendors.vendor import FetchError, RequestPolicy

    venue = VENUES[market_name]
    try:
        with kept(ctx, f"what came is kept in {out}"), shown() as progress:
            if update:
                done = fetching.update(
                    out, _end_of_update(asked, out, venue), RequestPolicy(rate), progress
                )
            else:
                done = fetching.fetch(_request(out, asked, venue), RequestPolicy(rate), progress)
    except FetchError as error:
        click.echo(f"Error: {error}", err=True)
        ctx.exit(1)
    for line in (*done.remarks, *done.notes):
        tell(line)
    for line in done.missing:
        click.echo(f"Missing: {line}", err=True)
    click.echo(f"{out}: {done.n_stocks} stocks, {done.n_indices} indices")
    click.echo(f"Try: rollsight run {venue.preset} --market {out} --out runs/{market_name}")
    ctx.exit(1 if done.missing else 0)


def _request(out: Path, asked: dict[str, Any], venue: "Venue") -> "Request":
    from rollsight.signals.vendors.members import vendor_of
    from rollsight.signals.vendors.plan import Request

    if asked["codes"] and (asked["top"] or asked["market"]):
        raise RollsightError("--codes takes exactly its stocks: leave --top and --market out")
    given: dict[str, Any] = {k: v for k, v in asked.items() if v is not None}
    given |= {k: given[k].date() for k in ("start", "end") if k in given}
    given |= {k: names_of(k, given[k]) for k in ("codes", "indices") if k in given}
    given = {"indices": venue.indices, "vendor": venue.vendor} | given
    other = vendor_of(given["vendor"]).venue
    if other is not venue:
        raise RollsightError(
            f"vendor {given['vendor']!r} has stocks of {other.name}: call rollsight fetch "
            f"{other.name}, or name another"
        )
    return Request(out=out, yesterday=venue.yesterday(now()), **given)


def _end_of_update(asked: dict[str, Any], out: Path, venue: "Venue") -> date:
    from rollsight.signals.rules.venue import venue_at

    given = [f"--{k}" for k, v in asked.items() if v is not None and k != "end"]
    if given:
        raise RollsightError(
            f"--update takes what the folder has: leave {', '.join(given)} out, or fetch anew"
        )
    other = venue_at(out)
    if other is not venue:
        raise RollsightError(
            f"{out} holds stocks of {other.name}: call rollsight fetch {other.name}"
        )
    yesterday = venue.yesterday(now())
    end: date = asked["end"].date() if asked["end"] else yesterday
    if end > yesterday:
        raise RollsightError(f"--end={end} is not over: give {yesterday} at the latest")
    return end
