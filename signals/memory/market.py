"""A market from tables in memory: what a market folder would hold, under the same rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.base.toml import toml_value
from rollsight.signals.folder.columns import PRICES, check_columns
from rollsight.signals.folder.listings import check_listings
from rollsight.signals.folder.reading import MEMORY, NO_INDICES, Folder
from rollsight.signals.folder.settings import settings_of
from rollsight.signals.folder.tables import (
    checked_indices,
    checked_listings,
    checked_prices,
    read_listings,
)
from rollsight.signals.folder.volumes import check_volumes
from rollsight.signals.importing.adjusting import adjusted as one_close
from rollsight.signals.importing.cells.columns import ADJUSTED
from rollsight.signals.importing.stacking import said_of_empty
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.memory.frames import frame_of, index_columns, price_rows
from rollsight.signals.memory.writing import write_folder

WAYS = ("adjusted=True", "adjusted=False")


@dataclass(frozen=True, eq=False, repr=False)
class MemoryMarket(Folder):
    """A market in memory; its digests are those of a folder with the same numbers."""

    def table(self, stem: str) -> Path:
        """Return the name of a table, or raise where the market has none such."""
        if stem == "indices" and self.indices.columns.empty:
            raise RollsightError("the market in memory has no indices: give market(indices=...)")
        return Path(stem)

    def write(self, out: str | Path) -> Path:
        """Write the market as a folder, for update, decide and live, and return its path.

        A folder that holds the same already stays as it is.

        Raises
        ------
        RollsightError
            If there is something else, or it cannot be written.
        """
        return write_folder(self, Path(out))

    def __repr__(self) -> str:
        prices, said = self.prices, self.settings
        first, last = prices["Date"].min(), prices["Date"].max()
        about = (said.calendar, said.currency, said.book)
        return (
            f"Market in memory: {prices['Code'].nunique():,} stocks, {len(prices):,} rows from "
            f"{first:%Y-%m-%d} to {last:%Y-%m-%d}; {len(self.indices.columns)} indices; "
            + ", ".join(one for one in about if one is not None)
        )


def market(
    prices: object,
    indices: object = None,
    *,
    calendar: str | None = None,
    currency: str | None = None,
    book: str | None = None,
    listings: object = None,
    published: Mapping[str, Mapping[str, object]] | None = None,
    adjusted: bool | None = None,
    **settings: object,
) -> MemoryMarket:
    """Return a market of tables in memory, which `run` and others take as ``market``.

    Tables are of pandas, or of a library such as polars whose tables speak Arrow or the dataframe
    interchange protocol. What they may hold is what the files of a market folder may: see its
    columns there.

    Parameters
    ----------
    prices
        long rows (Date, Code, Close, and where there are any Open, High, Low, Volume, Amount,
        Dividend, Halted); or closes by date, a column a code, where an empty cell is no row; or
        ``{code: table or closes}``; or a table whose header has two levels, of fields and of codes.
        A code of a header without any value is left out, and a note says so
    indices
        values by own date, a column a symbol, or ``{symbol: series}``; None where there are none
    calendar
        exchange of the stocks, such as ``XNYS`` or ``XKRX``: its sessions, and when they close
    currency, book
        of the prices, and the exchange's rules of trade: krx, us or none
    listings
        rows of Code, Name, Market, First, Delisted, DelistingDate
    published
        when values of indices become known, as market.toml has it:
        ``{"DAX": {"calendar": "XETR"}}``; needed of those that rollsight does not know
    adjusted
        True scales bars, and not volumes, by Adj Close / Close, or says that prices without an
        Adj Close hold their dividends; False keeps Close. None scales them too, and raises where
        that ratio steps as by a split
    settings
        further keys of market.toml: notes, closed, open

    Raises
    ------
    RollsightError
        If a table holds what cannot be right, or it is not said when something is known.

    Examples
    --------
    >>> days = pd.bdate_range("2024-01-02", periods=3)
    >>> market(pd.DataFrame({"A": [1.0, 2.0, 3.0]}, index=days), calendar="XNYS")
    Market in memory: 1 stocks, 3 rows from 2024-01-02 to 2024-01-04; 0 indices; XNYS
    """
    if calendar is None:
        raise RollsightError(
            'market: on which exchange do the stocks trade? Say calendar="XNYS", "XKRX" or '
            "another exchange's code, by whose sessions and closing times all is dated"
        )
    said = {"calendar": calendar, "currency": currency, "book": book}
    content = settings | {key: value for key, value in said.items() if value is not None}
    if published is not None:
        content["indices"] = published
    known = settings_of(content, "market", entries="published")
    given, notes = _given(prices, adjusted)
    known = known.model_copy(update={"notes": (*known.notes, *notes)})
    rows = checked_prices(given, Path("prices"))
    check_volumes(rows, Path("prices"))
    values = (
        NO_INDICES if indices is None else checked_indices(index_columns(indices), Path("indices"))
    )
    _check_published(values, known.indices)
    listed = read_listings(None)
    if listings is not None:
        listed = checked_listings(frame_of(_with_code(listings), "listings"), Path("listings"))
        check_listings(listed, rows, Path("listings"))
    return MemoryMarket(
        path=Path(MEMORY), prices=rows, indices=values, listings=listed, settings=known
    )


def _given(prices: object, adjusted: bool | None) -> tuple[pd.DataFrame, list[str]]:
    """Return rows with one close, and what was done to make them in a sentence, if anything."""
    rows, empty = price_rows(prices)
    check_columns(rows, PRICES, ("Date", "Code"), Path("prices"))
    done = [said_of_empty(empty)] if empty else []
    if ADJUSTED in rows or adjusted is not None:
        (rows,), how = one_close([(Path("prices"), rows)], adjusted, WAYS)
        done.insert(0, how)
    return rows, [f"Given in memory: {'; '.join(done)}."] if done else []


def _with_code(listings: object) -> object:
    """Return listings whose unnamed index of codes is named."""
    if isinstance(listings, pd.DataFrame) and "Code" not in listings:
        return listings.rename_axis("Code")
    return listings


def _check_published(indices: pd.DataFrame, entries: Mapping[str, object]) -> None:
    have = [str(name) for name in indices]
    for symbol in entries:
        if symbol not in have:
            raise RollsightError(
                f"published: {symbol!r} is no column of indices {did_you_mean(symbol, have)}"
            )
    for symbol in have:
        if symbol not in entries and symbol not in SYMBOLS:
            raise RollsightError(
                f"index {symbol!r} is unknown: say when its values become known, by "
                f'published={{{toml_value(symbol)}: {{"calendar": "XNYS"}}}}, or both "timezone": '
                '"America/New_York" and "close": "16:00"; where they are a yield, "unit": "percent"'
            )
