"""Labels: the return of exactly the trade that a buy would make."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from rollsight.signals.market import Market
from rollsight.signals.spec import LabelSpec


class Label(IntEnum):
    """Class order of every model, table and page."""

    DOWN = 0
    HOLD = 1
    UP = 2


NO_LABEL = -1


@dataclass(frozen=True, eq=False)
class Labels:
    """The trade bought at the open after each decision.

    Attributes
    ----------
    label : (n_stocks, n_days) int8, a `Label`, or -1 where there is no such trade, or none yet
    label_return : (n_stocks, n_days) float64, fraction; NaN where there is no label
    settled_at : (n_stocks, n_days) int64, session of the exit; -1 where there is no label
    known_at : (n_stocks, n_days) int64, session from which the label is known: that of the exit,
        but for a stock that ends for good not before its delisting; -1 where there is no label
    """

    label: npt.NDArray[np.int8]
    label_return: npt.NDArray[np.float64]
    settled_at: npt.NDArray[np.int64]
    known_at: npt.NDArray[np.int64]


def trade_labels(market: Market, spec: LabelSpec) -> Labels:
    """Return the label of every stock and day.

    Decided at the close of session t, the trade enters at the open of t+1 and leaves at the first
    sellable open from t+1+horizon on, or at the terminal value of a stock whose trading ends for
    good. No label where t+1 cannot be bought, or where the exit is not in the data.
    """
    n_stocks, n_days = market.buyable.shape
    exit_at = _first_sellable(market)
    label_return = np.full((n_stocks, n_days), np.nan)
    settled_at = np.full((n_stocks, n_days), -1, dtype=np.int64)
    known_at = np.full((n_stocks, n_days), -1, dtype=np.int64)
    decided = np.arange(n_days - 1)
    due = np.minimum(decided + 1 + spec.horizon, n_days)
    for stock in range(n_stocks):
        entry = np.where(market.buyable[stock, 1:], market.open[stock, 1:], np.nan)
        settles = exit_at[stock, due]
        value = np.append(market.open[stock], np.nan)[settles]
        shown = settles
        if market.endings.labelled[stock]:
            end = market.endings.session[stock]
            unsold = (settles == n_days) & (decided + 1 < end)
            settles = np.where(unsold, end, settles)
            shown = np.where(unsold, market.endings.known[stock], shown)
            value = np.where(unsold, market.endings.value[stock], value)
        change = value / entry - 1
        known = np.isfinite(change)
        label_return[stock, :-1] = np.where(known, change, np.nan)
        settled_at[stock, :-1] = np.where(known, settles, -1)
        known_at[stock, :-1] = np.where(known, shown, -1)
    return Labels(classify(label_return, spec), label_return, settled_at, known_at)


def classify(returns: npt.NDArray[np.float64], spec: LabelSpec) -> npt.NDArray[np.int8]:
    """Return the class of each return; NaN gives -1.

    >>> classify(np.array([0.02, 0.0, -0.02, -0.0201, np.nan]), LabelSpec()).tolist()
    [2, 1, 1, 0, -1]
    """
    # 98/100-1 is a hair below -0.02: returns are compared to twelve decimals.
    rounded = np.round(returns, 12)
    label = np.full(returns.shape, Label.HOLD, dtype=np.int8)
    label[rounded >= spec.up] = Label.UP
    label[rounded < spec.down] = Label.DOWN
    label[np.isnan(returns)] = NO_LABEL
    return label


def _first_sellable(market: Market) -> npt.NDArray[np.int64]:
    """Return (n_stocks, n_days + 1): the first sellable session from each on, n_days if none."""
    n_stocks, n_days = market.sellable.shape
    session = np.where(market.sellable, np.arange(n_days), n_days)
    session = np.concatenate([session, np.full((n_stocks, 1), n_days)], axis=1)
    return np.minimum.accumulate(session[:, ::-1], axis=1)[:, ::-1]
