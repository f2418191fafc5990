"""The command rollsight report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rollsight.commands.options import LANG, OPEN, SECTIONS, show_page, shown

if TYPE_CHECKING:
    from rollsight.reports.page.language import Lang


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="HTML file to write, and nothing else. [default: FOLDER/report.html, and metrics.json]",
)
@SECTIONS
@OPEN
@LANG
def report(
    folder: Path,
    out: Path | None,
    sections: tuple[str, ...] | None,
    opens: bool,
    lang: "Lang",
) -> None:
    """Make the report of the finished run in FOLDER again."""
    from rollsight.workflows.reading.report import report as made_again

    with shown() as progress:
        made = made_again(folder, out=out, lang=lang, sections=sections, progress=progress)
    click.echo(repr(made))
    show_page("Report", out or folder / "report.html", opens=opens)
