"""The equal-weight portfolio of the universe: what holding everything would have done."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.prices.dividends import owed
from rollsight.signals.prices.market import Market

Float64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def universe_returns(market: Market, usable: Flags, *, first: int) -> Float64:
    """Return the change of an equal-weight portfolio from session to session, gross of costs.

    Dividends are part of it, before tax, where the market has them: those of sessions without a
    price count in the next that has one.

    From close to close it holds, in equal parts set anew at every close, each stock that traded and
    could be decided on at the first of the two; where none could, what it held before. A stock that
    stops trading cannot be sold: it stays until it trades again or is delisted, which brings its
    terminal value; otherwise no fall behind a halt would ever be counted. The mean is taken over
    the stocks that trade or end in the session, so that neither a frozen close nor data that merely
    end weigh anything, and not over those whose close cannot be right beside the one before.

    Parameters
    ----------
    usable
        (n_stocks, n_days) the row can be decided
    first
        session of the market at whose close the portfolio is bought

    Returns
    -------
    (n_days - first,) fractions; 0 in the first session, and where nothing held trades.
    """
    end, days = market.endings.session[:, None], np.arange(usable.shape[1])
    priced = (market.traded | (days == end))[:, first + 1 :]
    counted = _held(market, usable, first)[:, :-1] & priced & ~market.moves.leaps[:, first + 1 :]
    close = _closes(market)[:, first:]
    worth = close[:, 1:]
    if market.dividend is not None:
        worth = worth + owed(market.dividend[:, first + 1 :], priced)
    change = np.divide(worth, close[:, :-1], out=np.ones(counted.shape), where=counted) - 1
    stocks = counted.sum(axis=0)
    mean = np.divide(change.sum(axis=0), stocks, out=np.zeros(len(stocks)), where=stocks > 0)
    return np.concatenate([[0.0], mean])


def _held(market: Market, usable: Flags, first: int) -> Flags:
    """Return (n_stocks, n_days - first): held from this close to the next."""
    held = np.zeros_like(usable)
    end = market.endings.session
    before = np.zeros(len(usable), dtype=bool)
    for day in range(first, usable.shape[1]):
        fresh = usable[:, day] & market.traded[:, day]
        chosen = fresh if fresh.any() else before
        stuck = before & ~market.traded[:, day]
        before = (chosen | stuck) & ((end < 0) | (day < end))
        held[:, day] = before
    return held[:, first:]


def _closes(market: Market) -> Float64:
    """Return (n_stocks, n_days): last traded closes, and terminal values from the end on."""
    traded = np.where(market.traded, market.close, np.nan)
    close = pd.DataFrame(traded.T).ffill().to_numpy().T.copy()
    for stock in np.flatnonzero(market.endings.session >= 0):
        close[stock, market.endings.session[stock] :] = market.endings.value[stock]
    return close
