"""Market folders with another future, an earlier end or a later beginning, for an audit."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from rollsight.signals.folder.checks.dividends import DIVIDEND
from rollsight.signals.folder.reading import Folder
from rollsight.signals.inputs.universe import Universe
from rollsight.signals.known.ledger import known_at
from rollsight.signals.known.symbols import Publication
from rollsight.signals.prices.market import RANKED_VALUE, Market

PRICES = ["Open", "High", "Low", "Close"]
NOISE = 0.1  # standard deviation of the log of an edit
HALTED, DELETED = 0.02, 0.01  # shares of the later rows
PAYING, MOST_PAID = 0.5, 0.05  # share of the later rows, and of their close


def as_used(folder: Folder, market: Market, found: Universe) -> Folder:
    """Return the folder with the index values in use, and the values that members were ranked by.

    Whether dates, values and volumes can be right was judged once, on the whole; an edit must not
    judge it again.
    """
    return with_ranked_values(replace(folder, indices=market.indices), market, found)


def with_ranked_values(folder: Folder, market: Market, found: Universe) -> Folder:
    """Return the folder with the traded values that members were ranked by, as a column.

    It is not Amount, which features are made of too: those of the run were not.
    """
    if found.value is None:
        return folder
    place = {code: i for i, code in enumerate(market.codes)}
    stock = folder.prices["Code"].map(place).fillna(-1).to_numpy(dtype=np.int64)
    dates = folder.prices["Date"].to_numpy().astype("datetime64[D]")
    day = np.minimum(np.searchsorted(market.sessions, dates), len(market.sessions) - 1)
    inside = (stock >= 0) & (market.sessions[day] == dates)
    value = np.nan_to_num(np.where(inside, found.value[stock, day], 0.0))
    return replace(folder, prices=folder.prices.assign(**{RANKED_VALUE: value}))


def another_future(folder: Folder, market: Market, day: int, rng: np.random.Generator) -> Folder:
    """Return the folder with all that is known only after a session's close changed.

    Every later bar has another level, another open within the session, and another high and low:
    a feature that reads only how a later bar is shaped sees it too. Every later volume and traded
    value is scaled, each by itself; some rows are halted, some deleted. Where there are dividends,
    some later rows have another one, and some one that had none. Every index value that
    becomes known later, also one dated on the session itself, is scaled, or shifted where it is a
    yield; some are deleted.
    """
    return replace(
        folder,
        prices=_other_prices(folder.prices, market.sessions[day], rng),
        indices=_other_indices(folder.indices, market.publications, market.closes[day], rng),
    )


def _other_prices(
    prices: pd.DataFrame, day: np.datetime64, rng: np.random.Generator
) -> pd.DataFrame:
    at = np.flatnonzero(prices["Date"].to_numpy() > day)
    table = prices.copy()
    for column, values in _other_bars(table.iloc[at][PRICES].to_numpy(), rng).items():
        table[column] = _with(table[column], at, values)
    halted = rng.random(len(at)) < HALTED
    table["Halted"] = _with(table["Halted"], at, table["Halted"].to_numpy()[at] | halted)
    for column in ("Volume", "Amount", RANKED_VALUE):
        if column in table:
            factor = np.where(halted, 0, np.exp(5 * NOISE * rng.standard_normal(len(at))))
            table[column] = _scaled(table[column], at, factor)
    if DIVIDEND in table:
        paid = rng.uniform(0, MOST_PAID, len(at)) * table["Close"].to_numpy()[at]
        chosen = rng.random(len(at)) < PAYING
        table[DIVIDEND] = _with(table[DIVIDEND], at[chosen], paid[chosen])
    return table.drop(index=table.index[at[rng.random(len(at)) < DELETED]]).reset_index(drop=True)


def _other_bars(bars: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return other bars (n, 4); one without a range keeps none, as in a folder of closes alone."""
    noise = NOISE * rng.standard_normal((len(bars), 4))
    noise[:, 1:] *= (bars[:, 1] > bars[:, 2])[:, None]
    opened, close = bars[:, 0] * np.exp(noise[:, 0] + noise[:, 1]), bars[:, 3] * np.exp(noise[:, 0])
    high = np.maximum(opened, close) * np.exp(np.abs(noise[:, 2]))
    low = np.minimum(opened, close) * np.exp(-np.abs(noise[:, 3]))
    return dict(zip(PRICES, (opened, high, low, close), strict=True))


def _other_indices(
    indices: pd.DataFrame,
    publications: Mapping[str, Publication],
    decided: np.datetime64,
    rng: np.random.Generator,
) -> pd.DataFrame:
    table = indices.copy()
    for symbol, publication in publications.items():
        at = np.flatnonzero(_unknown(indices, publication, decided))
        noise = NOISE * rng.standard_normal(len(at))
        if publication.unit == "percent":
            table[symbol] = _with(table[symbol], at, table[symbol].to_numpy()[at] + noise)
        else:
            table[symbol] = _scaled(table[symbol], at, np.exp(noise))
        gone = at[rng.random(len(at)) < DELETED]
        table[symbol] = _with(table[symbol], gone, np.full(len(gone), np.nan))
    return table


def ended(folder: Folder, market: Market, day: int) -> Folder:
    """Return the folder as it stood at a session's close: nothing that became known later."""
    last, decided = market.sessions[day], market.closes[day]
    table = folder.indices.copy()
    for symbol, publication in market.publications.items():
        table[symbol] = table[symbol].mask(_unknown(table, publication, decided))
    unknown = _delisted_later(folder.listings, market, day)
    return replace(
        folder,
        prices=folder.prices[folder.prices["Date"] <= last].reset_index(drop=True),
        indices=table.dropna(how="all"),
        listings=folder.listings.assign(
            Delisted=folder.listings["Delisted"] & ~unknown,
            DelistingDate=folder.listings["DelistingDate"].mask(unknown),
        ),
    )


def _delisted_later(listings: pd.DataFrame, market: Market, day: int) -> pd.Series:
    """Return which codes are not known to be delisted by a session, wherever their rows end."""
    dated = listings["DelistingDate"]
    later: pd.Series = dated > market.sessions[day]
    # What has no date is known from the silence that follows its last trade; see `endings`.
    silent = pd.Series(market.endings.session, list(market.codes)).reindex(listings.index)
    return later | (dated.isna() & ~silent.between(0, day))


def begun(folder: Folder, market: Market, day: int) -> Folder:
    """Return the folder without any price or index value dated before a session."""
    first = market.sessions[day]
    kept = folder.prices["Date"] >= first
    return replace(
        folder,
        prices=folder.prices[kept].reset_index(drop=True),
        indices=folder.indices[folder.indices.index >= first],
    )


def unbroken(folder: Folder, market: Market, first: int, stop: int) -> Folder:
    """Return the folder without stocks that have rows before a span of sessions and none in it.

    Nobody who begins in ``first`` knows what such a stock was worth until its next row comes, nor
    that one which never trades again has ended: those are left out too.
    """
    before, there = market.has_bar[:, :first], market.has_bar[:, first:stop]
    ended = (market.endings.session >= 0) & ~market.traded[:, first:].any(axis=1)
    broken = np.flatnonzero(before.any(axis=1) & (ended | ~there.any(axis=1)))
    if not len(broken):
        return folder
    gone = folder.prices["Code"].isin([market.codes[stock] for stock in broken])
    return replace(folder, prices=folder.prices[~gone].reset_index(drop=True))


def _unknown(indices: pd.DataFrame, publication: Publication, decided: np.datetime64) -> np.ndarray:
    dates = indices.index.to_numpy().astype("datetime64[D]")
    return np.asarray(known_at(dates, publication) > decided)


def _scaled(column: pd.Series, at: np.ndarray, factor: np.ndarray) -> pd.Series:
    return _with(column, at, column.to_numpy()[at] * factor)


def _with(column: pd.Series, at: np.ndarray, values: np.ndarray) -> pd.Series:
    out = column.to_numpy(dtype=np.result_type(column.to_numpy(), values), copy=True)
    out[at] = values
    return pd.Series(out, column.index)
