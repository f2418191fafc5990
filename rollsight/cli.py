"""The command line: rollsight fetch, run, update, sweep, audit, ledger, report, compare, init."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from rollsight.base.errors import RollsightError
from rollsight.display import shown
from rollsight.options import CHANGES, LANG, MARKET, STORE, kept, tell_notes
from rollsight.sweeping import sweep

if TYPE_CHECKING:
    from rollsight.reports.page.language import Lang
    from rollsight.signals.vendors.plan import Request


class _Group(click.Group):
    """Commands whose own errors end in one line and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except RollsightError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"show_default": True})
@click.version_option(package_name="rollsight")
def main() -> None:
    """Walk-forward backtests that say what they knew, what they earned and why."""


main.add_command(sweep)


@main.command()
@click.argument("spec")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Run directory.")
@MARKET
@CHANGES
@click.option("--jobs", default=1, type=click.IntRange(min=1), help="Windows trained at a time.")
@STORE
@click.option("--leak", is_flag=True, help="Run again with same-date joins; report what they add.")
@click.option(
    "--fresh",
    is_flag=True,
    help="Start over, whatever run is there; it stays till the end.",
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda", "mps"]),
    help="Where networks are trained. [default: the spec's]",
)
@LANG
@click.pass_context
def run(
    ctx: click.Context,
    /,
    spec: str,
    changes: tuple[str, ...],
    out: Path,
    device: str | None,
    **chosen: Any,
) -> None:
    """Train, trade, explain and report; SPEC is a preset (sample, krx) or a TOML file."""
    from rollsight.backtests.spec import read_spec
    from rollsight.reports.run.data.section import data_notes
    from rollsight.workflows.run import run as run_spec

    where = () if device is None else (f"training.device={device}",)
    asked = read_spec(spec, (*changes, *where), chosen.pop("market"))
    call = "the same call without --fresh" if chosen["fresh"] else "the same call"
    with kept(ctx, f"finished networks are kept in {out}", call), shown() as progress:
        finished = run_spec(asked, out=out, progress=progress, **chosen)
    tell_notes(data_notes(finished.metrics["data"]))
    click.echo(repr(finished))
    click.echo(f"\nReport: {out / 'report.html'}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--fetch", "fetched", is_flag=True, help="Fetch the market folder's sessions first.")
@click.option("--jobs", default=1, type=click.IntRange(min=1), help="Networks trained at a time.")
@LANG
@click.pass_context
def update(ctx: click.Context, /, folder: Path, fetched: bool, jobs: int, lang: "Lang") -> None:
    """Extend the finished run in FOLDER with the sessions that arrived since."""
    from rollsight.reports.run.data.section import data_notes
    from rollsight.workflows.update import update as extend

    until = _yesterday() if fetched else None
    with kept(ctx, f"what was finished is kept in {folder}"), shown() as progress:
        done = extend(folder, fetch_until=until, jobs=jobs, lang=lang, progress=progress)
    for remark in done.remarks:
        click.echo(remark, err=True)
    if done.run is not None:
        tell_notes(data_notes(done.run.metrics["data"]))
    click.echo(repr(done))
    if done.run is not None:
        click.echo(f"\nReport: {folder / 'report.html'}")


@main.command()
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


@main.command()
@click.argument("spec")
@click.option("--out", type=click.Path(path_type=Path), help="Run directory to take models from.")
@MARKET
@CHANGES
@click.option("--trials", default=200, type=click.IntRange(min=1), help="Edits of the future.")
@click.option("--seed", default=0, type=click.IntRange(min=0), help="Of the edits.")
@click.option("--jobs", default=1, type=click.IntRange(min=1), help="Processes.")
@click.pass_context
def audit(ctx: click.Context, /, spec: str, changes: tuple[str, ...], **chosen: Any) -> None:
    """Hunt for look-ahead in a run; exit code 1 where any is found."""
    from rollsight.backtests.spec import read_spec
    from rollsight.reports.run.checks import audit_lines
    from rollsight.workflows.audit import audit as hunt

    asked = read_spec(spec, changes, chosen.pop("market"))
    with shown() as progress:
        checks = hunt(asked, progress=progress, **chosen)
    click.echo("\n".join(audit_lines(checks)))
    if not all(check.passed for check in checks):
        ctx.exit(1)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="HTML file to write, and nothing else. [default: FOLDER/report.html, and metrics.json]",
)
@click.option("--sections", help="These alone, as in headline,trades. [default: all]")
@LANG
def report(folder: Path, out: Path | None, sections: str | None, lang: "Lang") -> None:
    """Make the report of the finished run in FOLDER again."""
    from rollsight.workflows.run import rewrite_report

    chosen = None if sections is None else _names("sections", sections)
    click.echo(repr(rewrite_report(folder, page=out, lang=lang, sections=chosen)))
    click.echo(f"\nReport: {folder / 'report.html' if out is None else out}")


@main.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="HTML page to write.")
@LANG
def compare(folders: tuple[Path, ...], out: Path | None, lang: "Lang") -> None:
    """Set the finished runs in FOLDERS side by side, the others against the first."""
    from rollsight.reports.compare.numbers import compare_data, compare_lines, read_compared

    data = compare_data([read_compared(folder) for folder in folders])
    click.echo("\n".join(compare_lines(data)))
    if out is not None:
        from rollsight.reports.compare.page import comparison
        from rollsight.reports.page.document import write_page
        from rollsight.reports.page.language import speak

        write_page(comparison(data, speak(lang)), out)
        click.echo(f"\nPage: {out}")


@main.command()
@click.argument("name")
@click.option("--preset", default="sample", help="Preset to start from.")
def init(name: str, preset: str) -> None:
    """Write NAME.toml: every key of a preset, with its default and what it means."""
    from rollsight.backtests.spec import read_spec, to_toml

    if not name.removesuffix(".toml"):
        raise RollsightError(f"NAME={name!r} is empty: name the spec, as in rollsight init mine")
    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    if path.exists():
        raise RollsightError(f"{path} exists already: delete it, or choose another name")
    if not path.parent.is_dir():
        raise RollsightError(f"{path.parent} is no folder: make it first")
    chosen = read_spec(preset, [f"name={path.stem}"])
    path.write_text(to_toml(chosen), encoding="utf-8")
    click.echo(f"Wrote {path}; try: rollsight run {path} --out runs/{path.stem}")


@main.command()
@click.argument("market_name", metavar="MARKET", type=click.Choice(["krx"]))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Market folder.")
@click.option(
    "--top", type=click.IntRange(min=1), help="Most valuable stocks today. [default: 200]"
)
@click.option("--codes", help="Exactly these stocks, as in 005930,000660.")
@click.option("--market", type=click.Choice(["kospi", "kosdaq"]), help="Stocks of this one alone.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="[default: 2010-01-01]")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="[default: yesterday in Seoul]")
@click.option("--indices", help="Indices, as in KS11,IXIC. [default: those of the preset krx]")
@click.option("--rate", default=3.0, type=click.FloatRange(0, min_open=True), help="Requests/s.")
@click.option("--update", is_flag=True, help="Append new sessions to a fetched folder.")
@click.pass_context
def fetch(
    ctx: click.Context, /, market_name: str, out: Path, rate: float, update: bool, **asked: Any
) -> None:
    """Write a market folder from FinanceDataReader; MARKET is krx."""
    from rollsight.signals.vendors import fetch as fetching
    from rollsight.signals.vendors.vendor import FetchError, Manners

    try:
        with kept(ctx, f"what came is kept in {out}"), shown() as progress:
            if update:
                done = fetching.update(out, _end_of_update(asked), Manners(rate), progress)
            else:
                done = fetching.fetch(_request(out, asked), Manners(rate), progress)
    except FetchError as error:
        click.echo(f"Error: {error}", err=True)
        ctx.exit(1)
    for line in (*done.remarks, *(f"Missing: {line}" for line in done.missing), *done.notes):
        click.echo(line, err=True)
    click.echo(f"{out}: {done.n_stocks} stocks, {done.n_indices} indices")
    click.echo(f"Try: rollsight run {market_name} --market {out} --out runs/{market_name}")
    ctx.exit(1 if done.missing else 0)


def _request(out: Path, asked: dict[str, Any]) -> "Request":
    from rollsight.signals.vendors.plan import Request

    if asked["codes"] and (asked["top"] or asked["market"]):
        raise RollsightError("--codes takes exactly its stocks: leave --top and --market out")
    given: dict[str, Any] = {k: v for k, v in asked.items() if v is not None}
    given |= {k: given[k].date() for k in ("start", "end") if k in given}
    given |= {k: _names(k, given[k]) for k in ("codes", "indices") if k in given}
    return Request(out=out, yesterday=_yesterday(), **given)


def _names(option: str, text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names):
        raise RollsightError(f"--{option}={text!r} names nothing between commas: write A,B")
    return names


def _end_of_update(asked: dict[str, Any]) -> date:
    given = [f"--{k}" for k, v in asked.items() if v is not None and k != "end"]
    if given:
        raise RollsightError(
            f"--update takes what the folder has: leave {', '.join(given)} out, or fetch anew"
        )
    end: date = asked["end"].date() if asked["end"] else _yesterday()
    if end > _yesterday():
        raise RollsightError(f"--end={end} is not over: give {_yesterday()} at the latest")
    return end


def _yesterday() -> date:
    return datetime.now(ZoneInfo("Asia/Seoul")).date() - timedelta(days=1)
