"""A market folder, read and validated: prices on the exchange's sessions, indices by own date."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from rollsight.base.digests import IF_ANY
from rollsight.base.errors import RollsightError, counted
from rollsight.signals.folder.listings import listing_notes
from rollsight.signals.folder.reading import Folder, read_folder
from rollsight.signals.folder.tables import PRICE_COLUMNS
from rollsight.signals.folder.volumes import volume_notes
from rollsight.signals.inputs.kinds import check_codes
from rollsight.signals.known.calendar import Days, Instants
from rollsight.signals.known.corrections import NO_CORRECTIONS, Corrections
from rollsight.signals.known.indices import indices_in_use
from rollsight.signals.known.sessions import calendar_of, empty_sessions
from rollsight.signals.known.symbols import Publication
from rollsight.signals.prices.dividends import dividends_of
from rollsight.signals.prices.endings import Endings, closed_after_delisting, endings
from rollsight.signals.prices.halts import falls_behind_halts, held_closes
from rollsight.signals.prices.movenotes import fall_notes, move_notes, refuse_moves
from rollsight.signals.prices.moves import Moves, furthest_first, impossible_moves
from rollsight.signals.prices.panel import Flags, Panel, Prices, require_daily
from rollsight.signals.rules.rulebook import BOOKS, boards_of, locks
from rollsight.signals.spec import MarketSpec

RANKED_VALUE = "RankedValue"  # column of edited folders alone
FEWEST_ROWS = 4  # of a stock, where the caller does not know how many an input takes


@dataclass(frozen=True, eq=False)
class Market:
    """Prices of every stock on every session of the exchange, and the raw index values.

    Attributes
    ----------
    exchange
        calendar code of the stocks' exchange, such as ``XKRX``
    currency
        code of the quote currency, such as ``KRW``
    sessions
        (n_days,) datetime64[D]
    closes
        (n_days,) datetime64[ns], UTC; a row is decided at its session's close
    codes
        stock codes, ascending
    names
        display name of each code that has one
    open, high, low, close
        (n_stocks, n_days), quote currency; NaN where there is no row; where
        a close without trade cannot be right, the one before
    has_bar
        (n_stocks, n_days); the folder has a row
    traded
        (n_stocks, n_days); the row has volume, or the folder has no volumes, and no halt
    book
        name of the exchange's rule book
    boards
        of each stock, which of the book's boards
    buyable, sellable
        (n_stocks, n_days); traded, and the open is not locked at the daily limit.
        Where the folder has closes alone they are the opens at which orders fill, and are tested
    volume
        (n_stocks, n_days) shares, NaN where there is no row; None without that column
    amount
        (n_stocks, n_days) traded value, quote currency; None where the folder has none
    listed_on, delisted_on
        (n_stocks,) datetime64[D], NaT where unknown or never
    moves
        prices that cannot be right beside the close before, or in their own bar; of a session
        without trade the folder's, for which the close before stands in here
    endings
        how delisted stocks stop trading for good
    indices
        columns in use, by own date, NaN where that market was closed
    publications
        for each index in use, when its values become known
    closes_only
        the folder has no Open, High, Low: fills are at the next close
    notes
        what was left out, one sentence each
    corrections
        of the exchange's calendar, already in ``sessions`` and ``closes``
    dividend
        (n_stocks, n_days) cash a share by ex-date, quote currency, 0 where there is none; None
        where returns are without dividends
    ranked_value
        (n_stocks, n_days) as ``amount``, by which members are ranked in its place; of edited
        folders alone
    """

    exchange: str
    currency: str
    sessions: Days
    closes: Instants
    codes: tuple[str, ...]
    names: Mapping[str, str]
    open: Prices
    high: Prices
    low: Prices
    close: Prices
    has_bar: Flags
    traded: Flags
    book: str
    boards: tuple[str, ...]
    buyable: Flags
    sellable: Flags
    volume: Prices | None
    amount: Prices | None
    listed_on: Days
    delisted_on: Days
    moves: Moves
    endings: Endings
    indices: pd.DataFrame
    publications: Mapping[str, Publication]
    closes_only: bool
    notes: tuple[str, ...] = ()
    corrections: Corrections = NO_CORRECTIONS
    dividend: Prices | None = field(default=None, metadata=IF_ANY)
    ranked_value: Prices | None = field(default=None, metadata=IF_ANY)


def read_market(spec: MarketSpec, *, fewest_rows: int = FEWEST_ROWS) -> Market:
    """Read a market folder.

    Parameters
    ----------
    spec
        which folder, dates and indices
    fewest_rows
        a stock with fewer rows can give no sample; ``spec.short_stocks`` says what then

    Raises
    ------
    RollsightError
        If a file is missing or holds what cannot be right.
    """
    return align(read_folder(spec.folder), spec, fewest_rows=fewest_rows)


def align(folder: Folder, spec: MarketSpec, *, fewest_rows: int = FEWEST_ROWS) -> Market:
    """Lay a folder's tables on the sessions of its exchange, as `read_market` does.

    Raises
    ------
    RollsightError
        If the tables do not fit each other, the calendar or the spec.
    """
    settings, listings = folder.settings, folder.listings
    prices_path = folder.table("prices")
    require_daily(folder.prices, prices_path)
    korean = (spec.calendar or settings.calendar) == "XKRX" or (spec.book or settings.book) == "krx"
    if korean:
        check_codes(folder.prices["Code"].unique(), prices_path)
    prices, notes = _long_enough(folder, prices_path, fewest_rows, spec.short_stocks)
    if len(listings) and not prices["Code"].isin(listings.index).any():
        raise RollsightError(
            f"{folder.path}: no code of its listings, such as {listings.index[0]!r}, is among "
            f"those of its prices, such as {prices['Code'].iloc[0]!r}: write both alike"
        )
    if korean and len(listings):
        check_codes(listings.index, folder.table("listings"))
    calendar = calendar_of(spec, folder, prices)
    prices = closed_after_delisting(prices, listings)
    panel = Panel(prices, calendar, folder, spec.end)
    indices, publications, absent = indices_in_use(folder, spec, calendar)
    currency = spec.currency or settings.currency
    book = spec.book or settings.book or "none"
    boards, unlisted = boards_of(book, dict(listings["Market"].items()), panel.codes)
    if unlisted:
        first = next(iter(BOOKS[book].boards))
        without = counted(unlisted, "stock")
        notes.append(f"{without} without a Market in listings.csv: {first}'s rules are used")
    grids, halts = held_closes(
        panel.codes, panel.sessions, {c: panel.grid(c) for c in PRICE_COLUMNS}, panel.traded
    )
    opens, high, low, close = (grids[column] for column in PRICE_COLUMNS)
    upper, lower = locks(BOOKS[book], boards, panel.sessions, opens, close)
    moves = impossible_moves(BOOKS[book], boards, panel.codes, panel.sessions, grids, panel.traded)
    moves = replace(moves, found=furthest_first((*moves.found, *halts)))
    if spec.impossible == "refuse":
        refuse_moves(moves, prices_path)
    return Market(
        exchange=calendar.name,
        currency=currency or "",
        sessions=panel.sessions,
        closes=calendar.closes[: panel.n_days],
        codes=panel.codes,
        names={str(c): str(n) for c, n in listings["Name"].dropna().items() if c in panel.codes},
        open=opens,
        high=high,
        low=low,
        close=close,
        has_bar=panel.has_bar,
        traded=panel.traded,
        book=book,
        boards=boards,
        buyable=panel.traded & ~upper,
        sellable=panel.traded & ~lower,
        volume=panel.grid("Volume") if "Volume" in prices else None,
        amount=panel.grid("Amount") if "Amount" in prices else None,
        listed_on=_days(listings["First"], panel.codes),
        delisted_on=_days(listings["DelistingDate"].where(listings["Delisted"]), panel.codes),
        moves=moves,
        endings=endings(panel, listings, calendar, spec),
        indices=indices,
        publications=publications,
        closes_only=bool((prices["High"] == prices["Low"]).all()),
        notes=(
            *settings.notes,
            *notes,
            *absent,
            *move_notes(moves, BOOKS[book], book),
            *fall_notes(falls_behind_halts(panel.codes, panel.sessions, close, panel.traded)),
            *empty_sessions(panel, indices, publications, calendar.name),
            *volume_notes(prices),
            *listing_notes(listings, folder.prices, panel.codes),
        ),
        corrections=calendar.corrections,
        dividend=dividends_of(panel, "Dividend" in prices, spec, prices_path),
        ranked_value=panel.grid(RANKED_VALUE) if RANKED_VALUE in prices else None,
    )


def _days(dates: pd.Series, codes: tuple[str, ...]) -> Days:
    return dates.reindex(list(codes)).to_numpy().astype("datetime64[D]")


def _long_enough(
    folder: Folder, path: Path, fewest: int, short_stocks: str
) -> tuple[pd.DataFrame, list[str]]:
    prices = folder.prices
    rows = prices.groupby("Code").size()
    # What goes on behind a cut is no shorter than others: it stays, and gives no row yet.
    short = rows[(rows < fewest) & ~rows.index.isin(list(folder.going_on))]
    if short.empty:
        return prices, []
    named = ", ".join(f"{c!r} ({n} rows)" for c, n in short.head(5).items())
    if short_stocks == "refuse" or len(short) == len(rows):
        raise RollsightError(
            f"{path}: code {named} has fewer than the {fewest} rows of one input: "
            "delete it, or set market.short_stocks='drop'"
        )
    kept = prices[~prices["Code"].isin(short.index)].reset_index(drop=True)
    return kept, [f"{counted(len(short), 'stock')} of fewer than {fewest} rows left out: {named}"]
