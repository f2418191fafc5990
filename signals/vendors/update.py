"""Append new sessions to a series, unless the vendor has rewritten its history."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from rollsight.signals.vendors.span import Span

OVERLAP = 30  # rows that are asked for again and compared
VOLUME_SLACK = 0.05
TOLERANCE = 1e-5  # vendors round; the smallest adjustment is far greater

FetchSeries = Callable[[Span, str | None], tuple[pd.DataFrame, str]]


def appended(old: pd.DataFrame, ask: FetchSeries, span: Span) -> tuple[pd.DataFrame, str | None]:
    """Return a series with its new sessions, and how the vendor rewrote it, or None.

    A series whose last rows the vendor now gives otherwise is asked for again as a whole: old and
    new rows of an adjusted price do not fit together.

    Parameters
    ----------
    old
        rows as they stand; ``attrs['source']`` is their vendor, the only one that is asked
    ask
        returns a span's rows and their vendor
    """
    overlap = old.tail(OVERLAP)
    source = old.attrs["source"]
    new, _ = ask(span.since(overlap["Date"].iloc[0].date()), source)
    last = overlap["Date"].iloc[-1]
    change = difference(overlap, new[new["Date"] <= last])
    if change:
        whole, vendor = ask(span, None)
        whole.attrs["source"] = vendor
        return whole, change
    table = pd.concat([old, new[new["Date"] > last]], ignore_index=True)
    table.attrs = {**old.attrs, "dropped": old.attrs["dropped"] + _after(new, last)}
    return table, None


def difference(old: pd.DataFrame, new: pd.DataFrame) -> str | None:
    """Return how the vendor's rows differ from those that were kept, or None.

    >>> days = pd.to_datetime(["2024-01-02", "2024-01-03"])
    >>> old = pd.DataFrame({"Date": days, "Close": [10.0, 20.0]})
    >>> difference(old, old.assign(Close=old["Close"] / 5))
    'by a factor of 0.2'
    """
    if list(old["Date"]) != list(new["Date"]):
        return "by rows that came or went"
    prices = [c for c in ("Open", "High", "Low", "Close") if c in old]
    before, after = old[prices].to_numpy(), new[prices].to_numpy()
    if np.allclose(before, after, rtol=TOLERANCE, atol=1e-9):
        return _other_volumes(old, new)
    used = before != 0
    ratio = after[used] / before[used]
    factor = float(np.median(ratio))
    # Adjusted won are rounded, so that a factor holds for each row but roughly.
    if abs(factor - 1) > TOLERANCE and np.allclose(ratio, factor, rtol=5e-3):
        return f"by a factor of {factor:.4g}"
    return "by no single factor"


def _other_volumes(old: pd.DataFrame, new: pd.DataFrame) -> str | None:
    # A last session's volume may still be corrected; a split rewrites all of them.
    if "Volume" not in old:
        return None
    before, after = old["Volume"].to_numpy(), new["Volume"].to_numpy()
    used = before > 0
    factor = float(np.median(after[used] / before[used])) if used.any() else 1.0
    return None if abs(factor - 1) < VOLUME_SLACK else f"of volumes by a factor of {factor:.4g}"


def _after(table: pd.DataFrame, last: Any) -> list[str]:
    return [day for day in table.attrs.get("dropped", []) if pd.Timestamp(day) > last]
