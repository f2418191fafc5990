"""A session's bar as changes: open, high, low, volume, volume-weighted price, and whose it is.

A lookback of them is a picture, so no cell is empty: a session without trade is a flat bar at its
close with the volume of the day before.
"""

from collections.abc import Callable, Mapping
from zlib import crc32

import numpy as np
import numpy.typing as npt

from rollsight.signals.features.daily.daily import Daily
from rollsight.signals.features.daily.trailing import shifted
from rollsight.signals.features.panel import StockPanel

Float64 = npt.NDArray[np.float64]

CODE = "number of a code"
LARGEST_CODE = 0xFFFFF  # 20 bits, which float32 holds exactly
ROUNDING = 0.01  # how far off the day's range a volume-weighted price may be


def price(column: str) -> Daily:
    """Return a price of the session as its change from the close before, fraction.

    0 where the close cannot be right beside the close before, as the change of the close is.
    """

    def compute(panel: StockPanel) -> Float64:
        close = panel["Close"]
        own = np.where(panel.traded & (panel[column] > 0), panel[column], close)
        change = own / shifted(close, 1) - 1
        return np.where(panel.leaps, 0.0, change)

    title = f"{column} over the close before"
    return _bar(title, "fraction", f"the {column.lower()}", (column, "Close"), 1, compute)


def volume() -> Daily:
    """Return the log of the session's volume over that of the session before.

    0 where one of the two had no trade.
    """

    def compute(panel: StockPanel) -> Float64:
        own = panel["Volume"]
        before = shifted(own, 1)
        both = (own > 0) & (before > 0)
        step = np.log(np.where(both, own, 1.0) / np.where(both, before, 1.0))
        return np.where(np.isnan(before), np.nan, step)

    return _bar("Change of the volume", "log", "volume", ("Volume",), 1, compute)


def average_price() -> Daily:
    """Return the volume-weighted average price of the session over its close, less 1, fraction.

    Amount / Volume (Berkowitz, Logue and Noser 1988) where the folder has an Amount and it lies in
    the session's range. Elsewhere, as where volumes ignore a split that prices are adjusted for, a
    proxy stands in: (high + low + close) / 3.
    """

    def compute(panel: StockPanel) -> Float64:
        close = panel["Close"]
        high, low = (
            np.where(panel.traded & (panel[column] > 0), panel[column], close)
            for column in ("High", "Low")
        )
        price = (high + low + close) / 3
        amount, shares = panel.columns.get("Amount"), panel.columns.get("Volume")
        if amount is not None and shares is not None:
            paid = amount / np.where(shares > 0, shares, np.nan)
            fits = (paid >= low * (1 - ROUNDING)) & (paid <= high * (1 + ROUNDING))
            price = np.where(fits & panel.traded, paid, price)
        return price / close - 1

    return _bar(
        "Volume-weighted price over the close", "fraction", "vwap", ("High", "Low", "Close"), 0,
        compute, ("Volume", "Amount"),
    )  # fmt: skip


def ticker() -> Daily:
    """Return a whole number that stands for the stock's code, the same in all sessions.

    The last 20 bits of the code's CRC-32 (ISO 3309): it depends on no other stock, and two codes
    of a thousand have about an even chance of one pair that shares a number.
    """

    def compute(panel: StockPanel) -> Float64:
        number = np.array([crc32(code.encode()) & LARGEST_CODE for code in panel.codes], float)
        return np.where(np.isnan(panel["Close"]), np.nan, number[:, None])

    return _bar("Number of the stock's code", CODE, "ticker", ("Close",), 0, compute)


def _bar(
    title: str,
    unit: str,
    name: str,
    needs: tuple[str, ...],
    warm_up: int,
    compute: Callable[[StockPanel], Float64],
    gains: tuple[str, ...] = (),
) -> Daily:
    return Daily(title, unit, name, needs, warm_up, warm_up, compute, gains=gains)


BARS: Mapping[str, Daily] = {
    "open": price("Open"),
    "high": price("High"),
    "low": price("Low"),
    "volume": volume(),
    "vwap": average_price(),
    "ticker": ticker(),
}
