"""What the other stocks did: the share that a buy's class must be held against."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.buyers.alike import GROUPS, volatility_groups
from rollsight.signals.inputs.labels import Label

CLASSES = {"up": Label.UP, "hold": Label.HOLD, "down": Label.DOWN}
Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def with_base_rates(signals: pd.DataFrame) -> pd.DataFrame:
    """Add the plain label, the group of like volatility, and what the others of a date did.

    ``alike`` numbers the groups of a date's labelled stocks by trailing volatility, calmest first:
    deciles, or as many groups as hold `FEWEST_ALIKE` stocks each; -1 for a row without a label.
    ``up_of_date`` and its like are shares of all other stocks of the date, ``up_of_alike`` of those
    of the same group. A row is left out of its own base rate, NaN where it is alone.
    """
    label = signals["label"].fillna(-1).astype("int8")
    plain = label.to_numpy()
    at = np.flatnonzero(plain >= 0)
    known = signals[["decided_at", "volatility"]].iloc[at]
    alike = volatility_groups(known).to_numpy()
    date = pd.factorize(known["decided_at"])[0].astype(np.int64)
    bases = {}
    for name, value in CLASSES.items():
        hit = (plain[at] == value).astype(np.float64)
        for kind, cell in (("date", date), ("alike", date * GROUPS + alike)):
            bases[f"{name}_of_{kind}"] = _laid(
                of_others(hit, cell), at, np.full(len(plain), np.nan)
            )
    groups = _laid(alike.astype(np.int8), at, np.full(len(plain), -1, dtype=np.int8))
    return signals.assign(plain_label=label, alike=groups, **bases)


def of_others(values: Float64, cell: Ints) -> Float64:
    """Return the mean over the other rows of each row's cell, NaN where it is alone."""
    others = np.bincount(cell)[cell] - 1
    total = np.bincount(cell, values)[cell] - values
    share = np.full(len(values), np.nan)
    return np.asarray(np.divide(total, others, out=share, where=others > 0))


def _laid(values: npt.NDArray[Any], at: Ints, table: npt.NDArray[Any]) -> npt.NDArray[Any]:
    table[at] = values
    return table
