"""The command rollsight update."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rollsight.commands.options import LANG, kept, now, shown, tell, tell_notes

if TYPE_CHECKING:
    from rollsight.reports.page.language import Lang


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--fetch", "fetched", is_flag=True, help="Fetch the market folder's sessions first.")
@click.option("--jobs", default=1, type=click.IntRange(min=1), help="Networks trained at a time.")
@LANG
@click.pass_context
def update(ctx: click.Context, /, folder: Path, fetched: bool, jobs: int, lang: "Lang") -> None:
    """Extend the finished run in FOLDER with the sessions that arrived since."""
    from rollsight.reports.run.data.section import data_notes
    from rollsight.workflows.update import update as extend

    until = _yesterday(folder) if fetched else None
    with kept(ctx, f"what was finished is kept in {folder}"), shown() as progress:
        done = extend(folder, fetch_until=until, jobs=jobs, lang=lang, progress=progress)
    for remark in done.remarks:
        tell(remark)
    if done.run is not None:
        tell_notes(data_notes(done.run.numbers.data))
    click.echo(repr(done))
    if done.run is not None:
        click.echo(f"\nReport: {folder / 'report.html'}")


def _yesterday(folder: Path) -> date:
    """Return the last day that is over at the exchange of a run's market folder."""
    from rollsight.backtests.directory.result import read_result
    from rollsight.signals.rules.venue import venue_at

    return venue_at(Path(read_result(folder).spec.market.folder)).yesterday(now())
