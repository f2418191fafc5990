"""Signals: one row a decision, with what became of it."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.backtest import Fill, Traded, trade
from rollsight.backtests.chain.fold import Fold
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.spec import RunSpec
from rollsight.signals.inputs.datebands import by_date
from rollsight.signals.inputs.labels import Label, half_band
from rollsight.signals.inputs.tradedvalue import mean_value, traded_value
from rollsight.signals.inputs.volatility import recent_volatility
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import LabelSpec
from rollsight.strategies.engines.arrays import run_arrays
from rollsight.strategies.spec import StrategySpec

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Columns of signals.parquet that are known at the decision.
DECIDED = (
    "decided_at", "code", "window", "p_down", "p_hold", "p_up", "score", "threshold", "buy",
)  # fmt: skip


# More columns, where the classes are a date's own.
DATE_BANDS = ("band_down", "band_up")
# More, where returns are forecast: the mean over the networks, and the mean of the train rows'
# labels, which is what a constant would have forecast; fractions.
FORECASTS = ("forecast", "train_mean")
# More, where rows have a gate: error over its threshold, of it and of its twin, if it has one.
OUTLIERS = ("outlier", "outlier_pca")


def decision_table(market: Market, folds: Sequence[Fold]) -> pd.DataFrame:
    """Return what was decided, one row a stock and day, in the order of the folds."""
    day = np.concatenate([fold.rows.day for fold in folds])
    at = np.repeat(np.arange(len(folds)), [len(fold.rows) for fold in folds])
    score = np.concatenate([fold.scores for fold in folds])
    threshold = np.concatenate([fold.thresholds for fold in folds])
    columns = {
        "stock": np.concatenate([fold.rows.stock for fold in folds]),
        "day": day,
        "window": np.array([fold.window.number for fold in folds])[at],
        **{
            name: np.concatenate([fold.probability[:, label] for fold in folds])
            for name, label in zip(("p_down", "p_hold", "p_up"), Label, strict=True)
        },
        "score": score,
        "threshold": threshold,
        "buy": score >= threshold,
        "decided_at": market.sessions[day].astype("datetime64[ms]"),
    }
    expected = [fold.expected for fold in folds if fold.expected is not None]
    if len(expected) == len(folds):
        mean = np.array([fold.mean_return for fold in folds], dtype=np.float64)
        columns |= dict(zip(FORECASTS, (np.concatenate(expected), mean[at]), strict=True))
    outlier = [fold.outlier for fold in folds if fold.outlier is not None]
    if len(outlier) == len(folds):
        columns |= dict(zip(OUTLIERS, np.concatenate(outlier, axis=1), strict=False))
    # Columns of millions of rows are handed over, not copied.
    return pd.DataFrame(columns, copy=False)


def labelled_table(ready: Prepared, folds: Iterable[Fold]) -> pd.DataFrame:
    """Return decisions with their labels and what these earned: all that an account asks for."""
    decided, labels = decision_table(ready.market, tuple(folds)), ready.samples.labels
    stock, day = decided["stock"].to_numpy(), decided["day"].to_numpy()
    label = pd.array(labels.label[stock, day], dtype="Int8")
    label[label < 0] = pd.NA
    return decided.assign(
        label=label,
        label_return=labels.label_return[stock, day],
        net_label_return=net_at(ready, stock, day),
        settled_day=labels.settled_at[stock, day],
    )


def signal_table(ready: Prepared, folds: Iterable[Fold]) -> pd.DataFrame:
    """Return one row for every usable stock and day of the test spans, in order of decision."""
    found, samples = labelled_table(ready, folds), ready.samples
    at = found["stock"], found["day"]
    found = found.assign(volatility=recent_volatility(samples.changes, samples.lookback)[at])
    bands = samples.labels.bands
    if bands is None:
        return found
    return found.assign(band_down=_finite(bands.down[at]), band_up=_finite(bands.up[at]))


def for_account(ready: Prepared, spec: StrategySpec, table: pd.DataFrame) -> pd.DataFrame:
    """Return rows of stocks and days with what an account asks of them besides.

    That is their volatility, that of `signal_table`, where it is shown, and where a capacity is set
    the mean traded value of its buys.
    """
    if spec.shows_volatility and "volatility" not in table:
        samples = ready.samples
        volatility = recent_volatility(samples.changes, samples.lookback)
        table = table.assign(volatility=volatility[table["stock"], table["day"]])
    if spec.capacity is None:
        return table
    value = traded_value(ready.market, ready.universe.value)
    if value is None:  # an account refuses a market without any
        return table
    bought = table["buy"].to_numpy(dtype=bool)
    stock, day = (table.loc[bought, name].to_numpy(np.int64) for name in ("stock", "day"))
    own = np.full(len(table), np.nan)
    own[bought] = mean_value(value, stock, day)
    return table.assign(traded_value=own)


def _finite(band: Float64) -> Float64:
    return np.where(np.isinf(band), np.nan, band)


def trade_signals(
    ready: Prepared, spec: RunSpec, signals: pd.DataFrame, fill: Fill = run_arrays
) -> Traded:
    """Trade the buys of a signal table from the first test session on, see `trade`."""
    first = ready.windows[0].test.start
    return trade(
        ready.market,
        for_account(ready, spec.strategy, signals),
        first=first,
        horizon=spec.label.horizon,
        spec=spec.strategy,
        costs=ready.costs,
        benchmark=spec.market.first_benchmark,
        fill=fill,
    )


def net_returns(ready: Prepared) -> Float64:
    """Return (n_stocks, n_days): label returns after costs, fractions; NaN without a label."""
    n_stocks, n_days = ready.samples.labels.label_return.shape
    return net_at(ready, np.arange(n_stocks)[:, None], np.arange(n_days))


def net_at(ready: Prepared, stock: Ints, day: Ints) -> Float64:
    """Return the label returns after costs of some stocks and days, which broadcast."""
    labels = ready.samples.labels
    bought_at = np.minimum(day + 1, labels.label_return.shape[1] - 1)
    # A null label's return is NaN, whatever the session that stands in for its exit.
    sold_at = np.maximum(labels.sold_at[stock, day], 0)
    paid = None if labels.dividends is None else labels.dividends[stock, day]
    return ready.costs.net(labels.label_return[stock, day], stock, bought_at, sold_at, paid)


def published(
    signals: pd.DataFrame, action: pd.Series, market: Market, label: LabelSpec
) -> pd.DataFrame:
    """Return a signal table as the run's directory has it.

    Parameters
    ----------
    action
        what became of each buy
    """
    settled = signals["settled_day"].to_numpy()
    at = market.sessions[np.maximum(settled, 0)].astype("datetime64[ms]")
    codes = pd.array(market.codes, dtype="str")
    own = [name for name in (*DATE_BANDS, *FORECASTS, *OUTLIERS) if name in signals]
    table = pd.DataFrame(
        {
            "decided_at": signals["decided_at"],
            "code": codes.take(signals["stock"].to_numpy()),
            **{c: signals[c] for c in ("window", "p_down", "p_hold", "p_up", "score", "threshold",
                                       "buy", "label", "label_return")},
            "settled_at": np.where(settled >= 0, at, np.datetime64("NaT", "ms")),
            "net_label_return": signals["net_label_return"],
            "volatility": signals["volatility"],
            "band": _half_bands(signals, label),
            "action": action,
        },
        copy=False,
    )  # fmt: skip
    return table.assign(**{name: signals[name] for name in own}) if own else table


def _half_bands(signals: pd.DataFrame, label: LabelSpec) -> Float64:
    if not by_date(label):
        return half_band(label, signals["volatility"].to_numpy())
    return ((signals["band_up"] - signals["band_down"]) / 2).to_numpy()
