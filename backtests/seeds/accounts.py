"""The accounts of parts of a run's networks: the same run with other seeds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.account import statistics
from rollsight.backtests.chain.fold import FittedFold
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.chain.signals import trade_signals
from rollsight.backtests.seeds.parts import Places, part_name
from rollsight.backtests.spec import RunSpec
from rollsight.signals.inputs.labels import Label


def seed_table(folds: Sequence[FittedFold]) -> pd.DataFrame:
    """Return the window and the scores of each part's networks, one row a signal."""
    windows = [np.full(len(fold.rows), fold.window.number) for fold in folds]
    return pd.DataFrame(
        {"window": np.concatenate(windows)}
        | {
            part_name(places): np.concatenate([fold.parts[at].score for fold in folds])
            for at, places in enumerate(_places(folds))
        },
        copy=False,
    )


def seed_accounts(
    ready: Prepared, spec: RunSpec, signals: pd.DataFrame, folds: Sequence[FittedFold]
) -> list[dict[str, Any]]:
    """Return what each part's account came to, ready for JSON; nothing is trained.

    Parameters
    ----------
    signals
        the run's own, in order of decision
    """
    scores, found = seed_table(folds), []
    for at, places in enumerate(_places(folds)):
        cutoffs = [np.where(f.may_buy, f.parts[at].threshold, np.nan) for f in folds]
        threshold, score = np.concatenate(cutoffs), scores[part_name(places)].to_numpy()
        # A score that is the threshold, as ranks often are, is so rounded as well.
        buy = score >= threshold.astype(score.dtype)
        own = signals.assign(score=score.astype(np.float64), threshold=threshold, buy=buy)
        found.append(_account(ready, spec, own) | {"networks": list(places)})
    return found


def _places(folds: Sequence[FittedFold]) -> list[Places]:
    return [part.places for part in folds[0].parts]


def _account(ready: Prepared, spec: RunSpec, signals: pd.DataFrame) -> dict[str, Any]:
    traded = trade_signals(ready, spec, signals)
    returns = traded.equity["return"].to_numpy()
    first = ready.windows[0].test.start
    per_year = statistics.sessions_per_year(ready.market.sessions[first:])
    label = signals.loc[signals["buy"], "label"].dropna()
    return {
        "total_return": statistics.total_return(returns),
        "annual_return": statistics.annual_return(returns, per_year),
        "sharpe": statistics.sharpe_ratio(returns, per_year, ready.cash_returns(first)),
        "max_drawdown": statistics.max_drawdown(returns),
        "trades": len(traded.trades),
        "buys": int(signals["buy"].sum()),
        "precision": float((label == Label.UP).mean()) if len(label) else None,
    }
