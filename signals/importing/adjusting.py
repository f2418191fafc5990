"""Prices adjusted for dividends, or as they were: what tables prove, and what is told."""

from collections.abc import Sequence

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.importing.cells.columns import ADJUSTED, BARS
from rollsight.signals.importing.shapes import Part
from rollsight.signals.importing.told import AmbiguousError, Told


def adjusted(parts: Sequence[Part], told: Told) -> tuple[list[pd.DataFrame], str]:
    """Return the rows of each table with one close, and a sentence on what was done.

    With Close and Adj Close, the whole bar is scaled by their ratio unless told otherwise, and
    dividends are left out, since the adjusted prices hold them.

    Raises
    ------
    AmbiguousError
        If there are dividends and nothing says whether the closes hold them already.
    RollsightError
        If some tables have adjusted closes and others none.
    """
    both = [ADJUSTED in part.rows and "Close" in part.rows for part in parts]
    odd = [part for part, has in zip(parts, both, strict=True) if has != both[0]]
    if odd:
        raise RollsightError(
            f"{odd[0].grid.path} and {parts[0].grid.path} differ in whether they have Close and "
            "Adj Close: import them one by one, or give both columns to each"
        )
    tables = [_one_close(part) for part in parts]
    dividends = any("Dividend" in table for table in tables)
    if both[0]:
        if told.adjusted is False:
            return [t.drop(columns=ADJUSTED) for t in tables], (
                f"Close as given; {ADJUSTED} is left out (--raw)"
            )
        return [_scaled(table) for table in tables], (
            f"open, high, low and close are scaled by {ADJUSTED} / Close; --raw keeps them"
        )
    if dividends and told.adjusted is None:
        raise AmbiguousError(
            f"{parts[0].grid.path} has dividends, and nothing says whether its closes are adjusted "
            "for them already: say --adjusted (they are, so dividends are left out) or --raw",
            key="adjusted",
            question="Are the closes adjusted for dividends already (adjusted), or not (raw)?",
            choices={"adjusted": True, "raw": False},
        )
    if told.adjusted:
        return [t.drop(columns="Dividend", errors="ignore") for t in tables], (
            "prices as given, adjusted for dividends as you say (--adjusted)"
        )
    if told.adjusted is False:
        return tables, "prices as given, not adjusted for dividends as you say (--raw)"
    return tables, "prices as given; nothing says whether they are adjusted for dividends"


def _one_close(part: Part) -> pd.DataFrame:
    """Return rows whose only close is called so."""
    rows = part.rows
    if "Close" in rows or ADJUSTED not in rows:
        return rows
    if any(name in rows for name in BARS):
        raise RollsightError(
            f"{part.grid.path} has {ADJUSTED} beside bars, and no Close: add the column Close, by "
            "which the bars are adjusted, or leave Open, High and Low out"
        )
    return rows.rename(columns={ADJUSTED: "Close"})


def _scaled(table: pd.DataFrame) -> pd.DataFrame:
    numeric = [name for name in (*BARS, ADJUSTED) if name in table]
    if any(table[name].dtype != "float64" for name in numeric):
        return table.drop(columns=ADJUSTED)  # the reader of folders names the value that is none
    ratio = table[ADJUSTED] / table["Close"]
    bars = {name: table[name] * ratio for name in BARS if name in table and name != "Close"}
    out = table.assign(**bars, Close=table[ADJUSTED])
    return out.drop(columns=[ADJUSTED, *(["Dividend"] if "Dividend" in out else [])])
