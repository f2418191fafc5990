"""The command rollsight sweep."""

from pathlib import Path
from typing import Any

import click

from rollsight.base.errors import RollsightError
from rollsight.commands.options import (
    CHANGES,
    LANG,
    MARKET,
    OPEN,
    STORE,
    kept,
    show_page,
    shown,
    tell,
    tell_notes,
)


@click.command()
@click.argument("spec")
@click.option(
    "--grid",
    multiple=True,
    metavar="SECTION.KEY=V1,V2",
    help="Values that a key takes, beside the spec's [sweep.grid]; or lo..hi with --random or tpe, "
    "of whole numbers where both ends are.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Sweep directory.")
@click.option("--random", type=click.IntRange(min=1), help="Try so many settings at random.")
@click.option("--sampler", type=click.Choice(["grid", "random", "tpe"]), help="[default: grid]")
@click.option("--trials", type=click.IntRange(min=1), help="Of the samplers random and tpe.")
@click.option("--seed", type=click.IntRange(min=0), help="Of the samplers. [default: 0]")
@click.option(
    "--objective",
    type=click.Choice(["sharpe", "annual_return", "precision", "net_return", "log_loss_gain"]),
    help="What the best has most of. [default: sharpe]",
)
@click.option(
    "--select",
    type=click.Choice(["validation", "rolling"]),
    help="By validation spans, or per window by the test spans before it. [default: validation]",
)
@click.option("--keep", type=click.IntRange(min=0), help="Best trials with a report. [default: 1]")
@MARKET
@CHANGES
@STORE
@click.option("--jobs", default=1, type=click.IntRange(min=1), help="Tasks at the same time.")
@click.option(
    "--backend", default="loky", type=click.Choice(["loky", "threading", "dask", "ray"]),
    help="What runs the tasks.",
)  # fmt: skip
@click.option("--scheduler", help="Address of a cluster of dask or ray, as in tcp://host:8786.")
@click.option("--yes", "many", is_flag=True, help="Lay out more than 10,000 trials.")
@click.option("--dry-run", is_flag=True, help="Print the plan, and stop.")
@OPEN
@LANG
@click.pass_context
def sweep(
    ctx: click.Context,
    /,
    spec: str,
    random: int | None,
    dry_run: bool,
    out: Path,
    opens: bool,
    **chosen: Any,
) -> None:
    """Try many settings of SPEC, training once what they share, and say what of it is luck."""
    if random is not None:
        if chosen["sampler"] not in {None, "random"} or chosen["trials"] is not None:
            raise RollsightError(
                f"--random {random} is a sampler: leave --sampler and --trials out"
            )
        chosen |= {"sampler": "random", "trials": random}
    if dry_run:
        click.echo("\n".join(_plan(spec, out, chosen)))
        return
    from rollsight.workflows.sweep import sweep as try_all

    with kept(ctx, f"finished networks and trials are kept in {out}"), shown() as progress:
        done = try_all(spec, out=out, progress=progress, tell=tell, **chosen)
    tell_notes(done.numbers.notes)
    click.echo(repr(done))
    show_page("Report", out / "report.html", opens=opens)
    ctx.exit(0 if done.numbers.counts.done else 1)


def _plan(spec: str, out: Path, chosen: dict[str, Any]) -> list[str]:
    from rollsight.backtests.sweeps.directory import refuse_foreign
    from rollsight.backtests.sweeps.request import home_of, plan_lines, plan_sweep, read_request

    aside = ("store", "jobs", "backend", "scheduler", "many", "lang")
    asked = read_request(spec, **{k: v for k, v in chosen.items() if k not in aside})
    home = home_of(out, chosen["store"])
    refuse_foreign(home.out)
    first = plan_sweep(asked, home, many=chosen["many"])
    return plan_lines(asked, first, chosen["jobs"])
