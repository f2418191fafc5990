"""What drove one decision: the gradient of its score in every channel and session."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError
from rollsight.decisions.decider import Decider
from rollsight.training.explaining.attribution import explain
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.families import family_of
from rollsight.training.spec import AttributionSpec


@dataclass(frozen=True, eq=False)
class Heatmap:
    """A saliency map of one stock's decision.

    Attributes
    ----------
    code
        the stock's
    channels
        by row
    contribution
        (channels, lookback) gradient times standardised input of the explained score, by default
        the log-odds of UP, natural-log units; the last column is the decision's own session
    passed, reasons
        what the gate found of the window's maps, and why it lets none pass
    """

    code: str
    channels: tuple[str, ...]
    contribution: npt.NDArray[np.float32]
    passed: bool
    reasons: str


def heatmap(decider: Decider, day: int, code: str) -> Heatmap:
    """Return the saliency map of a stock's decision in a session.

    Raises
    ------
    RollsightError
        If the stock is unknown or was not decided on, or the run's models have no gradient.
    """
    ready, window = decider.ready, decider.window_of(day)
    if code not in ready.market.codes:
        raise RollsightError(f"{code!r:.20} is no code of {decider.out}: take one of its table")
    stock = ready.market.codes.index(code)
    if not ready.samples.usable[stock, day]:
        raise RollsightError(
            f"{code} was not decided on {ready.market.sessions[day]}: it has no full, fresh input "
            "there; name another stock or session"
        )
    family = decider.spec.model.name
    if not family_of(family).can.differentiable:
        raise RollsightError(f"{family} has no gradient, so no map: see its page for importance")
    target = AttributionSpec(target=decider.spec.attribution.target)
    row = Rows(np.array([stock]), np.array([day]))
    maps = explain(decider.model_of(window), ready.samples, row, spec=target)
    judged = decider.windows.iloc[window.number]
    return Heatmap(
        code=code,
        channels=tuple(ready.samples.channels),
        contribution=maps.contribution[0],
        passed=bool(judged["gate_passed"]),
        reasons=str(judged["gate_reason"]),
    )
