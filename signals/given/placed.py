"""Answers of somebody else's model on the stocks and sessions of a market."""

from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.given.table import SIGNALS
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.prices.market import Market
from rollsight.signals.teacher.table import CLASSES

Float64 = npt.NDArray[np.float64]

SPREAD = 2 / 3  # of the stand-ins for p_up, from 0


def require_placed(table: pd.DataFrame, market: Market, unread: date | None) -> None:
    """Raise where a row is of no stock or no session of a market.

    Parameters
    ----------
    table
        as `checked_signals` returns it
    unread
        first day that is held out, whose rows are not looked at; None where none is

    Raises
    ------
    RollsightError
        Naming the first such row.
    """
    days, codes = table["date"].to_numpy().astype("datetime64[D]"), table["code"]
    read = np.ones(len(table), dtype=bool) if unread is None else days < np.datetime64(unread, "D")
    first, last = market.sessions[0], market.sessions[-1]
    known = codes.isin(market.codes).to_numpy()
    for wrong, why, way_out in (
        (~known, "is no code of the market", "write codes as its prices have them"),
        (days > last, f"lies behind {last}, the last session of the prices", "give prices of it"),
        (days < first, f"lies before {first}, the first session of the prices",
         "give prices of it"),
        (~np.isin(days, market.sessions), f"is no session of {market.exchange}",
         "date each row by the session at whose close it is decided"),
    ):  # fmt: skip
        rows = np.flatnonzero(wrong & read)
        if len(rows):
            row = int(rows[0])
            value = f"date={days[row]}" if known[row] else f"code={codes.iloc[row]!r}"
            near = "" if known[row] else f" {did_you_mean(codes.iloc[row], market.codes)}"
            raise RollsightError(
                f"{SIGNALS}: {value} (row {row}, and {len(rows) - 1:,} more) {why}{near}: "
                f"{way_out}, or leave the row out"
            )


def placed(table: pd.DataFrame, market: Market) -> Float64:
    """Return a table's answers (n_stocks, n_days, 3), of down, hold and up; NaN where none is.

    Of p_up alone the others stay NaN. Scores are replaced by numbers in the same order, of which
    nothing but the order means anything: up between 0 and two thirds, hold a third. Each is made of
    its own score alone, so no later one moves it.

    Parameters
    ----------
    table
        as `checked_signals` returns it; rows of no stock or session of the market are left out
    """
    stock = pd.Index(market.codes).get_indexer(pd.Index(table["code"]))
    day = pd.Index(market.sessions.astype("datetime64[ns]")).get_indexer(table["date"])
    there = (stock >= 0) & (day >= 0)
    found = np.full((len(market.codes), len(market.sessions), 3), np.nan)
    found[stock[there], day[there]] = _answers(table)[there]
    return found


def _answers(table: pd.DataFrame) -> Float64:
    if "score" in table:
        # As good as linear near 0, and slow far from it, so that any unit keeps its order.
        score = table["score"].to_numpy(np.float64)
        slow = np.arcsinh(score)
        up = SPREAD / 2 * (1 + slow / (1 + np.abs(slow)))
        if len(np.unique(up)) < len(np.unique(score)):
            raise RollsightError(
                f"{SIGNALS}: some scores are too close for their size to be told apart: subtract "
                "what all have in common, or multiply them"
            )
        return np.stack([SPREAD - up, np.full(len(up), 1 - SPREAD), up], axis=1)
    if "p_down" in table:
        given = table[list(CLASSES)].to_numpy(np.float64)
        return np.asarray(given / given.sum(axis=1, keepdims=True))
    up = table["p_up"].to_numpy(np.float64)
    return np.stack([np.full(len(up), np.nan), np.full(len(up), np.nan), up], axis=1)


def with_answers(samples: SampleSet, answers: Float64) -> SampleSet:
    """Return samples with answers.

    From the first answer on a row without one is not decided; earlier ones tell how often each
    class was.

    Raises
    ------
    RollsightError
        If no row that can be decided has one.
    """
    has = np.isfinite(answers[..., 2])
    if not (has & samples.usable).any():
        raise RollsightError(
            f"{SIGNALS}: none of {int(has.sum()):,} is of a stock and session that can be decided "
            f"(a bar, a member, and {samples.lookback + 1} sessions of closes): give earlier "
            "prices, or shorten features.lookback"
        )
    first = int(np.flatnonzero(has.any(axis=0))[0])
    usable = samples.usable.copy()
    without = int((usable & ~has)[:, first:].sum())
    idle = int((has & ~usable).sum())
    usable[:, first:] &= has[:, first:]
    notes = list(samples.notes)
    if without:
        notes.append(f"{without:,} rows that could be decided have no signal, and are not decided")
    if idle:
        notes.append(
            f"{idle:,} of {int(has.sum()):,} signals are of rows that cannot be decided, without a "
            f"bar, a member's place or {samples.lookback + 1} sessions of closes: they are not used"
        )
    return replace(samples, usable=usable, given=answers, notes=tuple(notes))
