"""Bars of a few stocks, and how they look in a wide table."""

import numpy as np
import pandas as pd

from rollsight.signals.known.calendar import exchange_calendar

COLUMNS = ["Open", "High", "Low", "Close", "Volume"]
KOREAN = ("000660", "005930", "035720")
AMERICAN = ("AAPL", "LOW", "MSFT")


def bars(
    codes: tuple[str, ...] = AMERICAN,
    calendar: str = "XNYS",
    *,
    first: str = "2024-01-02",
    last: str = "2024-03-15",
    level: float = 100.0,
    digits: int = 2,
) -> pd.DataFrame:
    """Return Date, Code, Open, High, Low, Close and Volume by code and date."""
    days = exchange_calendar(calendar, np.datetime64(first), np.datetime64(last)).sessions
    random = np.random.default_rng(7)
    tables = []
    for code in codes:
        close = level * np.exp(np.cumsum(random.normal(0, 0.01, len(days))))
        opens = close * np.exp(random.normal(0, 0.004, len(days)))
        table = pd.DataFrame({"Date": days.astype("datetime64[ns]"), "Code": code, "Open": opens})
        table["High"] = np.maximum(opens, close) * 1.006
        table["Low"] = np.minimum(opens, close) * 0.994
        table["Close"] = close
        table["Volume"] = random.integers(1_000, 9_000_000, len(days)).astype("float64")
        tables.append(table.round(dict.fromkeys(COLUMNS[:4], digits)))
    return pd.concat(tables, ignore_index=True)


def one(prices: pd.DataFrame, code: str) -> pd.DataFrame:
    """Return the rows of a stock, without its code."""
    rows = prices[prices["Code"] == code].drop(columns="Code")
    return rows.reset_index(drop=True)


def wide(prices: pd.DataFrame, order: tuple[str, str] = ("Price", "Ticker")) -> pd.DataFrame:
    """Return a table by Date whose columns are of two levels, as yfinance has them."""
    table = prices.rename(columns={"Code": "Ticker"}).pivot(index="Date", columns="Ticker")
    table.columns = table.columns.set_names(["Price", "Ticker"])
    return table.reorder_levels(list(order), axis=1).sort_index(axis=1)
