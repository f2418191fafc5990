"""Indices that go with the session after the decision: a wrong time, or one that truly leads."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.prices.market import Market

# A series known when it is said to be goes with the session in which it became known at least as
# well as with the next one; below this correlation nothing can be said.
LEAST_CORRELATION, LEAST_T = 0.1, 5.0


@dataclass(frozen=True)
class LeadLag:
    """How a series goes with the stocks' sessions before and after the decision that uses it.

    Attributes
    ----------
    before, after, later
        correlation with the mean stock's change, close to close, in the session
        of the decision, the next, and the one after that
    t
        of ``after``
    session
        where the joined change and the next session's change agree most
    verified
        where market.toml says that the time of its publication is documented
    """

    symbol: str
    before: float
    after: float
    later: float
    t: float
    session: str
    verified: str | None = None

    @property
    def early(self) -> bool:
        """The series tells of the session to come."""
        return abs(self.after) > max(abs(self.before), LEAST_CORRELATION) and abs(self.t) > LEAST_T

    @property
    def silent(self) -> bool:
        """The series goes with neither session: a wrong time could not be seen."""
        return max(abs(self.before), abs(self.after)) < LEAST_CORRELATION


def lead_lags(market: Market, samples: SampleSet) -> Iterator[LeadLag]:
    """Yield how each index goes with the sessions before and after the decisions that use it."""
    with np.errstate(invalid="ignore", divide="ignore"):
        change = market.close[:, 1:] / market.close[:, :-1] - 1
    change[market.moves.leaps[:, 1:]] = np.nan
    mean = pd.DataFrame(change).mean().to_numpy()  # of session t at t - 1; NaN where none traded
    plain = [k for k, c in enumerate(samples.shared) if c.name == c.index]
    for k in plain or range(len(samples.shared)):
        symbol = str(samples.shared[k].index)
        used = samples.indices[1:-2, k].astype(np.float64)
        moves = np.stack([mean[:-2], mean[1:-1], mean[2:]])
        fine = np.isfinite(moves).all(axis=0) & (used != 0)
        fine[: samples.lookback] = False
        if fine.sum() < samples.lookback:
            continue
        x = np.clip(used[fine], *np.quantile(used[fine], [0.001, 0.999]))
        before, after, later = (_correlation(x, move[fine]) for move in moves)
        t = after * np.sqrt((len(x) - 2) / max(1 - after**2, 1e-12))
        agree = (x - x.mean()) * (moves[1][fine] - moves[1][fine].mean()) * np.sign(after)
        at = np.flatnonzero(fine)[int(agree.argmax())] + 1
        told, verified = str(market.sessions[at]), market.publications[symbol].verified
        yield LeadLag(symbol, before, after, later, float(t), told, verified)


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    if not (x.std() and y.std()):
        return 0.0
    return float(np.corrcoef(x, y)[0, 1])
