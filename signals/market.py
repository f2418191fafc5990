"""A market folder, read and validated: prices on the exchange's sessions, indices by own date."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import Field, ValidationError, field_validator

from rollsight.signals import tables
from rollsight.signals.calendar import Calendar, Days, Instants, exchange_calendar
from rollsight.signals.errors import RollsightError, did_you_mean
from rollsight.signals.panel import Endings, Flags, Panel, Prices, endings
from rollsight.signals.spec import MarketSpec, Spec
from rollsight.signals.symbols import SYMBOLS, Publication

FEWEST_ROWS = 4  # of a stock, where the caller does not know how many an input takes
STOCK_CHANNEL = "close"  # name of the input that a stock's own closes give


@dataclass(frozen=True, eq=False)
class Market:
    """Prices of every stock on every session of the exchange, and the raw index values.

    Attributes
    ----------
    exchange : calendar code of the stocks' exchange, such as ``XKRX``
    currency : code of the quote currency, such as ``KRW``
    sessions : (n_days,) datetime64[D]
    closes : (n_days,) datetime64[ns], UTC; a row is decided at its session's close
    codes : stock codes, ascending
    names : display name of each code that has one
    open, high, low, close : (n_stocks, n_days), quote currency; NaN where there is no row
    has_bar : (n_stocks, n_days); the folder has a row
    traded : (n_stocks, n_days); the row has volume, or the folder has no volumes, and no halt
    endings : how delisted stocks stop trading for good
    indices : columns in use, by own date, NaN where that market was closed
    publications : for each index in use, when its values become known
    closes_only : the folder has no Open, High, Low: fills are at the next close
    notes : what was left out, one sentence each
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
    endings: Endings
    indices: pd.DataFrame
    publications: Mapping[str, Publication]
    closes_only: bool
    notes: tuple[str, ...] = ()


class _IndexEntry(Spec):
    name: str | None = None
    calendar: str | None = None
    timezone: str | None = None
    close: time | None = None
    lag_hours: float = Field(0.0, ge=0)
    unit: str = Field("price", pattern="^(price|percent)$")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return value if value is None else ZoneInfo(value).key
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is no time zone; write one such as Asia/Seoul") from error


class _MarketToml(Spec):
    notes: tuple[str, ...] = ()
    calendar: str | None = None
    currency: str | None = None
    indices: dict[str, _IndexEntry] = Field(default_factory=dict)


def market_folder(folder: str) -> Path:
    """Return the path of a market folder; ``sample`` is the embedded one.

    Raises
    ------
    RollsightError
        If there is no such folder.
    """
    if folder == "sample":
        return Path(str(resources.files("rollsight.signals") / "sample_market"))
    path = Path(folder)
    if not path.is_dir():
        raise RollsightError(
            f"market.folder={folder!r} is no folder: give a folder with prices.parquet or "
            "prices.csv and indices.parquet or indices.csv, or 'sample'"
        )
    return path


def read_market(spec: MarketSpec, *, fewest_rows: int = FEWEST_ROWS) -> Market:
    """Read a market folder.

    Parameters
    ----------
    spec : which folder, dates and indices
    fewest_rows : a stock with fewer rows can give no sample; ``spec.short_stocks`` says what then

    Raises
    ------
    RollsightError
        If a file is missing or holds what cannot be right.
    """
    folder = market_folder(spec.folder)
    settings = _read_settings(folder)
    prices_path = _required(folder, "prices")
    prices = tables.read_prices(prices_path)
    prices, notes = _long_enough(prices, prices_path, fewest_rows, spec.short_stocks)
    listings = tables.read_listings(tables.find_table(folder, "listings"))
    if len(listings) and not set(listings.index) & set(prices["Code"]):
        raise RollsightError(
            f"{folder}: no code of its listings, such as {listings.index[0]!r}, is among those of "
            f"its prices, such as {prices['Code'].iloc[0]!r}: write both alike"
        )
    calendar = _calendar_of(spec, settings, folder, prices, listings)
    panel = Panel(prices, calendar, prices_path, spec.end)
    indices, publications, absent = _read_indices(folder, spec, settings)
    currency = spec.currency or settings.currency
    return Market(
        exchange=calendar.name,
        currency=currency or "",
        sessions=panel.sessions,
        closes=calendar.closes[: panel.n_days],
        codes=panel.codes,
        names={str(c): str(n) for c, n in listings["Name"].dropna().items() if c in panel.codes},
        open=panel.grid("Open"),
        high=panel.grid("High"),
        low=panel.grid("Low"),
        close=panel.grid("Close"),
        has_bar=panel.has_bar,
        traded=panel.traded,
        endings=endings(panel, listings, calendar, spec),
        indices=indices,
        publications=publications,
        closes_only=bool((prices["High"] == prices["Low"]).all()),
        notes=(*settings.notes, *notes, *absent, *_empty_sessions(panel)),
    )


def _empty_sessions(panel: Panel) -> list[str]:
    first = int(panel.has_bar.any(axis=0).argmax())
    empty = np.flatnonzero(~panel.has_bar[:, first:].any(axis=0)) + first
    if not len(empty):
        return []
    return [
        f"{len(empty)} sessions have no row of any stock, the first {panel.sessions[empty[0]]}: "
        "nothing is decided or filled in them"
    ]


def _read_settings(folder: Path) -> _MarketToml:
    path = folder / "market.toml"
    if not path.is_file():
        return _MarketToml()
    try:
        return _MarketToml.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RollsightError(f"{path} is not TOML ({error}): mend that line") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            entry = len(first["loc"]) > 1
            have = (_IndexEntry if entry else _MarketToml).model_fields
            hint = did_you_mean(key.split(".")[-1], have)
            raise RollsightError(f"{path} has a key {key!r} that is not known {hint}") from error
        message = first["msg"].removeprefix("Value error, ")
        raise RollsightError(f"{path}: {key}={first['input']!r}: {message}") from error


def _required(folder: Path, stem: str) -> Path:
    path = tables.find_table(folder, stem)
    if path is None:
        have = sorted(p.name for p in folder.iterdir())[:10]
        raise RollsightError(
            f"{folder} has no {stem}.parquet or {stem}.csv (have {have}): write one of them"
        )
    return path


def _long_enough(
    prices: pd.DataFrame, path: Path, fewest: int, short_stocks: str
) -> tuple[pd.DataFrame, list[str]]:
    rows = prices.groupby("Code").size()
    short = rows[rows < fewest]
    if short.empty:
        return prices, []
    named = ", ".join(f"{c!r} ({n} rows)" for c, n in short.head(5).items())
    if short_stocks == "refuse" or len(short) == len(rows):
        raise RollsightError(
            f"{path}: code {named} has fewer than the {fewest} rows of one input: "
            "delete it, or set market.short_stocks='drop'"
        )
    kept = prices[~prices["Code"].isin(short.index)].reset_index(drop=True)
    return kept, [f"{len(short)} stocks of fewer than {fewest} rows were left out: {named}"]


def _calendar_of(
    spec: MarketSpec,
    settings: _MarketToml,
    folder: Path,
    prices: pd.DataFrame,
    listings: pd.DataFrame,
) -> Calendar:
    name = spec.calendar or settings.calendar
    if name is None:
        raise RollsightError(
            f'{folder} does not say which exchange its stocks trade on: write calendar = "XKRX" '
            "(or another exchange's code) in its market.toml, or set market.calendar"
        )
    first, last = prices["Date"].min(), prices["Date"].max()
    # Delisting dates may lie beyond the last row; the gap to them is counted in sessions too.
    delisted = listings.loc[listings["Delisted"].astype(bool), "DelistingDate"].dropna()
    last = max([last, *delisted[delisted < last + pd.Timedelta(days=400)]])
    return exchange_calendar(name, np.datetime64(first, "D"), np.datetime64(last, "D"))


def _read_indices(
    folder: Path, spec: MarketSpec, settings: _MarketToml
) -> tuple[pd.DataFrame, dict[str, Publication], list[str]]:
    path = _required(folder, "indices")
    table = tables.read_indices(path)
    have = [str(c) for c in table.columns]
    wanted = have if spec.indices == "all" else list(spec.indices)
    if len(set(wanted)) < len(wanted):
        raise RollsightError(f"market.indices={wanted} names an index twice: keep each once")
    if STOCK_CHANNEL in wanted:
        raise RollsightError(
            f"{path}: column {STOCK_CHANNEL!r} has the name of the stocks' own input: rename it"
        )
    used = [s for s in wanted if s in have]
    absent = [s for s in wanted if s not in have]
    for symbol in absent:
        if symbol not in SYMBOLS:
            raise RollsightError(
                f"market.indices: {path} has no column {symbol!r} {did_you_mean(symbol, have)}"
            )
    if not used:
        raise RollsightError(
            f"market.indices={wanted}: {path} has none of them (have {have}): "
            "name at least one that it has"
        )
    publications = {s: _publication(s, settings, folder) for s in used}
    for symbol in used:
        tables.check_index(
            table[symbol], path, may_be_negative=publications[symbol].unit == "percent"
        )
    if spec.benchmark is not None and spec.benchmark not in used:
        raise RollsightError(
            f"market.benchmark={spec.benchmark!r} is not among the indices in use "
            f"{did_you_mean(spec.benchmark, used)}"
        )
    notes = [f"{path.name} has no {', '.join(absent)}: left out"] if absent else []
    return table[used].astype("float64"), publications, notes


def _publication(symbol: str, settings: _MarketToml, folder: Path) -> Publication:
    entry = settings.indices.get(symbol)
    if entry is None:
        if symbol in SYMBOLS:
            return SYMBOLS[symbol]
        raise RollsightError(
            f"index {symbol!r} is unknown: say when its values become known, in "
            f'{folder / "market.toml"}: [indices.{symbol}] timezone = "America/New_York", '
            'close = 16:00:00 (or calendar = "XNYS"), lag_hours = 0, unit = "price" or "percent"'
        )
    if entry.calendar is None and (entry.timezone is None or entry.close is None):
        raise RollsightError(
            f"{folder / 'market.toml'}: [indices.{symbol}] needs calendar, or timezone and close"
        )
    return Publication(
        name=entry.name or symbol,
        timezone=entry.timezone or "UTC",
        close=entry.close or time(23, 59, 59),
        calendar=entry.calendar,
        lag_hours=entry.lag_hours,
        unit="percent" if entry.unit == "percent" else "price",
    )
