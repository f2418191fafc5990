"""What the other stocks did: the share that a buy's class must be held against."""

import numpy as np
import pandas as pd

from rollsight.signals.labels import Label

CLASSES = {"up": Label.UP, "hold": Label.HOLD, "down": Label.DOWN}
FIFTHS = 5


def with_base_rates(signals: pd.DataFrame) -> pd.DataFrame:
    """Add the plain label, and for each class what the other stocks of the same date did.

    ``up_of_date`` and its like count all other stocks, ``up_of_alike`` those of the same fifth of
    the date by trailing volatility. A row is left out of its own base rate, NaN where it is alone.
    """
    label = signals["label"].fillna(-1).astype("int8")
    table = signals.assign(plain_label=label)
    known = table[label >= 0]
    date = known["decided_at"]
    fifth = (known.groupby("decided_at")["volatility"].rank(pct=True) * FIFTHS).apply(np.ceil)
    bases = {}
    for name, value in CLASSES.items():
        hit = (known["plain_label"] == value).astype(float)
        bases[f"{name}_of_date"] = _of_others(hit, [date])
        bases[f"{name}_of_alike"] = _of_others(hit, [date, fifth])
    return table.join(pd.DataFrame(bases, index=known.index))


def _of_others(hit: pd.Series, groups: list[pd.Series]) -> pd.Series:
    grouped = hit.groupby(groups)
    others = grouped.transform("size") - 1
    return (grouped.transform("sum") - hit) / others.where(others > 0)
