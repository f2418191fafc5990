"""Fetches from replayed vendors, and what they wrote."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.signals.vendors.fetch import Fetched, fetch
from rollsight.signals.vendors.plan import Request
from tests.support.vendors.wire import QUICK

START, END = date(2023, 1, 2), date(2023, 12, 28)
FEW = ("KS11", "USDKRW", "US1MT")
FILES = ["indices.parquet", "listings.csv", "market.toml", "prices.parquet"]


def request(out: Path, **changes: Any) -> Request:
    plain = Request(out, yesterday=date(2024, 1, 11), start=START, end=END, top=3, indices=FEW)
    return replace(plain, **changes)


def fetched(out: Path, **changes: Any) -> Fetched:
    return fetch(request(out, **changes), QUICK)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


def prices(out: Path) -> dict[str, pd.DataFrame]:
    table = pd.read_parquet(out / "prices.parquet")
    return {str(code): rows.set_index("Date") for code, rows in table.groupby("Code")}


def indices(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "indices.parquet").set_index("Date")


def split(bars: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return bars as a vendor rewrites them after a split of n to 1."""
    columns = ["Open", "High", "Low", "Close"]
    return bars.assign(**{c: (bars[c] / n).round().astype("int64") for c in columns})
