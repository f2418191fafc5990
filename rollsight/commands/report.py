"""The command rollsight report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rollsight.commands.options import LANG, names_of

if TYPE_CHECKING:
    from rollsight.reports.page.language import Lang


@click.command()
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

    chosen = None if sections is None else names_of("sections", sections)
    click.echo(repr(rewrite_report(folder, page=out, lang=lang, sections=chosen)))
    click.echo(f"\nReport: {folder / 'report.html' if out is None else out}")
