"""The command rollsight compare."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rollsight.base.errors import RollsightError
from rollsight.commands.options import LANG, OPEN, show_page

if TYPE_CHECKING:
    from rollsight.reports.page.language import Lang


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="HTML page to write.")
@OPEN
@LANG
def compare(folders: tuple[Path, ...], out: Path | None, opens: bool, lang: "Lang") -> None:
    """Set the finished runs in FOLDERS side by side, the others against the first."""
    from rollsight.reports.compare.compared import read_compared
    from rollsight.reports.compare.numbers import compare_data, compare_lines

    if opens and out is None:
        raise RollsightError(
            "--open opens the page of --out: name a file there, or leave --open out"
        )
    data = compare_data([read_compared(folder) for folder in folders])
    click.echo("\n".join(compare_lines(data)))
    if out is not None:
        from rollsight.reports.compare.page import comparison
        from rollsight.reports.page.document import write_page
        from rollsight.reports.page.language import speak

        write_page(comparison(data, speak(lang)), out)
        show_page("Page", out, opens=opens)
