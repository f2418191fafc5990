"""Labels: the return of exactly the trade that a buy would make."""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from rollsight.base.digests import IF_ANY
from rollsight.signals.inputs.datebands import DECIMALS, DateBands, by_date, date_bands
from rollsight.signals.prices.dividends import received
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import LabelSpec

Float64 = npt.NDArray[np.float64]


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
    label
        (n_stocks, n_days) int8, a `Label`, or -1 where there is no such trade, or none yet
    label_return
        (n_stocks, n_days) float64, fraction; NaN where there is no label
    settled_at
        (n_stocks, n_days) int64, session from which the label is known: that of the exit, or by
        which the bands of its date are; -1 where there is no label
    barred
        how many labels there are not, since their trade meets a price that cannot be right
    bands
        of each date, where the classes are a date's
    exit_at
        as ``settled_at``, the session of the exit, where bands may be known later; else None
    dividends
        (n_stocks, n_days) the part of ``label_return`` that was paid as dividends, before tax; None
        where returns are without them
    limits
        returns below which every trade is DOWN, and from which on it is UP; None where each row
        or date has its own
    """

    label: npt.NDArray[np.int8]
    label_return: npt.NDArray[np.float64]
    settled_at: npt.NDArray[np.int64]
    barred: int = 0
    bands: DateBands | None = None
    exit_at: npt.NDArray[np.int64] | None = None
    dividends: Float64 | None = field(default=None, metadata=IF_ANY)
    limits: tuple[float, float] | None = None

    @property
    def sold_at(self) -> npt.NDArray[np.int64]:
        """The session of each exit, (n_stocks, n_days); -1 where there is no label."""
        return self.settled_at if self.exit_at is None else self.exit_at


def trade_labels(
    market: Market,
    spec: LabelSpec,
    *,
    volatility: Float64 | None = None,
    member: npt.NDArray[np.bool_] | None = None,
) -> Labels:
    """Return the label of every stock and day.

    Decided at the close of session t, the trade enters at the open of t+1 and leaves at the first
    sellable open from t+1+horizon on, or at the terminal value of a stock whose trading ends for
    good, in the session in which that is known. No label where t+1 cannot be bought, where the exit
    is not in the data, where the trade enters, holds or leaves in a session whose prices cannot be
    right, or where the band is not known. Dividends whose ex-date is after the entry's session, up
    to that of the exit, are part of the return.

    Parameters
    ----------
    volatility
        (n_stocks, n_days) a day, fraction; only needed where bands follow it
    member
        (n_stocks, n_days) whose returns make the bands of a date; None: every stock with a row
    """
    label_return, paid, exit_at, barred = _trades(market, spec.horizon)
    if by_date(spec):
        bands = date_bands(
            np.round(label_return, DECIMALS),
            exit_at,
            spec,
            member=market.has_bar if member is None else member,
            volatility=volatility if spec.band == "date-volatility" else None,
        )
        label = _between(label_return, bands.down, bands.up)
        settled_at = np.maximum(exit_at, bands.due)
    else:
        bands, settled_at = None, exit_at
        label = classify(label_return, spec, volatility=volatility)
    none = label == NO_LABEL
    label_return[none] = np.nan
    if paid is not None:
        paid[none] = np.nan
    exit_at[none] = -1
    settled_at[none] = -1
    at = exit_at if bands else None
    limits = (spec.down, spec.up) if spec.band == "fixed" else None
    return Labels(label, label_return, settled_at, barred, bands, at, paid, limits)


def _trades(
    market: Market, horizon: int
) -> tuple[Float64, Float64 | None, npt.NDArray[np.int64], int]:
    """Return what the trade after each decision makes and is paid, its exit, and how many are not.

    Those are barred by prices that cannot be right.
    """
    n_stocks, n_days = market.buyable.shape
    exit_at = _first_sellable(market)
    label_return = np.full((n_stocks, n_days), np.nan)
    settled_at = np.full((n_stocks, n_days), -1, dtype=np.int64)
    paid = None if market.dividend is None else np.full((n_stocks, n_days), np.nan)
    decided = np.arange(n_days - 1)
    barred = 0
    due = np.minimum(decided + 1 + horizon, n_days)
    for stock in range(n_stocks):
        entry = np.where(market.buyable[stock, 1:], market.open[stock, 1:], np.nan)
        settles = exit_at[stock, due]
        value = np.append(market.open[stock], np.nan)[settles]
        if market.endings.labelled[stock]:
            end = market.endings.session[stock]
            unsold = (settles == n_days) & (decided + 1 < end)
            settles = np.where(unsold, end, settles)
            value = np.where(unsold, market.endings.value[stock], value)
        if paid is not None and market.dividend is not None:
            cash = received(market.dividend[stock], decided + 1, settles)
            paid[stock, :-1], value = cash / entry, value + cash
        change = value / entry - 1
        met = np.isfinite(change) & market.moves.met(stock, decided + 1, settles)
        barred += int(met.sum())
        known = np.isfinite(change) & ~met
        label_return[stock, :-1] = np.where(known, change, np.nan)
        settled_at[stock, :-1] = np.where(known, settles, -1)
    return label_return, paid, settled_at, barred


def classify(
    returns: Float64, spec: LabelSpec, *, volatility: Float64 | None = None
) -> npt.NDArray[np.int8]:
    """Return the class of each return; NaN gives -1, and so does a band that is not known.

    Parameters
    ----------
    returns
        fractions
    volatility
        of the same shape, a day; only needed where bands follow it

    >>> classify(np.array([0.02, 0.0, -0.02, -0.0201, np.nan]), LabelSpec()).tolist()
    [2, 1, 1, 0, -1]
    """
    down, up = bands(spec, np.full(returns.shape, np.nan) if volatility is None else volatility)
    return _between(returns, down, up)


def _between(returns: Float64, down: Float64, up: Float64) -> npt.NDArray[np.int8]:
    """Return the class of each return, by where DOWN ends and UP begins."""
    rounded = np.round(returns, DECIMALS)
    label = np.full(returns.shape, Label.HOLD, dtype=np.int8)
    label[rounded >= up] = Label.UP
    label[rounded < down] = Label.DOWN
    label[np.isnan(returns) | np.isnan(up)] = NO_LABEL
    return label


def half_band(spec: LabelSpec, volatility: Float64) -> Float64:
    """Return half the distance from DOWN to UP of each row, fraction of the price.

    Parameters
    ----------
    volatility
        a day, fraction; NaN where it is not known

    >>> half_band(LabelSpec(horizon=4, band="volatility"), np.array([0.02, 0.0])).tolist()
    [0.02, 1e-12]
    >>> half_band(LabelSpec(up=0.03, down=-0.01), np.array([0.02, 0.0])).tolist()
    [0.02, 0.02]
    """
    down, up = bands(spec, volatility)
    return (up - down) / 2


def bands(spec: LabelSpec, volatility: Float64) -> tuple[Float64, Float64]:
    """Return the lower and the upper band of each row, fractions.

    Parameters
    ----------
    volatility
        a day, fraction; NaN where it is not known
    """
    if by_date(spec):
        raise ValueError(f"label.band={spec.band!r}: each date has its own, see Labels.bands")
    if spec.band == "fixed":
        return np.full(volatility.shape, spec.down), np.full(volatility.shape, spec.up)
    width = np.round(spec.multiple * volatility * np.sqrt(spec.horizon), DECIMALS)
    # After a calm without any move every move is a wild one, but none at all is still no move.
    width = np.maximum(width, 10.0**-DECIMALS)
    return -width, width


def _first_sellable(market: Market) -> npt.NDArray[np.int64]:
    """Return (n_stocks, n_days + 1): the first sellable session from each on, n_days if none."""
    n_stocks, n_days = market.sellable.shape
    session = np.where(market.sellable, np.arange(n_days), n_days)
    session = np.concatenate([session, np.full((n_stocks, 1), n_days)], axis=1)
    return np.minimum.accumulate(session[:, ::-1], axis=1)[:, ::-1]
