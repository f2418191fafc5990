"""How long a zoo is about to take, by what is tried of it first."""

from time import perf_counter

from rollsight.backtests.chain.forecasts import forecast
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress, Steps, silent
from rollsight.training.fitting.fit import fit_network
from rollsight.workflows.run import run
from rollsight.workflows.zoo.plan import REFERENCE, Plan


def estimated(plan: Plan, jobs: int, progress: Progress = silent) -> list[str]:
    """Return how long a plan is about to take, a line a family and one in all.

    Two networks of each family learn and forecast their windows, the first and the last, as all
    others will; what a run takes beside its networks is that of the class frequencies. Nothing of
    what is done here is kept.
    """
    step = Steps(progress, "try two networks of each family", len(plan.specs))
    began = perf_counter()
    run(plan.specs[REFERENCE], jobs=jobs, page=False)
    beside, lines, total = perf_counter() - began, [], 0.0
    for name, spec in plan.specs.items():
        try:
            one, count = _seconds(plan, spec), plan.networks(name)
        except RollsightError as reason:
            lines.append(f"{name}: {reason}")
        else:
            whole = one * count / jobs + beside
            total += whole
            lines.append(f"{name}: about {duration(whole)}, {count} networks of {one:.2g} s each")
        step()
    return [
        *lines,
        f"about {duration(total)} in all with jobs={jobs}, less what is stored already: two "
        "networks of each family were tried, and one account; maps of trades come on top",
    ]


def _seconds(plan: Plan, spec: RunSpec) -> float:
    """Return the seconds that a network takes to learn and forecast its window."""
    ready = plan.ready
    chosen = {window.number: window for window in (ready.windows[0], ready.windows[-1])}
    began = perf_counter()
    for window in chosen.values():
        model = fit_network(
            ready.samples, window, model=spec.model, training=spec.training,
            clip=spec.features.clip, seed=spec.training.network_seeds[0],
        )  # fmt: skip
        forecast(model, ready.samples, window, shrink=spec.training.shrink)
    return (perf_counter() - began) / len(chosen)


def duration(seconds: float) -> str:
    """Return a time as it is told.

    >>> [duration(s) for s in (0.2, 89, 600, 9000)]
    ['1 s', '89 s', '10 min', '2.5 h']
    """
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
