"""Prices adjusted for dividends, or as they were: what tables prove, and what is told."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError, counted
from rollsight.signals.folder.checks.numbers import numeric
from rollsight.signals.importing.cells.columns import ADJUSTED, BARS
from rollsight.signals.importing.told import AmbiguousError

SPLIT = 1.5  # step of Adj Close / Close between rows that no usual dividend makes
WAYS = ("--adjusted", "--raw")


def adjusted(
    tables: Sequence[tuple[Path, pd.DataFrame]],
    told: bool | None,
    ways: tuple[str, str] = WAYS,
) -> tuple[list[pd.DataFrame], str]:
    """Return the rows of each table with one close, and a sentence on what was done.

    With Close and Adj Close, the whole bar is scaled by their ratio unless told otherwise, and
    dividends are left out, since the adjusted prices hold them.

    Parameters
    ----------
    tables
        each by the name that messages give it; rows by date within each code
    told
        whether prices are to be adjusted; None where the tables are to prove it
    ways
        how to say that they are, and that they are not

    Raises
    ------
    AmbiguousError
        If there are dividends and nothing says whether the closes hold them already, or the ratio
        of closes steps as by a split, for which volumes are not adjusted.
    RollsightError
        If some tables have adjusted closes and others none.
    """
    both = [ADJUSTED in rows and "Close" in rows for _, rows in tables]
    odd = [path for (path, _), has in zip(tables, both, strict=True) if has != both[0]]
    if odd:
        raise RollsightError(
            f"{odd[0]} and {tables[0][0]} differ in whether they have Close and Adj Close: import "
            "them one by one, or give both columns to each"
        )
    if both[0]:
        return _of_both(tables, told, ways)
    given = [_one_close(path, rows) for path, rows in tables]
    if told is None and any("Dividend" in rows for rows in given):
        raise AmbiguousError(
            f"{tables[0][0]} has dividends, and nothing says whether its closes are adjusted for "
            f"them already: say {ways[0]} (they are, so dividends are left out) or {ways[1]}",
            key="adjusted",
            question="Are the closes adjusted for dividends already (adjusted), or not (raw)?",
            choices={"adjusted": True, "raw": False},
        )
    if told:
        return [rows.drop(columns="Dividend", errors="ignore") for rows in given], (
            f"prices as given, adjusted for dividends as you say ({ways[0]})"
        )
    if told is False:
        return given, f"prices as given, not adjusted for dividends as you say ({ways[1]})"
    return given, "prices as given; nothing says whether they are adjusted for dividends"


def _of_both(
    tables: Sequence[tuple[Path, pd.DataFrame]], told: bool | None, ways: tuple[str, str]
) -> tuple[list[pd.DataFrame], str]:
    if told is False:
        return [rows.drop(columns=ADJUSTED) for _, rows in tables], (
            f"Close as given; {ADJUSTED} is left out ({ways[1]})"
        )
    for path, rows in tables:
        for column in (ADJUSTED, *BARS):
            if column in rows:
                numeric(rows[column], column, path)
        _require_adjusted(path, rows, ways)
    said = f"open, high, low and close are scaled by {ADJUSTED} / Close; {ways[1]} keeps them"
    steps = _steps([(path, rows) for path, rows in tables if "Volume" in rows])
    if steps:
        name, code, day = steps[0]
        where = f"{ADJUSTED} / Close of {code!r} steps on {day} as by a split"
        if told is None:
            raise AmbiguousError(
                f"{name}: {where}, and nothing adjusts its Volume: give Close and Volume adjusted "
                f"for splits, or say {ways[0]} (it was a dividend) or {ways[1]} (keep Close)",
                key="adjusted",
                question=f"{where}: scale prices and not volumes (adjusted), or keep Close (raw)?",
                choices={"adjusted": True, "raw": False},
            )
        said += f"; {counted(len(steps), 'step')} as large as a split's, with volumes as given"
    return [_scaled(rows) for _, rows in tables], said


def _require_adjusted(path: Path, rows: pd.DataFrame, ways: tuple[str, str]) -> None:
    bare = rows[ADJUSTED].isna() & rows["Close"].notna()
    if bare.any():
        row = rows[bare].iloc[0]
        raise RollsightError(
            f"{path}: {row['Code']!r} has Close and no {ADJUSTED} on {str(row['Date'])[:10]}: fill "
            f"it, delete the row, or say {ways[1]}"
        )


def _steps(tables: Sequence[tuple[Path, pd.DataFrame]]) -> list[tuple[str, str, str]]:
    """Return name, code and date of rows at which closes are adjusted as for a split."""
    if not tables:
        return []
    rows = pd.concat([table.assign(Path=str(path)) for path, table in tables])
    rows["Code"] = rows["Code"].astype("str")
    rows = rows.sort_values(["Code", "Date"], kind="stable")
    ratio = rows[ADJUSTED] / rows["Close"]
    step = ratio / ratio.groupby(rows["Code"]).shift()
    found = rows[((step > SPLIT) & (step < np.inf)) | ((step > 0) & (step < 1 / SPLIT))]
    days = found["Date"].astype("str").str[:10]
    return list(zip(found["Path"], found["Code"], days, strict=True))


def _one_close(path: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows whose only close is called so."""
    if "Close" in rows or ADJUSTED not in rows:
        return rows
    if any(name in rows for name in BARS):
        raise RollsightError(
            f"{path} has {ADJUSTED} beside bars, and no Close: add the column Close, by which the "
            "bars are adjusted, or leave Open, High and Low out"
        )
    return rows.rename(columns={ADJUSTED: "Close"})


def _scaled(rows: pd.DataFrame) -> pd.DataFrame:
    ratio = rows[ADJUSTED] / rows["Close"]
    bars = {name: rows[name] * ratio for name in BARS if name in rows and name != "Close"}
    out = rows.assign(**bars, Close=rows[ADJUSTED])
    return out.drop(columns=[ADJUSTED, *(["Dividend"] if "Dividend" in out else [])])
