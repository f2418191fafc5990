"""A market folder as it stood before a day: nothing dated on that day or later is left."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.reading import Folder
from rollsight.signals.folder.settings import IndexEntry
from rollsight.signals.folder.volumes import rows_traded


def cut_before(folder: Folder, day: date, *, gap: int) -> Folder:
    """Return a folder without prices, index values and delistings of a day and all later ones.

    Parameters
    ----------
    gap
        sessions of silence after which a delisting without a date is known

    Raises
    ------
    RollsightError
        If no price is left.
    """
    at = np.datetime64(day, "D")
    rows = folder.prices["Date"].to_numpy().astype("datetime64[D]") < at
    if not rows.any():
        raise RollsightError(
            f"holdout.start={day} leaves no price row of {folder.path}, whose first is of "
            f"{folder.prices['Date'].min():%Y-%m-%d}: name a later day"
        )
    prices = folder.prices[rows].reset_index(drop=True)
    behind = frozenset(folder.prices["Code"][~rows].unique())
    return replace(
        folder,
        prices=prices,
        indices=_indices_before(folder.indices, at, folder.settings.indices),
        listings=_listings_before(folder.listings, folder.prices, at, gap),
        going_on=behind,
    )


def _indices_before(
    indices: pd.DataFrame, at: np.datetime64, entries: Mapping[str, IndexEntry]
) -> pd.DataFrame:
    """Return the values dated before a day, and of series that are dated late those known by it."""
    table = indices.copy()
    dates = indices.index.to_numpy().astype("datetime64[h]")
    for symbol in table.columns:
        entry = entries.get(str(symbol))
        # Values of such a series become known up to three days before their own date.
        early = min((entry.lag_hours or 0.0) if entry else 0.0, 0.0)
        shift = np.timedelta64(24 * math.floor(early / 24), "h")
        table[symbol] = table[symbol].mask(np.asarray(dates + shift >= at))
    return table.dropna(how="all")


def _listings_before(
    listings: pd.DataFrame,
    prices: pd.DataFrame,
    at: np.datetime64,
    gap: int,
) -> pd.DataFrame:
    """Return the listings of codes that were there, and delisted only where that was known."""
    before = (prices["Date"] < at).to_numpy()
    there, behind = (prices["Code"][rows].unique() for rows in (before, ~before))
    later = listings.index.isin(behind) & ~listings.index.isin(there)
    kept = listings[~later & ~(listings["First"] >= at).to_numpy()]
    dated, trades = kept["DelistingDate"], prices[rows_traded(prices)]
    unknown = (dated >= at) | (dated.isna() & ~_silent(kept.index, trades, at, gap))
    return kept.assign(Delisted=kept["Delisted"] & ~unknown, DelistingDate=dated.mask(unknown))


def _silent(codes: pd.Index, trades: pd.DataFrame, at: np.datetime64, gap: int) -> pd.Series:
    """Return which codes traded last more than ``gap`` weekdays before a day."""
    last = trades.groupby("Code")["Date"].max().reindex(codes)
    days = last.fillna(pd.Timestamp(at)).to_numpy().astype("datetime64[D]")
    return pd.Series(np.busday_count(days, at) > gap, codes)
