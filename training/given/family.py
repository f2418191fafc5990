"""The family given: answers that somebody else's model gave, looked up and not learnt."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.baselines.frequencies import Frequencies
from rollsight.training.models.family import Capabilities
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import ModelSpec

Float64 = npt.NDArray[np.float64]

NOT_HERE = (
    "model.name='given': the signals were given in memory, and are not here: call "
    "rollsight.backtest again, or name a file of them as model.source"
)


class GivenSpec(ModelSpec):
    """Answers that are given, and not learnt."""

    source: str | None = Field(
        None,
        min_length=1,
        description="parquet or csv file of date, code, and p_down, p_hold and p_up, or p_up, or "
        "score; unset: they were given to rollsight.backtest in memory",
    )
    scores: bool = Field(
        False, description="they are scores, of which the order alone means anything"
    )


@dataclass(frozen=True)
class Given(Frequencies):
    """Of a window it learns how often each class was; its answers are those of `answers_of`."""

    options: type[ModelSpec] = GivenSpec
    can: Capabilities = Capabilities(  # noqa: RUF009 - frozen
        seeded=False,
        training=frozenset(),
        sources=(
            "models/baselines/classes.py", "models/baselines/frequencies.py",
            "given/family.py",
        ),
    )  # fmt: skip


GIVEN = Given()


def has_answers(given: Float64, rows: Rows) -> bool:
    """Return whether any of some rows has an answer: before the first one nobody can be judged."""
    return bool(np.isfinite(given[rows.stock, rows.day, Label.UP]).any())


def answers_of(model: FittedModel, samples: SampleSet, rows: Rows) -> Float64:
    """Return the log-probabilities (1, n, 3) that were given of rows, in nats.

    Where UP alone was given, DOWN and HOLD share the rest as they did in the train rows; rows
    without an answer, which nobody decides, have the frequencies of the train rows.

    Raises
    ------
    RollsightError
        If no answers are at hand.
    """
    if samples.given is None:
        raise RollsightError(NOT_HERE)
    share = np.array(model.frequencies)
    found = samples.given[rows.stock, rows.day]
    rest = share.copy()
    rest[Label.UP] = 0.0
    rest /= max(rest.sum(), 1e-12)
    alone = np.isnan(found[:, Label.DOWN])
    up = found[alone, Label.UP]
    found[alone] = (1 - up)[:, None] * rest
    found[alone, Label.UP] = up
    found[np.isnan(found[:, Label.UP])] = share
    with np.errstate(divide="ignore"):  # of a class that cannot be
        return np.asarray(np.log(found))[None]
