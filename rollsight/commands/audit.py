"""The command rollsight audit."""

from pathlib import Path
from typing import Any

import click

from rollsight.commands.options import CHANGES, MARKET, shown


@click.command()
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
    from rollsight.workflows.audit import audit as hunt

    with shown() as progress:
        checks = hunt(spec, changes, progress=progress, **chosen)
    click.echo(repr(checks))
    if not checks.passed:
        ctx.exit(1)
