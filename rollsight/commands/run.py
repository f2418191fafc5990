"""The command rollsight run."""

from pathlib import Path
from typing import Any

import click

from rollsight.base.errors import RollsightError
from rollsight.commands.options import (
    CHANGES,
    LANG,
    MARKET,
    OPEN,
    SECTIONS,
    STORE,
    kept,
    show_page,
    shown,
    tell_notes,
)


@click.command()
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
@click.option(
    "--no-report",
    is_flag=True,
    help="Write the numbers and no page; rollsight report draws it later.",
)
@SECTIONS
@OPEN
@LANG
@click.pass_context
def run(
    ctx: click.Context,
    /,
    spec: str,
    changes: tuple[str, ...],
    out: Path,
    device: str | None,
    no_report: bool,
    opens: bool,
    **chosen: Any,
) -> None:
    """Train, trade, explain and report.

    SPEC is a TOML file or a preset: sample, planted, krx, krx-rank, us-rank, original-cnn2d,
    original-gaf, original-mlp, original-realtime or original-resnet.
    """
    from rollsight.backtests.spec import read_spec
    from rollsight.reports.run.data.section import data_notes
    from rollsight.workflows.run import run as run_spec

    if no_report and opens:
        raise RollsightError("--open with --no-report: there is no page to open; leave one out")
    where = () if device is None else (f"training.device={device}",)
    asked = read_spec(spec, (*changes, *where), chosen.pop("market"))
    call = "the same call without --fresh" if chosen["fresh"] else "the same call"
    with kept(ctx, f"finished networks are kept in {out}", call), shown() as progress:
        finished = run_spec(asked, out=out, page=not no_report, progress=progress, **chosen)
    tell_notes(data_notes(finished.numbers.data))
    click.echo(repr(finished))
    if not no_report:
        show_page("Report", out / "report.html", opens=opens)
