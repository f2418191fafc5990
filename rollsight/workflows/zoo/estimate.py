"""How long a zoo is about to take, by what is tried of it first."""

from functools import partial
from time import perf_counter

from rollsight.backtests.chain.forecasts import forecast
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.teacher.source import taught
from rollsight.backtests.workers.results import processes, results
from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress, Steps, silent
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.windows import Window
from rollsight.workflows.run import run
from rollsight.workflows.zoo.plan import REFERENCE, Plan


def estimated(plan: Plan, jobs: int, progress: Progress = silent) -> list[str]:
    """Return how long a plan is about to take, a line a family and one in all.

    A network of each family learns and forecasts the middle window, as all others will, and as many
    at a time; what a run takes beside its networks is that of the class frequencies. Nothing of
    what is done here is kept.
    """
    step = Steps(progress, "try a network of each family", len(plan.specs) + 1)
    began = perf_counter()
    run(plan.specs[REFERENCE], jobs=jobs, page=False, progress=None)
    beside, lines, total = perf_counter() - began, [], 0.0
    step()
    window = plan.ready.windows[len(plan.ready.windows) // 2]
    with processes(jobs) as running:
        tried = (partial(_tried, plan.ready.samples, window, s) for s in plan.specs.values())
        for name, one in zip(plan.specs, results(running, tried), strict=True):
            if isinstance(one, str):
                lines.append(f"{name}: {one}")
            else:
                count = plan.networks(name)
                whole = one * count / jobs + beside
                total += whole
                lines.append(f"{name}: about {duration(whole)}, {count} networks of {one:.2g} s")
            step()
    return [
        *lines,
        f"about {duration(total)} in all with jobs={jobs}, less what is stored already: a network "
        "of each family was tried, and one account; maps of trades come on top",
    ]


def _tried(samples: SampleSet, window: Window, spec: RunSpec) -> float | str:
    """Return the seconds that a network takes to learn and forecast its window, or why none can."""
    began, samples = perf_counter(), taught(samples, spec.teacher)
    try:
        model = fit_network(
            samples, window, model=spec.model, training=spec.training,
            clip=spec.features.clip, seed=spec.training.network_seeds[0],
        )  # fmt: skip
    except RollsightError as reason:
        return str(reason)
    forecast(model, samples, window, shrink=spec.training.shrink)
    return perf_counter() - began


def duration(seconds: float) -> str:
    """Return a time as it is told.

    >>> [duration(s) for s in (0.2, 89, 600, 9000)]
    ['1 s', '89 s', '10 min', '2.5 h']
    """
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
