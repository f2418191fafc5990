"""Signal tables whose buyer knows nothing, or what will come, on a market that is read."""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.spec import RunSpec
from rollsight.signals.inputs.volatility import recent_volatility
from rollsight.strategies.spec import StrategySpec
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

BEST = 6


def market(folder: Path, **strategy: object) -> tuple[RunSpec, Prepared]:
    """Return a spec and its market of twelve stocks, with halts among them."""
    halts = tuple((stock, day) for stock in (0, 3, 5) for day in range(150 + stock, 240, 9))
    spec = spec_of(write_market(folder, Recipe(n_stocks=12, n_days=260, halts=halts)))
    own = StrategySpec.model_validate({"cash": 50_000_000.0, "max_positions": 3, **strategy})
    update: dict[str, object] = {"strategy": own}
    if own.rule == "rank":
        update["threshold"] = spec.threshold.model_copy(update={"best": BEST})
    spec = spec.model_copy(update=update)
    return spec, prepare(spec)


def placed(signals: pd.DataFrame) -> pd.DataFrame:
    """Return signals as the rule ``rank`` has them: minus the number of the date's better ones."""
    better = signals.groupby("day")["score"].rank(ascending=False) - 1
    return signals.assign(score=-better, threshold=1.0 - BEST, buy=better < BEST)


def signals_of(
    ready: Prepared, seed: int, *, knows: float = 0.0, share: float = 0.2, kept: float = 0.8
) -> pd.DataFrame:
    """Return signals whose scores are noise that lasts, and what the label will return.

    Parameters
    ----------
    knows
        weight of the label's return, in its standard deviations, beside noise of deviation 1
    share
        of the rows that are buys
    kept
        correlation of a stock's noise from one date to the next
    """
    rng, samples = np.random.default_rng(seed), ready.samples
    first = ready.windows[0].test.start
    noise = rng.normal(size=samples.usable.shape)
    for day in range(1, noise.shape[1]):
        noise[:, day] = kept * noise[:, day - 1] + np.sqrt(1 - kept**2) * noise[:, day]
    made = samples.labels.label_return
    known = np.nan_to_num(made / np.nanstd(made))
    day, stock = np.nonzero(samples.usable[:, first:].T)
    day += first
    score = (noise + knows * known)[stock, day]
    threshold = np.quantile(score, 1 - share)
    return pd.DataFrame(
        {
            "stock": stock,
            "day": day,
            "window": 0,
            "decided_at": ready.market.sessions[day].astype("datetime64[ms]"),
            "score": score,
            "threshold": threshold,
            "buy": score >= threshold,
            "volatility": recent_volatility(samples.changes, samples.lookback)[stock, day],
            "label": pd.array(samples.labels.label[stock, day], dtype="Int8"),
            "label_return": made[stock, day],
            "net_label_return": made[stock, day],
            "settled_day": samples.labels.settled_at[stock, day],
        }
    )
