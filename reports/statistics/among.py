"""Some of a table's rows, without a copy where that can be."""

import numpy as np
import numpy.typing as npt
import pandas as pd


def rows_among(rows: pd.DataFrame, among: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return the set rows; those that stand side by side, as a window's do, are no copy.

    Parameters
    ----------
    among
        (n_rows,)
    """
    at = np.flatnonzero(among)
    if len(at) and at[-1] - at[0] + 1 == len(at):
        return rows.iloc[at[0] : at[-1] + 1]
    return rows.iloc[at]
