"""The command rollsight zoo."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rollsight.base.errors import RollsightError
from rollsight.commands.options import (
    CHANGES,
    LANG,
    MARKET,
    OPEN,
    kept,
    names_of,
    show_page,
    shown,
    tell,
)

if TYPE_CHECKING:
    from rollsight.reports.page.language import Lang


@click.command()
@click.argument("spec")
@click.option("--models", default="all", help="Families, as in resnet,mlp,logistic; or all.")
@click.option("--seeds", default=5, type=click.IntRange(min=1), help="Networks a window.")
@click.option(
    "--every", default=5, type=click.IntRange(min=1),
    help="Sessions from one that is learnt to the next, of every model.",
)  # fmt: skip
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Zoo directory.")
@MARKET
@CHANGES
@click.option("--jobs", default=1, type=click.IntRange(min=1), help="Tasks at the same time.")
@click.option("--dry-run", is_flag=True, help="Print the plan and how long it takes, and stop.")
@OPEN
@LANG
@click.pass_context
def zoo(
    ctx: click.Context,
    /,
    spec: str,
    models: str,
    seeds: int,
    every: int,
    out: Path,
    market: str | None,
    changes: tuple[str, ...],
    jobs: int,
    dry_run: bool,
    opens: bool,
    lang: "Lang",
) -> None:
    """Walk families of models forward on SPEC's data and terms, and set them side by side."""
    from rollsight.backtests.spec import read_spec
    from rollsight.workflows.zoo.estimate import estimated
    from rollsight.workflows.zoo.plan import planned
    from rollsight.workflows.zoo.walk import PAGE
    from rollsight.workflows.zoo.walk import zoo as walk_all

    _refuse_taken(changes)
    names = None if models == "all" else names_of("models", models)
    chosen = read_spec(spec, changes, market)
    if dry_run:
        plan = planned(chosen, names, seeds=seeds, every=every)
        click.echo("\n".join(plan.lines))
        with shown() as progress:
            lines = estimated(plan, jobs, progress)
        click.echo("\n".join(lines))
        return
    with kept(ctx, f"families that have finished are kept in {out}"), shown() as progress:
        done = walk_all(
            chosen, names, out=out, seeds=seeds, every=every, jobs=jobs, lang=lang,
            progress=progress, tell=tell,
        )  # fmt: skip
    click.echo(repr(done))
    show_page("Page", out / PAGE, opens=opens)


def _refuse_taken(changes: tuple[str, ...]) -> None:
    """Raise where a key is set whose place an option of the zoo takes."""
    for change in changes:
        key, _, value = (part.strip() for part in change.partition("="))
        if key in {"training.seeds", "training.every"}:
            option = key.partition(".")[2]
            raise RollsightError(
                f"--set {change}: a zoo has {key} of its own, the same for all models: write "
                f"--{option} {value}"
            )
