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
    from rollsight.workflows.reading.compare import compare as set_side_by_side

    if opens and out is None:
        raise RollsightError(
            "--open opens the page of --out: name a file there, or leave --open out"
        )
    click.echo(repr(set_side_by_side(*folders, out=out, lang=lang)))
    if out is not None:
        show_page("Page", out, opens=opens)
