"""Stocks as volatile as each other: among them a random buyer draws."""

import numpy as np
import pandas as pd

GROUPS = 10
FEWEST_ALIKE = 5  # stocks a group: with fewer, the others' share is mostly noise


def volatility_groups(rows: pd.DataFrame) -> pd.Series:
    """Return the group of each row among those of its date, calmest first, as even as they go.

    Deciles, or as many groups as hold `FEWEST_ALIKE` stocks each.
    """
    by_date = rows.groupby("decided_at")["volatility"]
    stocks = by_date.transform("size").to_numpy(np.int64)
    groups = np.clip(stocks // FEWEST_ALIKE, 1, GROUPS)
    place = by_date.rank(method="min", na_option="bottom").to_numpy(np.int64) - 1
    return pd.Series(place * groups // np.maximum(stocks, 1), rows.index)
