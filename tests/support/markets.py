"""Small synthetic markets on real KRX sessions, for every test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.features.channels import Channel
from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.inputs.samples import SampleSet, build_samples
from rollsight.signals.known.calendar import Calendar, Days, Instants, exchange_calendar
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.endings import Endings
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.prices.moves import Moves
from rollsight.signals.rules.rulebook import BOOKS
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec

Float64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

INDICES = {"KS11": "XKRX", "GSPC": "XNYS"}  # symbol: the exchange whose sessions date it
LEAD_DAYS = 20  # calendar days of indices before the first stock row


@dataclass(frozen=True)
class Recipe:
    """What a synthetic market folder holds.

    Attributes
    ----------
    first
        no stock row lies before this date
    halts
        (stock, session) rows with volume and Open, High, Low of 0
    missing
        (stock, session) rows that are left out
    last_rows
        session of the last row of each delisted stock; it delists the session after
    suffix
        ``parquet`` or ``csv``
    pays
        every ninth row has a dividend of two per cent of its open
    """

    n_stocks: int = 3
    n_days: int = 60
    first: str = "2024-01-02"
    seed: int = 0
    volume: bool = True
    halts: tuple[tuple[int, int], ...] = ()
    missing: tuple[tuple[int, int], ...] = ()
    last_rows: Mapping[int, int] = field(default_factory=dict)
    suffix: str = "parquet"
    pays: bool = False


@cache
def whole_calendar(name: str) -> Calendar:
    """Return an exchange's sessions of 2010 to 2025, made once: it takes a while."""
    return exchange_calendar(name, np.datetime64("2010-01-01"), np.datetime64("2025-12-31"))


def sessions_between(first: np.datetime64, last: np.datetime64, *, calendar: str = "XKRX") -> Days:
    """Return the sessions of an exchange from a date to a date, both inclusive."""
    every = whole_calendar(calendar).sessions
    return every[(every >= first) & (every <= last)]


def sessions(n_days: int, *, first: str = "2024-01-02", calendar: str = "XKRX") -> Days:
    """Return the first ``n_days`` sessions of an exchange from a date on."""
    every = whole_calendar(calendar).sessions
    return every[every >= np.datetime64(first, "D")][:n_days]


def closes_of(days: Days, *, calendar: str = "XKRX") -> Instants:
    """Return the UTC instants at which an exchange's sessions close."""
    whole = whole_calendar(calendar)
    return whole.closes[np.searchsorted(whole.sessions, days)]


def codes(n_stocks: int) -> list[str]:
    """Return codes with leading zeros: 000010, 000020, ..."""
    return [f"{10 * (i + 1):06d}" for i in range(n_stocks)]


def write_market(folder: Path, recipe: Recipe = Recipe()) -> Path:
    """Write a market folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_table(price_table(recipe), folder / f"prices.{recipe.suffix}")
    write_table(index_table(recipe), folder / f"indices.{recipe.suffix}")
    (folder / "market.toml").write_text('calendar = "XKRX"\ncurrency = "KRW"\n', encoding="utf-8")
    if recipe.last_rows:
        listing_table(recipe).to_csv(folder / "listings.csv", index=False)
    return folder


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as its name's ending says."""
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path, index=False)


def small_market(folder: Path, recipe: Recipe = Recipe()) -> Market:
    """Write a market folder and return it as read."""
    return read_market(MarketSpec(folder=str(write_market(folder, recipe))))


def small_samples(market: Market, *, lookback: int = 12, horizon: int = 3) -> SampleSet:
    """Return the samples of a market with a short lookback and horizon."""
    features, label = FeatureSpec(lookback=lookback), LabelSpec(horizon=horizon)
    return build_samples(market, MarketSpec(), features, label)[0]


def price_table(recipe: Recipe) -> pd.DataFrame:
    """Return price rows in whole won, ascending in Date within each Code."""
    rng = np.random.default_rng(recipe.seed)
    days = sessions(recipe.n_days, first=recipe.first)
    parts = [
        _stock_table(code, days, rng, recipe, stock)
        for stock, code in enumerate(codes(recipe.n_stocks))
    ]
    table = pd.concat(parts, ignore_index=True)
    if recipe.pays:
        ninth = table.index % 9 == 4
        table["Dividend"] = np.where(ninth, (0.02 * table["Open"]).round(), 0.0)
    return table if recipe.volume else table.drop(columns="Volume")


def index_table(recipe: Recipe) -> pd.DataFrame:
    """Return one column of closes a symbol, empty where its exchange was closed."""
    rng = np.random.default_rng([recipe.seed, 1])
    days = sessions(recipe.n_days, first=recipe.first)
    first, last = days[0] - np.timedelta64(LEAD_DAYS, "D"), days[-1]
    columns = {}
    for symbol, calendar in INDICES.items():
        dates = sessions_between(first, last, calendar=calendar)
        walk = 2000 * np.exp(np.cumsum(0.01 * rng.standard_normal(len(dates))))
        columns[symbol] = pd.Series(walk.round(2), index=pd.DatetimeIndex(dates))
    return pd.DataFrame(columns).rename_axis("Date").reset_index()


def listing_table(recipe: Recipe) -> pd.DataFrame:
    """Return listings in which the stocks of ``last_rows`` are delisted."""
    days = sessions(recipe.n_days + 1, first=recipe.first)
    gone = [recipe.last_rows.get(stock) for stock in range(recipe.n_stocks)]
    return pd.DataFrame(
        {
            "Code": codes(recipe.n_stocks),
            "Name": [f"Stock {stock}" for stock in range(recipe.n_stocks)],
            "Market": "KOSPI",
            "Delisted": [last is not None for last in gone],
            "DelistingDate": ["" if last is None else str(days[last + 1]) for last in gone],
        }
    )


def market_of(
    opens: Float64,
    *,
    traded: Flags | None = None,
    has_bar: Flags | None = None,
    ends: Mapping[int, tuple[int, float]] | None = None,
    locked_up: Flags | None = None,
    locked_down: Flags | None = None,
    volume: Float64 | None = None,
    book: str = "none",
    first: str = "2024-01-02",
    moves: Moves | None = None,
) -> Market:
    """Return a market of given opens (n_stocks, n_days), all prices of a day equal.

    Parameters
    ----------
    traded, has_bar
        all of them where not given
    ends
        of each delisted stock, the session of its end and its terminal value
    locked_up, locked_down
        opens at the daily limit; none where not given
    book
        its first board is that of every stock
    moves
        prices that cannot be right; none where not given
    """
    n_stocks, n_days = opens.shape
    days = sessions(n_days, first=first)
    every = np.ones(opens.shape, dtype=bool)
    trades = every if traded is None else traded
    ends_for_good, terminal = np.full(n_stocks, -1), np.full(n_stocks, np.nan)
    for stock, (session, value) in (ends or {}).items():
        ends_for_good[stock], terminal[stock] = session, value
    return Market(
        exchange="XKRX",
        currency="KRW",
        sessions=days,
        closes=closes_of(days),
        codes=tuple(codes(n_stocks)),
        names={},
        open=opens,
        high=opens,
        low=opens,
        close=opens,
        has_bar=every if has_bar is None else has_bar,
        traded=trades,
        book=book,
        boards=(next(iter(BOOKS[book].boards)),) * n_stocks,
        buyable=trades if locked_up is None else trades & ~locked_up,
        sellable=trades if locked_down is None else trades & ~locked_down,
        volume=volume,
        amount=None,
        listed_on=np.full(n_stocks, np.datetime64("NaT", "D")),
        delisted_on=np.full(n_stocks, np.datetime64("NaT", "D")),
        moves=no_moves(opens.shape) if moves is None else moves,
        endings=Endings(ends_for_good, terminal, ends_for_good >= 0),
        indices=pd.DataFrame({"KS11": np.arange(1.0, n_days + 1)}, index=pd.DatetimeIndex(days)),
        publications={"KS11": SYMBOLS["KS11"].publication},
        closes_only=False,
    )


def no_moves(shape: tuple[int, ...]) -> Moves:
    """Return that every price of (n_stocks, n_days) can be right."""
    return Moves(np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool), ())


def random_samples(
    n_stocks: int,
    n_days: int,
    *,
    horizon: int = 3,
    lookback: int = 12,
    seed: int = 0,
    k: int = 2,
    c: int = 1,
) -> SampleSet:
    """Return samples of random opens and random inputs, every full row usable.

    Parameters
    ----------
    k
        indices
    c
        channels of each stock, three at most
    """
    rng = np.random.default_rng(seed)
    market = market_of(1000 * np.exp(np.cumsum(0.02 * rng.standard_normal((n_stocks, n_days)), 1)))
    usable = np.zeros((n_stocks, n_days), dtype=bool)
    usable[:, lookback:] = True
    return SampleSet(
        stocks=(0.02 * rng.standard_normal((n_stocks, n_days, c))).astype(np.float32),
        indices=(0.01 * rng.standard_normal((n_days, k))).astype(np.float32),
        usable=usable,
        labels=trade_labels(market, LabelSpec(horizon=horizon)),
        lookback=lookback,
        own=own_channels(*("close", "range", "volume")[:c]),
        shared=shared_channels(k),
    )


def own_channels(*names: str) -> tuple[Channel, ...]:
    """Return channels of a stock."""
    return tuple(Channel(name, "fraction", name) for name in names)


def shared_channels(k: int) -> tuple[Channel, ...]:
    """Return a channel of each of k indices."""
    return tuple(Channel(f"index{i}", "fraction", f"Index {i}", f"index{i}") for i in range(k))


def _stock_table(
    code: str, days: Days, rng: np.random.Generator, recipe: Recipe, stock: int
) -> pd.DataFrame:
    n = len(days)
    close = 10_000 * np.exp(np.cumsum(0.02 * rng.standard_normal(n)))
    opened = np.r_[10_000, close[:-1]] * np.exp(0.005 * rng.standard_normal(n))
    table = pd.DataFrame(
        {
            "Date": pd.DatetimeIndex(days),
            "Code": code,
            "Open": opened.round(),
            "High": (1.01 * np.maximum(opened, close)).round(),
            "Low": (0.99 * np.minimum(opened, close)).round(),
            "Close": close.round(),
            "Volume": rng.integers(1_000, 100_000, n),
        }
    )
    halted = [day for at, day in recipe.halts if at == stock]
    table.loc[halted, ["Open", "High", "Low", "Volume"]] = 0
    if not recipe.volume:
        table["Halted"] = table.index.isin(halted)
    table = table.drop(index=[day for at, day in recipe.missing if at == stock])
    return table[table.index <= recipe.last_rows.get(stock, n)]
