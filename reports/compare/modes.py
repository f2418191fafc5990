"""What the modes of training cost and give, beside each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from rollsight.backtests.spec import RunSpec
from rollsight.reports.compare.compared import Compared
from rollsight.reports.compare.figures import Figure, Unit
from rollsight.reports.page.language import Say
from rollsight.reports.run.learning.modelage import AgeBin
from rollsight.reports.run.saliency.attribution import Saliency, first_method
from rollsight.reports.statistics.calibration import Skill
from rollsight.reports.statistics.correlation import rank_correlation

# Whatever the age of the models.
WHOLE: tuple[tuple[str, Unit, Callable[[Compared], float | None]], ...] = (
    ("Epochs trained", "count", lambda run: run.numbers.training.epochs),
    ("Networks that kept the weights they started from", "count",
     lambda run: run.numbers.training.unchanged),
    ("Seconds of training", "count", lambda run: run.seconds_training),
    ("Log-loss gain", "nats", lambda run: _gain(run.numbers.skill)),
    ("Change of the gain in ten sessions", "nats", lambda run: run.numbers.model_age.slope.slope),
    ("Channel shares, rank correlation from window to window", "ratio",
     lambda run: drift(run.numbers.saliency)),
)  # fmt: skip
AGED: tuple[tuple[str, Unit, Callable[[AgeBin], float | None]], ...] = (
    ("Log-loss gain, {first} to {last} sessions old", "nats", lambda age: age.gain),
    ("Edge of the buys, {first} to {last} sessions old", "percent", lambda age: age.edge),
)


@dataclass(frozen=True)
class Modes:
    """Runs by how they were trained.

    Attributes
    ----------
    names
        how the networks of each run were trained
    """

    names: tuple[str, ...]
    figures: tuple[Figure, ...]


def modes_data(runs: Sequence[Compared]) -> Modes | None:
    """Return runs by how they were trained; None where all were trained in the same way."""
    names = tuple(_mode(run.spec) for run in runs)
    if len(set(names)) == 1:
        return None
    ages = sorted({(b.first, b.last) for run in runs for b in run.numbers.model_age.bins})
    whole = [Figure(title, unit, tuple(map(of, runs))) for title, unit, of in WHOLE]
    aged = [
        Figure(title, unit, tuple(_at_age(run, first, of) for run in runs),
               {"first": first, "last": last})
        for title, unit, of in AGED
        for first, last in ages
    ]  # fmt: skip
    return Modes(names, (*whole, *aged))


def modes_rows(modes: Modes, say: Say) -> list[list[str]]:
    """Return a row a figure, its title first, then a cell a run."""
    return [[say("Training"), *modes.names], *(figure.row(say) for figure in modes.figures)]


def drift(saliency: Sequence[Saliency]) -> float | None:
    """Return the mean rank correlation of the channels' shares in one window and the next.

    All maps count, whether they passed their checks or not.
    """
    first = first_method(saliency)
    shares = {
        s.period: [share for share in s.share.values() if share is not None]
        for s in saliency
        if s.method == first and s.outcome == "all" and s.period.startswith("window ")
    }
    each = [rank_correlation(a, b) for a, b in pairwise(shares[p] for p in sorted(shares))]
    known = [c for c in each if c is not None]
    return float(np.mean(known)) if known else None


def _mode(spec: RunSpec) -> str:
    own = spec.training
    if own.mode != "fine-tune":
        return own.mode
    return f"{own.mode}, replay {own.replay:g}, distillation {own.distillation:g}, rate " \
           f"{own.fine_tune_rate:g}"  # fmt: skip


def _gain(skill: Skill) -> float | None:
    if skill.log_loss is None or skill.frequency_log_loss is None:
        return None
    return skill.frequency_log_loss - skill.log_loss


def _at_age(run: Compared, first: int, of: Callable[[AgeBin], float | None]) -> float | None:
    return next((of(age) for age in run.numbers.model_age.bins if age.first == first), None)
