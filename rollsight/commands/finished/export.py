"""The command rollsight export."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rollsight.base.errors import RollsightError

if TYPE_CHECKING:
    from rollsight.backtests.directory.export import Form

FORMS = ["csv", "xlsx", "parquet"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("table", type=click.Choice(["trades", "signals", "orders", "equity"]))
@click.option(
    "--format", "form", type=click.Choice(FORMS),
    help="How it is written. [default: by the ending of --out, or else csv]",
)  # fmt: skip
@click.option(
    "--out",
    type=click.Path(path_type=Path, allow_dash=True),
    help="File to write; - is the standard output. [default: TABLE.FORMAT]",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def export(folder: Path, table: str, form: "Form | None", out: Path | None, force: bool) -> None:
    """Write a TABLE of the finished run in FOLDER for other programs.

    Codes and other texts are text cells in a workbook, and dates are dates. Programs that read CSV
    must be told that codes are text: 005930 is no number.
    """
    from rollsight.backtests.directory.export import exported
    from rollsight.base.files import write_bytes

    ending = "" if out is None else out.suffix.lower().removeprefix(".")
    chosen: Form = form or (ending if ending in FORMS else "csv")  # type: ignore[assignment]
    if str(out) == "-":
        click.echo(exported(folder, table, chosen), nl=False)
        return
    path = out or Path(f"{table}.{chosen}")
    if ending and ending != chosen:
        raise RollsightError(
            f"--out={path} ends in .{ending}, and what is written is {chosen}: name another file, "
            f"or one of --format {', '.join(FORMS)}"
        )
    if path.is_dir():
        raise RollsightError(f"--out={path} is a folder: name a file in it")
    if path.exists() and not force:
        raise RollsightError(f"{path} exists already: write over it with --force, or name another")
    if not path.parent.is_dir():
        raise RollsightError(f"{path.parent} is no folder: make it first")
    write_bytes(path, exported(folder, table, chosen))
    click.echo(f"Wrote {path}")
