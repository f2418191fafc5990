"""Columns as NumPy has them: what is NA in nullable types passes every comparison unseen."""

import numpy as np
import pandas as pd


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without columns of nullable, Arrow, categorical or decimal types.

    What is missing is NaN in numbers and text, NaT in dates, and None in a column of flags.
    """
    other = [c for c in table if _is_other(table[c].dtype) or _is_decimal(table[c])]
    out = table.copy(deep=False)
    for column in other:
        out[column] = _plain(table[column])
    return out


def _is_other(dtype: object) -> bool:
    kept = pd.DatetimeTZDtype | pd.PeriodDtype | pd.IntervalDtype
    if not isinstance(dtype, pd.api.extensions.ExtensionDtype) or isinstance(dtype, kept):
        return False
    return dtype != pd.StringDtype(na_value=np.nan)


def _is_decimal(values: pd.Series) -> bool:
    # As databases write prices.
    kind = pd.api.types.infer_dtype(values.iloc[:1000]) if values.dtype == object else ""
    return kind == "decimal"


def _plain(values: pd.Series) -> pd.Series:
    if values.dtype == object:
        return pd.to_numeric(values).astype("float64")
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.astype(object).infer_objects()
    if pd.api.types.is_string_dtype(values.dtype):
        return values.astype("str")
    if pd.api.types.is_bool_dtype(values.dtype):
        flags = values.astype(object).where(values.notna(), None)
        return flags if values.isna().any() else flags.astype(bool)
    if pd.api.types.is_numeric_dtype(values.dtype):
        whole = pd.api.types.is_integer_dtype(values.dtype) and not values.isna().any()
        dtype = values.dtype.type if whole else np.float64
        return pd.Series(values.to_numpy(dtype=dtype, na_value=np.nan), values.index)
    # Arrow's dates and times.
    return pd.to_datetime(values.astype(object).where(values.notna(), None))
