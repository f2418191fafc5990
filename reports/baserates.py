"""What the other stocks did: the share that a buy's class must be held against."""

import numpy as np
import pandas as pd

from rollsight.signals.labels import Label

CLASSES = {"up": Label.UP, "hold": Label.HOLD, "down": Label.DOWN}
GROUPS = 10
FEWEST_ALIKE = 5  # stocks a group: with fewer, the others' share is mostly noise


def with_base_rates(signals: pd.DataFrame) -> pd.DataFrame:
    """Add the plain label, the group of like volatility, and what the others of a date did.

    ``alike`` numbers the groups of a date's labelled stocks by trailing volatility, calmest first:
    deciles, or as many groups as hold `FEWEST_ALIKE` stocks each; -1 for a row without a label.
    ``up_of_date`` and its like are shares of all other stocks of the date, ``up_of_alike`` of those
    of the same group. A row is left out of its own base rate, NaN where it is alone.
    """
    label = signals["label"].fillna(-1).astype("int8")
    known = signals[label >= 0]
    keys = [known["decided_at"], volatility_groups(known)]
    bases = {}
    for name, value in CLASSES.items():
        hit = (label[known.index] == value).astype(float)
        bases[f"{name}_of_date"] = _of_others(hit, keys[:1])
        bases[f"{name}_of_alike"] = _of_others(hit, keys)
    table = signals.assign(
        plain_label=label, alike=keys[1].reindex(signals.index, fill_value=-1).astype("int8")
    )
    return table.join(pd.DataFrame(bases, index=known.index))


def volatility_groups(rows: pd.DataFrame) -> pd.Series:
    """Return the group of each row among those of its date, calmest first, as even as they go."""
    by_date = rows.groupby("decided_at")["volatility"]
    stocks = by_date.transform("size").to_numpy(np.int64)
    groups = np.clip(stocks // FEWEST_ALIKE, 1, GROUPS)
    place = by_date.rank(method="min", na_option="bottom").to_numpy(np.int64) - 1
    return pd.Series(place * groups // np.maximum(stocks, 1), rows.index)


def _of_others(hit: pd.Series, groups: list[pd.Series]) -> pd.Series:
    grouped = hit.groupby(groups)
    others = grouped.transform("size") - 1
    return (grouped.transform("sum") - hit) / others.where(others > 0)
