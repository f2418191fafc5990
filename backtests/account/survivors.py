"""The universe of a run in numbers, and what its survivors alone would have shown."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.account.backtest import Traded
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.universe import Universe, by_year
from rollsight.signals.prices.market import Market
from rollsight.training.deciding.scores import measured_among
from rollsight.training.spec import Measure


def universe_facts(
    market: Market,
    found: Universe,
    signals: pd.DataFrame,
    first: int,
    measure: Measure,
    again: Callable[[pd.DataFrame], Traded],
) -> dict[str, Any]:
    """Return who was there and who was left out, ready for JSON.

    Parameters
    ----------
    signals
        one row a stock and test day, with the columns that `trade` needs
    first
        session of the first decision
    measure
        what the signals' scores are
    again
        trades another signal table as this run was traded
    """
    gone = ~np.isnat(market.delisted_on) | (market.endings.session >= 0)
    return {
        "names": len(market.codes),
        "delisted": int(gone.sum()),
        "members": int(found.member.any(axis=1).sum()),
        "excluded": dict(sorted(Counter(found.excluded.values()).items())),
        "notes": list(found.notes),
        "volumes_repaired": {c: str(market.sessions[d]) for c, d in found.repaired.items()},
        "years": by_year(market, found, first),
        "survivors": _survivors(signals, gone, measure, again),
    }


def _survivors(
    signals: pd.DataFrame,
    gone: np.ndarray,
    measure: Measure,
    again: Callable[[pd.DataFrame], Traded],
) -> dict[str, Any] | None:
    """Return figures of the same signals without the stocks delisted later; None if there are none.

    The models are the same: they had learnt from all stocks of their time. Ranks and places of a
    date are those among the others.
    """
    later = gone[signals["stock"].to_numpy()]
    if not later.any():
        return None
    kept = signals[~later].reset_index(drop=True)
    score = measured_among(kept["score"].to_numpy(), kept["day"].to_numpy(), measure)
    kept = kept.assign(score=score, buy=score >= kept["threshold"].to_numpy())
    bought = kept.loc[kept["buy"] & kept["label"].notna(), "label"]
    equity = again(kept).equity["equity"]
    return {
        "names": int(kept["stock"].nunique()),
        "names_of_all": int(signals["stock"].nunique()),
        "buys": int(kept["buy"].sum()),
        "precision": _share(bought, Label.UP),
        "crucial_fail": _share(bought, Label.DOWN),
        "total_return": float(equity.iloc[-1] / equity.iloc[0] - 1),
    }


def _share(bought: pd.Series, label: Label) -> float | None:
    return float((bought == label).mean()) if len(bought) else None
