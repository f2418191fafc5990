"""Cash dividends on the sessions of an exchange, and what a holding receives of them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError, counted
from rollsight.signals.folder.checks.dividends import DIVIDEND
from rollsight.signals.prices.panel import Panel, Prices
from rollsight.signals.spec import MarketSpec

Ints = npt.NDArray[np.int64]


def dividends_of(panel: Panel, there: bool, spec: MarketSpec, path: Path) -> Prices | None:
    """Return (n_stocks, n_days) cash a share by ex-date; None where returns are without it.

    Parameters
    ----------
    there
        the price table has the column

    Raises
    ------
    RollsightError
        If they are asked for and the table has none.
    """
    if not there:
        if spec.dividends == "with":
            raise RollsightError(
                f"market.dividends='with': {path} has no column {DIVIDEND!r}: add it, cash a share "
                "on its ex-date, or leave market.dividends unset"
            )
        return None
    return None if spec.dividends == "without" else np.nan_to_num(panel.grid(DIVIDEND))


def received(paid: Prices, bought: "int | Ints", sold: "int | Ints") -> Prices:
    """Return what a share pays to who holds it from one session to another.

    Whoever holds it at the close before an ex-date is paid: not who buys in that session, but who
    sells in it.

    Parameters
    ----------
    paid
        (n_days,) cash a share of one stock by ex-date
    bought, sold
        sessions, alike in shape

    >>> paid = np.array([0.0, 5.0, 0.0, 7.0, 0.0])
    >>> [float(received(paid, bought, 3)) for bought in (0, 1, 2, 3)]
    [12.0, 7.0, 7.0, 0.0]
    """
    days = np.flatnonzero(paid)
    first, stop = (np.searchsorted(days, at, side="right") for at in (bought, sold))
    total = np.zeros(np.shape(stop))
    # Each sum is its own, in the order of the days: a running one would hang on where data begin.
    for n in range(int(np.max(stop - first, initial=0))):
        due = first + n < stop
        total = total + np.where(due, paid[days[np.where(due, first + n, 0)]], 0.0)
    return total


def dividend_notes(
    paid: Prices | None, opens: Prices, close: Prices, spec: MarketSpec, tax: float
) -> list[str]:
    """Return what a reader must know of dividends in the returns: one sentence, or none.

    Parameters
    ----------
    paid, opens, close
        (n_stocks, n_days); None without dividends
    tax
        fraction of each that is withheld
    """
    if paid is None:
        without = "Dividends are left out of returns and labels, as market.dividends='without' asks"
        return [without] if spec.dividends == "without" else []
    stock, day = np.nonzero(paid)
    if not len(day):
        return [f"Returns and labels hold no dividend: the folder's column {DIVIDEND} has none"]
    before = close[stock, day - 1]
    fall = (before - opens[stock, day])[day > 0] / paid[stock, day][day > 0]
    median = float(np.median(fall[np.isfinite(fall)])) if np.isfinite(fall).any() else 0.0
    return [
        f"Returns and labels hold {counted(len(day), 'dividend')} of "
        f"{counted(len(np.unique(stock)), 'stock')}; in net figures {tax:.1%} of each is withheld, "
        f"and no benchmark index holds any; on ex-dates opens fall by {median:.0%} of the dividend "
        "in the median, and near 0% prices are adjusted for it already, which counts it twice"
    ]


def owed(paid: Prices, priced: npt.NDArray[np.bool_]) -> Prices:
    """Return what a share has paid since the session before in which it had a price.

    Parameters
    ----------
    paid
        (n_stocks, n_days) cash a share by ex-date
    priced
        (n_stocks, n_days) sessions to which it is counted
    """
    out = np.zeros(paid.shape)
    waiting = np.zeros(len(paid))
    for day in range(paid.shape[1]):
        waiting = waiting + paid[:, day]
        out[:, day] = np.where(priced[:, day], waiting, 0.0)
        waiting = np.where(priced[:, day], 0.0, waiting)
    return out
