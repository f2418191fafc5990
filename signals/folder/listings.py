"""Listings beside the prices of the same codes: what they contradict, and what is to be known."""

from pathlib import Path

import pandas as pd

from rollsight.base.errors import RollsightError, counted

SILENT_SESSIONS = 20  # without a row up to the last one of the folder


def check_listings(listings: pd.DataFrame, prices: pd.DataFrame, path: Path) -> None:
    """Raise where a code is said not to be delisted, and its rows end by its DelistingDate.

    A date that no price has reached may be that of a planned delisting.
    """
    kept = listings["DelistingDate"].mask(listings["Delisted"].astype(bool))
    last = prices.groupby("Code")["Date"].max().reindex(kept.index)
    gone = kept.index[(last <= kept) & (kept < prices["Date"].max())]
    if len(gone):
        raise RollsightError(
            f"{path}: {len(gone)} codes, such as {gone[0]!r}, have Delisted=False, and no row "
            f"after their DelistingDate ({kept[gone[0]]:%Y-%m-%d}), though the prices go on: write "
            "Delisted=True, or leave the date empty"
        )


def listing_notes(
    listings: pd.DataFrame, prices: pd.DataFrame, codes: tuple[str, ...]
) -> list[str]:
    """Return a sentence on each thing in which listings and prices do not go together.

    Parameters
    ----------
    codes
        of the prices that are in use
    """
    gone = _gone(listings, prices, codes)
    if listings.empty:
        return gone
    return [*gone, *_unpriced(listings, codes), *_late(listings, prices)]


def _gone(listings: pd.DataFrame, prices: pd.DataFrame, codes: tuple[str, ...]) -> list[str]:
    """Return a sentence on stocks whose rows end early, and of which nobody says why."""
    days = prices["Date"].drop_duplicates().nlargest(SILENT_SESSIONS + 1)
    last = prices.groupby("Code")["Date"].max().reindex(list(codes))
    delisted = listings["Delisted"].astype(bool)
    last = last.drop(delisted.index[delisted], errors="ignore")
    last = last[last <= days.min()] if len(days) > SILENT_SESSIONS else last[:0]
    if last.empty:
        return []
    first = str(last.idxmin())
    return [
        f"{counted(len(last), 'stock')}, such as {first!r} after {last[first]:%Y-%m-%d}, without a "
        f"row in the last {SILENT_SESSIONS} sessions and more, and not delisted by listings.csv: "
        "the last labels stay empty, and a holding keeps its last close"
    ]


def _unpriced(listings: pd.DataFrame, codes: tuple[str, ...]) -> list[str]:
    absent = listings.index.difference(list(codes))
    if absent.empty:
        return []
    gone = int(listings["Delisted"].reindex(absent).astype(bool).sum())
    return [
        f"{len(absent)} of {len(listings)} listed codes, {gone} of them delisted, such as "
        f"{absent[0]!r}, have no prices here: what they would have done is not in any figure"
    ]


def _late(listings: pd.DataFrame, prices: pd.DataFrame) -> list[str]:
    rows = prices.groupby("Code")["Date"].agg(["min", "max"]).reindex(listings.index)
    ends, delisted = listings["DelistingDate"], listings["Delisted"].astype(bool)
    late = rows["max"] > ends
    said = (
        (
            late & delisted,
            "with rows after a DelistingDate: neither decided on from that day on nor traded after "
            "it",
        ),
        (
            late & ~delisted,
            "with Delisted=False and rows after a DelistingDate: listed throughout",
        ),
        (
            rows["min"] < listings["First"],
            "with rows before its First: not decided on until that day",
        ),
    )
    return [
        f"{counted(int(of.sum()), 'stock')}, such as {listings.index[of][0]!r}, {what}"
        for of, what in said
        if of.any()
    ]
