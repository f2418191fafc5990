"""Inputs of every stock and day, which rows can be decided, and their labels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Labels, trade_labels
from rollsight.signals.inputs.volatility import trailing_volatility
from rollsight.signals.known.indices import STOCK_CHANNEL
from rollsight.signals.known.ledger import Ledger, as_of, same_date
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec

Float32 = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

# One series may not cost more than this share of the rows before the run is refused.
MAX_LOSS = 0.10
MAX_CHANGE = 1e5


@dataclass(frozen=True, eq=False)
class SampleSet:
    """Inputs of every stock and day, and for each label the day it settled.

    A row's input is the view ``[t - lookback + 1, t]`` of both arrays; nothing is ever copied per
    row.

    Attributes
    ----------
    stocks : (n_stocks, n_days) day-over-day change of the close, fraction; 0 where unknown, or
        where it cannot be right
    indices : (n_days, k) day-over-day change of what was known, fraction or basis points
    usable : (n_stocks, n_days) the row can be decided: a full, fresh input and a bar of its own
    labels : of every stock and day
    lookback : sessions of input
    channels : names, the stock's own first
    units : ``fraction`` or ``basis points``, of each channel
    """

    stocks: Float32
    indices: Float32
    usable: Flags
    labels: Labels
    lookback: int
    channels: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True)
class Loss:
    """Rows that a series made unusable by having no fresh value.

    Attributes
    ----------
    series : symbol of an index, or code of a stock
    rows : stock-days
    share : of the rows that the stocks' own closes allow, fraction
    """

    series: str
    rows: int
    share: float


def build_samples(
    market: Market,
    market_spec: MarketSpec,
    features: FeatureSpec,
    label: LabelSpec,
    member: Flags | None = None,
) -> tuple[SampleSet, tuple[Loss, ...]]:
    """Return the samples of a market, and what each series cost.

    Parameters
    ----------
    member : (n_stocks, n_days) the stock may be decided on; None: every stock with a row

    Raises
    ------
    RollsightError
        If no row is left, or a series leaps beyond belief.
    """
    ledger = ledger_of(market, features)
    stocks, stock_fresh = _stock_changes(market, features)
    indices, index_fresh = _index_changes(market, ledger, features)
    eligible = market.has_bar if member is None else member
    allowed = eligible & _whole(stock_fresh, features.lookback)
    if market_spec.start is not None:
        allowed[:, market.sessions < np.datetime64(market_spec.start, "D")] = False
    if not allowed.any():
        raise RollsightError(
            f"no stock has {features.lookback + 1} sessions of closes in a row by "
            f"{market.sessions[-1]} (market.start={market_spec.start}): widen the dates, or "
            "shorten features.lookback"
        )
    index_whole = _whole(index_fresh.T, features.lookback)
    volatility = (
        trailing_volatility(stocks, features.lookback) if label.band == "volatility" else None
    )
    losses = (
        *_index_losses(ledger.symbols, index_whole, allowed),
        *_stock_losses(market, eligible, _whole(stock_fresh, features.lookback), allowed),
    )
    samples = SampleSet(
        stocks=stocks,
        indices=indices,
        usable=allowed & index_whole.all(axis=0),
        labels=trade_labels(market, label, volatility=volatility),
        lookback=features.lookback,
        channels=(STOCK_CHANNEL, *ledger.symbols),
        units=("fraction", *(_unit(market, s) for s in ledger.symbols)),
    )
    return samples, losses


def ledger_of(market: Market, features: FeatureSpec) -> Ledger:
    """Return the ledger of a market's indices, joined as the spec says."""
    if features.join == "same-date":
        return same_date(market.indices, market.publications, market.closes, market.sessions)
    return as_of(market.indices, market.publications, market.closes)


def _unit(market: Market, symbol: str) -> str:
    return "basis points" if market.publications[symbol].unit == "percent" else "fraction"


def _stock_changes(market: Market, spec: FeatureSpec) -> tuple[Float32, Flags]:
    close = pd.DataFrame(market.close.T).ffill().to_numpy().T
    day = np.where(market.has_bar, np.arange(close.shape[1]), -1)
    age = np.arange(close.shape[1]) - np.maximum.accumulate(day, axis=1)
    change = np.full(close.shape, np.nan)
    change[:, 1:] = close[:, 1:] / close[:, :-1] - 1
    _refuse_leaps(change, market.codes, market)
    # It counts as known: else every row of a lookback would go for one price.
    change[market.moves.leaps] = 0.0
    return _filled(change, age <= spec.max_staleness)


def _index_changes(market: Market, ledger: Ledger, spec: FeatureSpec) -> tuple[Float32, Flags]:
    change = np.full(ledger.value.shape, np.nan)
    for k, symbol in enumerate(ledger.symbols):
        value = ledger.value[:, k]
        if market.publications[symbol].unit == "percent":
            change[1:, k] = 100 * (value[1:] - value[:-1])  # per cent to basis points
        else:
            change[1:, k] = value[1:] / value[:-1] - 1
    _refuse_leaps(change.T, ledger.symbols, market)
    return _filled(change, ledger.age <= spec.max_staleness)


def _refuse_leaps(change: npt.NDArray[np.float64], names: tuple[str, ...], market: Market) -> None:
    """Raise if a series of (rows of changes, days) multiplies beyond all belief in one session."""
    leaps = np.argwhere(np.abs(np.nan_to_num(change)) > MAX_CHANGE)
    if len(leaps):
        series, day = leaps[0]
        raise RollsightError(
            f"{names[series]!r} changes by {change[series, day]:.3g} (day over day, as a fraction "
            f"or in basis points) on {market.sessions[day]}, over the {MAX_CHANGE:g} that can be "
            "right: mend that value or the one before"
        )


def _filled(change: npt.NDArray[np.float64], fresh: Flags) -> tuple[Float32, Flags]:
    known = fresh & np.isfinite(change)
    return np.where(known, change, 0).astype(np.float32), known


def _whole(fresh: Flags, lookback: int) -> Flags:
    """Return (rows, n_days): every one of the last ``lookback`` changes is fresh."""
    count = np.cumsum(np.pad(fresh, ((0, 0), (lookback, 0))), axis=1)
    return np.asarray(count[:, lookback:] - count[:, :-lookback] == lookback)


def _index_losses(symbols: tuple[str, ...], whole: Flags, allowed: Flags) -> list[Loss]:
    rows_of_day = allowed.sum(axis=0)
    lost = [int(rows_of_day[~own].sum()) for own in whole]
    total = int(rows_of_day.sum())
    return [Loss(s, n, n / total) for s, n in zip(symbols, lost, strict=True)]


def _stock_losses(market: Market, eligible: Flags, whole: Flags, allowed: Flags) -> list[Loss]:
    """Return what holes in a stock's own closes cost, once its first input was whole."""
    begun = np.logical_or.accumulate(whole, axis=1)
    lost = (eligible & begun & ~whole & (allowed.any(axis=0))).sum(axis=1)
    total = int(allowed.sum())
    return [
        Loss(code, int(n), float(n / total))
        for code, n in zip(market.codes, lost, strict=True)
        if n
    ]


def refuse_losses(losses: tuple[Loss, ...], market: Market, spec: FeatureSpec) -> None:
    """Raise where one series costs over a tenth of the rows."""
    worst = max(losses, key=lambda loss: loss.share)
    if worst.share <= MAX_LOSS:
        return
    if worst.series in market.codes:
        what, where = f"holes in the closes of {worst.series!r} cost", "the market folder"
    else:
        column = market.indices[worst.series].dropna()
        what = (
            f"index {worst.series!r} ({column.index[0]:%Y-%m-%d} to {column.index[-1]:%Y-%m-%d}) "
            "costs"
        )
        where = "market.indices"
    raise RollsightError(
        f"{what} {worst.share:.0%} of the rows, over the {MAX_LOSS:.0%} allowed: leave it out of "
        f"{where}, change market.start or market.end, or raise "
        f"features.max_staleness={spec.max_staleness}"
    )
