"""Saliency of every trade's row, and its summary by period and outcome."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from rollsight.backtests.fold import Fold
from rollsight.signals.samples import SampleSet
from rollsight.training.attribution import Maps, explain, shares
from rollsight.training.inference import Rows

METHOD = "gradient"
COLUMNS = ["trade", "channel", "lag", "gradient", "contribution"]
SUMMARY_COLUMNS = [
    "method", "period", "outcome", "channel", "share", "contribution", "trades", "difference",
    "low", "high", "p_value", "q_value", "passed", "reason",
]  # fmt: skip


def explain_trades(
    trades: pd.DataFrame,
    signals: pd.DataFrame,
    folds: Sequence[Fold],
    samples: SampleSet,
    progress: Callable[[str, int, int], None],
) -> pd.DataFrame:
    """Return gradient and contribution of each trade's input, one row a trade, channel and lag.

    Lag 0 is the decision's own session. Each trade is explained by its own window's model.
    """
    parts = []
    for done, fold in enumerate(folds, start=1):
        own = trades[trades["window"] == fold.window.number]
        if len(own):
            rows = signals.loc[own["signal"]]
            at = Rows(rows["stock"].to_numpy(), rows["day"].to_numpy())
            parts.append(_long(own["trade"].to_numpy(), explain(fold.model, samples, at), samples))
        progress("explain trades", done, len(folds))
    table = pd.concat(parts, ignore_index=True) if parts else _long_empty()
    return table.astype({"channel": pd.CategoricalDtype(list(samples.channels))})


def _long(trade: np.ndarray, maps: Maps, samples: SampleSet) -> pd.DataFrame:
    n, channels, lookback = maps.gradient.shape
    # The newest session stands last in a map; lag 0 comes first in the table.
    return pd.DataFrame(
        {
            "trade": np.repeat(trade, channels * lookback),
            "channel": pd.Categorical.from_codes(
                np.tile(np.repeat(np.arange(channels), lookback), n),
                categories=pd.Index(samples.channels),
            ),
            "lag": np.tile(np.arange(lookback, dtype=np.int16), n * channels),
            "gradient": maps.gradient[:, :, ::-1].reshape(-1),
            "contribution": maps.contribution[:, :, ::-1].reshape(-1),
        }
    )


def _long_empty() -> pd.DataFrame:
    types = ["int64", "str", "int16", "float32", "float32"]
    return pd.DataFrame({c: pd.Series([], dtype=t) for c, t in zip(COLUMNS, types, strict=True)})


def summarise(attribution: pd.DataFrame, trades: pd.DataFrame) -> pd.DataFrame:
    """Return each channel's share and mean contribution by period and outcome.

    Periods are the whole, calendar years of the decision, and test windows; outcomes are all,
    profit and loss (by net return), and success, soso and crucial (by class). The statistical
    columns are null: no difference has been tested, which ``reason`` says.
    """
    channels = list(attribution["channel"].cat.categories)
    cube = _by_trade(attribution, trades, channels)
    rows = []
    for period, outcome, chosen in _groups(trades):
        share = shares(cube[0][chosen])
        contribution = cube[1][chosen].sum(axis=2, dtype=np.float64).mean(axis=0)
        rows += [
            {"method": METHOD, "period": period, "outcome": outcome, "channel": channel,
             "share": share[c], "contribution": contribution[c], "trades": int(chosen.sum())}
            for c, channel in enumerate(channels)
        ]  # fmt: skip
    table = pd.DataFrame(rows, columns=SUMMARY_COLUMNS)
    table["reason"] = "not tested"
    kinds = dict.fromkeys(["share", "contribution", "difference", "low", "high", "p_value",
                           "q_value"], "float64")  # fmt: skip
    texts = dict.fromkeys(["method", "period", "outcome", "channel", "reason"], "str")
    return table.astype({**kinds, **texts, "trades": "int64", "passed": "boolean"})


def _by_trade(
    attribution: pd.DataFrame, trades: pd.DataFrame, channels: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Return gradient and contribution as (n_trades, channels, lookback), in the trades' order."""
    lookback = int(attribution["lag"].max()) + 1 if len(attribution) else 1
    shape = (len(trades), len(channels), lookback)
    at = trades["trade"].searchsorted(attribution["trade"])
    cells = (at, attribution["channel"].cat.codes.to_numpy(), attribution["lag"].to_numpy())
    cube = np.zeros((2, *shape), dtype=np.float32)
    cube[0][cells] = attribution["gradient"].to_numpy()
    cube[1][cells] = attribution["contribution"].to_numpy()
    return cube[0], cube[1]


def _groups(trades: pd.DataFrame) -> Iterator[tuple[str, str, np.ndarray]]:
    year = pd.DatetimeIndex(trades["decided_at"]).year
    periods = [("all", np.ones(len(trades), dtype=bool))]
    periods += [(f"year {y}", np.asarray(year == y)) for y in sorted(set(year))]
    windows = trades["window"].to_numpy()
    periods += [(f"window {w:03d}", windows == w) for w in sorted(set(windows))]
    won = trades["net_return"].to_numpy() > 0
    outcomes = {"all": np.ones(len(trades), dtype=bool), "profit": won, "loss": ~won}
    for name in ("success", "soso", "crucial"):
        outcomes[name] = (trades["outcome"] == name).to_numpy(dtype=bool)
    for period, inside in periods:
        for outcome, chosen in outcomes.items():
            if (inside & chosen).any():
                yield period, outcome, inside & chosen
