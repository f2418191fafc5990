"""The series that daily features are figures of, each made once of a panel and shared by them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.features.daily.trailing import Trailing, shifted
from rollsight.signals.features.panel import StockPanel, day_over_day

Float64 = npt.NDArray[np.float64]

# One move must not be all that a window of a year says.
LARGEST_CHANGE = 0.31  # fraction; the widest Korean band and a tick
LARGEST_PART = 0.3  # of a change overnight or within a session, log


@dataclass(frozen=True)
class Series:
    """One value a stock and session, of which features take figures.

    Attributes
    ----------
    make
        of a panel
    title, unit
        in words
    needs
        columns of the panel
    before
        sessions before its own that a value uses
    least
        sessions that a stock must have had before its first value
    """

    make: Callable[[StockPanel], Trailing]
    title: str
    unit: str
    needs: tuple[str, ...]
    before: int = 0
    least: int = 0

    def of(self, panel: StockPanel) -> Trailing:
        """Return the series of a panel."""
        return panel.once(self.make)


def closes(panel: StockPanel) -> Float64:
    """Return the closes; what follows one that cannot be right is brought to the level before."""
    close = panel["Close"]
    if not panel.leaps.any():
        return close
    step = np.ones(close.shape)
    step[:, 1:] = np.where(panel.leaps[:, 1:], close[:, :-1] / close[:, 1:], 1.0)
    return close * np.cumprod(step, axis=1)


def changes(panel: StockPanel) -> Float64:
    """Return the changes of the closes, fractions; 0 where a close cannot be right."""
    change = day_over_day(panel["Close"])
    change[panel.leaps] = 0.0
    return change


def while_traded(panel: StockPanel, values: Float64) -> Float64:
    """Return values, NaN in sessions without trade."""
    return np.where(panel.traded, values, np.nan)


def _close(panel: StockPanel) -> Trailing:
    return Trailing(panel.once(closes))


def _log_close(panel: StockPanel) -> Trailing:
    return Trailing(np.log(panel.once(closes)))


def _change(panel: StockPanel) -> Trailing:
    return Trailing(np.clip(panel.once(changes), -LARGEST_CHANGE, LARGEST_CHANGE))


def _change_before(panel: StockPanel) -> Trailing:
    return Trailing(shifted(CHANGE.of(panel).values, 1))


def _same(panel: StockPanel) -> Trailing:
    change = panel.once(changes)
    return Trailing(np.where(np.isnan(change), np.nan, change == 0))


def _rose(panel: StockPanel) -> Trailing:
    change = panel.once(changes)
    return Trailing(np.where(np.isnan(change), np.nan, change > 0))


def _overnight(panel: StockPanel) -> Trailing:
    part = np.log(panel["Open"] / shifted(panel["Close"], 1))
    part[panel.leaps] = 0.0
    return Trailing(while_traded(panel, np.clip(part, -LARGEST_PART, LARGEST_PART)))


def _intraday(panel: StockPanel) -> Trailing:
    part = np.log(panel["Close"] / panel["Open"])
    return Trailing(while_traded(panel, np.clip(part, -LARGEST_PART, LARGEST_PART)))


def _range(panel: StockPanel) -> Trailing:
    return Trailing(while_traded(panel, np.log(panel["High"] / panel["Low"])))


def _close_place(panel: StockPanel) -> Trailing:
    low, high = panel["Low"], panel["High"]
    width = np.where(high > low, high - low, np.nan)
    return Trailing(while_traded(panel, (panel["Close"] - low) / width - 0.5))


def _upper_shadow(panel: StockPanel) -> Trailing:
    body = np.maximum(panel["Open"], panel["Close"])
    return Trailing(while_traded(panel, np.log(panel["High"] / body)))


def _lower_shadow(panel: StockPanel) -> Trailing:
    body = np.minimum(panel["Open"], panel["Close"])
    return Trailing(while_traded(panel, np.log(body / panel["Low"])))


def _volume(panel: StockPanel) -> Trailing:
    return Trailing(while_traded(panel, panel["Volume"]))


def _traded_value(panel: StockPanel) -> Trailing:
    # Closes are adjusted for splits, and volumes often are not: the market's own values are better.
    close, own = panel["Close"], panel.columns.get("Amount")
    value = np.where(panel.traded, close * panel["Volume"] if own is None else own, 0.0)
    return Trailing(np.where(np.isnan(close), np.nan, value))


def _log_value(panel: StockPanel) -> Trailing:
    value = TRADED_VALUE.of(panel).values
    return Trailing(np.log(np.where(value > 0, value, np.nan)))


def _value_step(panel: StockPanel) -> Trailing:
    value = LOG_VALUE.of(panel).values
    return Trailing(value - shifted(value, 1))


def _illiquidity(panel: StockPanel) -> Trailing:
    value = TRADED_VALUE.of(panel).values
    return Trailing(np.abs(panel.once(changes)) / np.where(value > 0, value, np.nan))


CLOSE = Series(_close, "close", "quote currency", ("Close",))
LOG_CLOSE = Series(_log_close, "log close", "log", ("Close",))
CHANGE = Series(_change, "daily change", "fraction", ("Close",), 1, 1)
CHANGE_BEFORE = Series(_change_before, "that of the session before", "fraction", ("Close",), 2, 2)
SAME = Series(_same, "sessions without a change", "share", ("Close",), 1, 1)
ROSE = Series(_rose, "sessions with a rise", "share", ("Close",), 1, 1)
OVERNIGHT = Series(_overnight, "change overnight", "log", ("Open", "Close"), 1, 1)
INTRADAY = Series(_intraday, "change from open to close", "log", ("Open", "Close"))
RANGE = Series(_range, "high over low", "log", ("High", "Low"))
CLOSE_PLACE = Series(
    _close_place, "place of the close between low and high", "share", ("High", "Low", "Close")
)
UPPER_SHADOW = Series(_upper_shadow, "upper shadow", "log", ("Open", "High", "Close"))
LOWER_SHADOW = Series(_lower_shadow, "lower shadow", "log", ("Open", "Low", "Close"))
VOLUME = Series(_volume, "volume", "shares", ("Volume",))
TRADED_VALUE = Series(_traded_value, "traded value", "quote currency", ("Close", "Volume"))
LOG_VALUE = Series(_log_value, "log traded value", "log", ("Close", "Volume"))
VALUE_STEP = Series(_value_step, "change of log traded value", "log", ("Close", "Volume"), 1, 1)
ILLIQUIDITY = Series(
    _illiquidity, "change a unit of traded value", "fraction a unit", ("Close", "Volume"), 1, 1
)
