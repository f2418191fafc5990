"""The command rollsight reveal."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rollsight.commands.options import LANG, kept, shown, tell_notes

if TYPE_CHECKING:
    from rollsight.reports.page.language import Lang


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Directory to write. [default: FOLDER-revealed]",
)
@click.option("--jobs", default=1, type=click.IntRange(min=1), help="Windows trained at a time.")
@LANG
@click.pass_context
def reveal(ctx: click.Context, /, folder: Path, out: Path | None, jobs: int, lang: "Lang") -> None:
    """Open the sessions that the finished run in FOLDER holds out, and count the look."""
    from rollsight.reports.run.data.section import data_notes
    from rollsight.workflows.reveal import reveal as open_holdout

    with kept(ctx, "the look is counted, and finished networks are kept"), shown() as progress:
        done = open_holdout(folder, out=out, jobs=jobs, lang=lang, progress=progress)
    tell_notes([*data_notes(done.run.numbers.data), *([done.note] if done.note else [])])
    click.echo(repr(done.run))
    if done.again:
        click.echo(f"\nLooked at before with this specification: {done.again}")
    click.echo(f"\nReport: {done.out / 'report.html'}")
