"""A market folder that has everything, and edits of each thing that it has."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.spec import RunSpec, check_spec
from tests.support.markets import (
    Recipe,
    index_table,
    listing_table,
    price_table,
    sessions,
    write_table,
)

RECIPE = Recipe(n_stocks=5, n_days=60, halts=((1, 25),), last_rows={4: 40}, suffix="csv")
FIRST, DAYS = 0, sessions(60)  # the stock that is edited
PLACES = {"early": 14, "middle": 30, "late": 58}
TOML: dict[str, Any] = {
    "calendar": "XKRX",
    "currency": "KRW",
    "book": "krx",
    "notes": ["Adjusted closes."],
    "indices": {
        "COPPER": {"name": "Copper", "timezone": "America/New_York", "close": "16:00:00",
                   "lag_hours": 0.0, "unit": "price"},
        "BOND": {"name": "Bond", "calendar": "XNYS", "unit": "percent"},
    },
}  # fmt: skip


@dataclass
class Tables:
    """The files of a market folder, in memory."""

    prices: pd.DataFrame
    indices: pd.DataFrame
    listings: pd.DataFrame
    toml: dict[str, Any]

    def write(self, folder: Path, suffix: str = "csv") -> Path:
        """Write them, and return the folder."""
        folder.mkdir(parents=True)
        for name in ("prices", "indices"):
            write_table(getattr(self, name), folder / f"{name}.{suffix}")
        self.listings.to_csv(folder / "listings.csv", index=False)
        text = "\n".join(_lines(self.toml))
        tomllib.loads(text)
        (folder / "market.toml").write_text(text, encoding="utf-8")
        return folder


Edit = Callable[[Tables, int], None]


def everything() -> Tables:
    """Return a market of five stocks with every column and key that a folder may have."""
    made = _everything()
    tables = (table.copy() for table in (made.prices, made.indices, made.listings))
    return Tables(*tables, {**TOML, "indices": dict(TOML["indices"])})


@cache
def _everything() -> Tables:
    prices = price_table(RECIPE)
    amount = prices["Close"] * prices["Volume"] * (1 + prices["Code"].astype(int) / 1000)
    paid = np.where(prices["Date"].isin(DAYS[[20, 44]]), 100.0, 0.0)
    prices = prices.assign(Amount=amount.round(), Dividend=paid, Halted=False, Remark="x")
    indices = index_table(RECIPE)
    indices["COPPER"] = (indices["KS11"] / 500).round(4)
    # On sessions of Tokyo too, whose calendar an edit gives it.
    both = indices["Date"].isin(pd.DatetimeIndex(sessions(80, first="2023-12-01", calendar="XTKS")))
    indices["BOND"] = (indices["GSPC"] / 1000).round(3).where(both)
    indices["UNUSED"] = indices["GSPC"] + 1
    listings = listing_table(RECIPE).assign(First=str(DAYS[0]), Remark="x")
    return Tables(prices, indices, listings, TOML)


def spec_of(folder: Path) -> RunSpec:
    """Return a spec by which all of them count: ranked by Amount, with a kind left out."""
    return check_spec(
        {
            "baselines": [],
            "market": {"folder": str(folder), "indices": ["KS11", "GSPC", "COPPER", "BOND"],
                       "benchmark": "KS11"},
            "features": {"lookback": 10},
            "label": {"horizon": 3},
            "universe": {"top": 2, "value_days": 3, "exclude": ["etf"]},
        },
        "test",
    )  # fmt: skip


def _cell(table: str, column: str, change: Any) -> Edit:
    def edit(tables: Tables, day: int) -> None:
        found: pd.DataFrame = getattr(tables, table)
        on = found["Date"] == pd.Timestamp(DAYS[day])
        if table == "prices":
            on &= found["Code"] == "000010"
        (row,) = np.flatnonzero(on)
        found[column] = found[column].astype(object if column == "Date" else found[column].dtype)
        found.loc[found.index[row], column] = _of(change, found.iloc[row])

    return edit


def _dropped(table: str) -> Edit:
    def edit(tables: Tables, day: int) -> None:
        found: pd.DataFrame = getattr(tables, table)
        on = found["Date"] == pd.Timestamp(DAYS[day])
        if table == "prices":
            on &= found["Code"] == "000010"
        setattr(tables, table, found[~on])

    return edit


def _listing(column: str, value: Any, stock: int = FIRST) -> Edit:
    def edit(tables: Tables, day: int) -> None:
        tables.listings[column] = tables.listings[column].astype(object)
        tables.listings.loc[stock, column] = _of(value, day)

    return edit


def _relisted(tables: Tables, day: int) -> None:
    # Beside its date, which no row follows, it would be refused.
    _listing("Delisted", False, stock=4)(tables, day)
    _listing("DelistingDate", "", stock=4)(tables, day)


def _recoded(tables: Tables, _day: int) -> None:
    tables.prices["Code"] = tables.prices["Code"].replace("000010", "000060")


def _key(key: str, value: Any) -> Edit:
    def edit(tables: Tables, _day: int) -> None:
        tables.toml = tables.toml | {key: value}

    return edit


def _closed(tables: Tables, day: int) -> None:
    tables.prices = tables.prices[tables.prices["Date"] != pd.Timestamp(DAYS[day])]
    tables.toml = tables.toml | {"closed": [str(DAYS[day])]}


def _entry(symbol: str, key: str, value: Any) -> Edit:
    def edit(tables: Tables, _day: int) -> None:
        entries = tables.toml["indices"]
        entries[symbol] = entries[symbol] | {key: value}

    return edit


def _of(change: Any, given: Any) -> Any:
    return change(given) if callable(change) else change


def _middle(row: pd.Series) -> float:
    return float((row["High"] + row["Low"]) // 2)


# Of each column of each file, one change that the column is there for.
EDITS: Mapping[str, Edit] = {
    "prices.Date": _dropped("prices"),
    "prices.Code": _recoded,
    "prices.Open": _cell("prices", "Open", _middle),
    "prices.High": _cell("prices", "High", lambda row: row["High"] + 1),
    "prices.Low": _cell("prices", "Low", lambda row: row["Low"] - 1),
    "prices.Close": _cell("prices", "Close", _middle),
    "prices.Volume": _cell("prices", "Volume", 0),
    "prices.Amount": _cell("prices", "Amount", 0),
    "prices.Dividend": _cell("prices", "Dividend", 50.0),
    "prices.Halted": _cell("prices", "Halted", True),
    "indices.Date": _dropped("indices"),
    "indices.KS11": _cell("indices", "KS11", lambda row: row["KS11"] * 1.01),
    "indices.COPPER": _cell("indices", "COPPER", np.nan),
    "indices.BOND": _cell("indices", "BOND", lambda row: row["BOND"] + 0.5),
    "listings.Code": _listing("Code", "000060"),
    "listings.Name": _listing("Name", "KODEX 200"),
    "listings.Market": _listing("Market", "KOSDAQ"),
    "listings.First": _listing("First", lambda day: str(DAYS[day])),
    "listings.Delisted": _relisted,
    "listings.DelistingDate": _listing("DelistingDate", str(DAYS[44]), stock=4),
    "market.notes": _key("notes", ["Raw closes."]),
    "market.currency": _key("currency", "USD"),
    "market.book": _key("book", "none"),
    "market.closed": _closed,
    "market.open": _key("open", ["2024-02-17"]),  # a Saturday
    "market.indices.name": _entry("COPPER", "name", "Kupfer"),
    "market.indices.calendar": _entry("BOND", "calendar", "XTKS"),
    "market.indices.timezone": _entry("COPPER", "timezone", "Pacific/Auckland"),
    "market.indices.close": _entry("COPPER", "close", "01:00:00"),
    "market.indices.lag_hours": _entry("COPPER", "lag_hours", 48.0),
    "market.indices.unit": _entry("COPPER", "unit", "percent"),
    "market.indices.verified": _entry("COPPER", "verified", "rule 12"),
}
# No run looks at these.
IDLE: Mapping[str, Edit] = {
    "indices.UNUSED": _cell("indices", "UNUSED", lambda row: row["UNUSED"] * 2),
    "prices.Remark": _cell("prices", "Remark", "y"),
    "listings.Remark": _listing("Remark", "y"),
}


def _lines(toml: Mapping[str, Any]) -> list[str]:
    lines = [f"{k} = {_value(v)}" for k, v in toml.items() if k != "indices"]
    for symbol, entry in toml["indices"].items():
        lines += [f"[indices.{symbol}]", *(f"{k} = {_value(v)}" for k, v in entry.items())]
    return lines


def _value(value: Any) -> str:
    return value if str(value).count(":") == 2 else repr(value).replace("'", '"')
