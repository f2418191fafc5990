"""The specification of a sweep: what is tried, and by what the best is told."""

from typing import Any, Literal

from pydantic import Field, ValidationError

from rollsight.backtests.spec import DEFAULT_FAMILY, read_toml, toml_lines
from rollsight.backtests.specs.faults import first_fault
from rollsight.backtests.sweeps.grid import Given, Grid, read_grid
from rollsight.base.errors import RollsightError
from rollsight.signals.spec import Spec

SEED = "training.seed"
Objective = Literal["sharpe", "annual_return", "precision", "net_return", "log_loss_gain"]
Sampler = Literal["grid", "random", "tpe"]
Select = Literal["validation", "rolling"]


class SweepSpec(Spec):
    """What is tried, and by what the best is told."""

    grid: dict[str, dict[str, Any]] = Field(
        {},
        description="values of each key, as in strategy.stop_loss = ['none', 0.05]",
        examples=[{"label": {"horizon": (5, 10, 20)}}],
    )
    sampler: Sampler = Field(
        "grid", description="grid: every combination; random and tpe: so many trials of them"
    )
    trials: int | None = Field(
        None, ge=1, description="of the samplers random and tpe", examples=[50]
    )
    seed: int = Field(0, ge=0, lt=2**32, description="of the samplers random and tpe")
    objective: Objective = Field(
        "sharpe",
        description="what the best has most of: sharpe and annual_return of the account, precision "
        "and net_return of the buys, log_loss_gain over the class frequencies",
    )
    select: Select = Field(
        "validation",
        description="where it is measured: on the validation spans, or for each window on the test "
        "spans before it (rolling)",
    )
    burn_in: int = Field(
        4, ge=1, description="rolling: windows that are only watched before one is traded"
    )
    keep: int = Field(1, ge=0, description="best trials that get a run directory and a report")


class _File(Spec):
    sweep: SweepSpec = SweepSpec()


def read_sweep(
    source: str, grid: Given = (), *, family: str = DEFAULT_FAMILY, **options: Any
) -> tuple[SweepSpec, Grid]:
    """Return the sweep of a preset or TOML file, with options in place of its own.

    Parameters
    ----------
    grid
        values by ``section.key``, or ``section.key=v1,v2`` strings
    options
        further keys of the table; None leaves the file's

    Raises
    ------
    RollsightError
        If a key or value is not allowed, or nothing is to be swept.
    """
    table = read_toml(source).get("sweep", {})
    return check_sweep(table, source, grid, family=family, **options)


def check_sweep(
    table: Any,
    source: str,
    grid: Given = (),
    *,
    family: str = DEFAULT_FAMILY,
    **options: Any,
) -> tuple[SweepSpec, Grid]:
    """Return the sweep of a table, with options in place of its own, as `read_sweep` does."""
    given = {key: value for key, value in options.items() if value is not None}
    if isinstance(table, dict):
        # The whole grid has no number of trials, whatever the file says.
        aside = {"trials"} if given.get("sampler") == "grid" else set()
        table = {k: v for k, v in table.items() if k not in aside} | given
    content = {"sweep": table}
    try:
        sweep = _File.model_validate(content).sweep
    except ValidationError as error:
        raise RollsightError(f"{source}: {first_fault(error, _File)}") from error
    flat = {f"{s}.{k}": values for s, part in sweep.grid.items() for k, values in part.items()}
    axes = read_grid(flat, grid, family)
    _require_consistent(sweep)
    if sweep.sampler == "tpe" and SEED in axes.keys:
        raise RollsightError(
            f"sampler='tpe' looks for the best, and {SEED} is no setting to choose: leave it out "
            "of the grid, or take sampler='grid', which tries every setting with every seed"
        )
    asked: dict[str, dict[str, tuple[Any, ...]]] = {}
    for axis in axes.axes:
        section, _, key = axis.key.partition(".")
        asked.setdefault(section, {})[key] = axis.told
    # The order of a table, whose sections come whole.
    order = list(asked)
    inner = sorted(axes.axes, key=lambda axis: order.index(axis.key.partition(".")[0]))
    return sweep.model_copy(update={"grid": asked}), Grid(tuple(inner))


def sweep_toml(sweep: SweepSpec) -> str:
    """Return the table of a sweep as TOML, every key explained."""
    return "\n".join(toml_lines("sweep", sweep))


def _require_consistent(sweep: SweepSpec) -> None:
    if sweep.sampler == "grid" and sweep.trials is not None:
        raise RollsightError(
            f"sweep.trials={sweep.trials} is of the samplers random and tpe: leave it out, or "
            "choose one of them"
        )
    if sweep.sampler == "tpe" and sweep.select == "rolling":
        raise RollsightError(
            "select='rolling' knows nothing of later windows, and sampler='tpe' picks its trials "
            "by them: take sampler='grid' or 'random'"
        )
    if sweep.sampler != "grid" and sweep.trials is None:
        raise RollsightError(
            f"sweep.sampler={sweep.sampler!r} needs the number of trials: add --trials N"
        )
