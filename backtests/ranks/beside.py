"""Where a score ranks, how long it does, and what its features do by themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.ranks.coefficients import FEWEST_NAMES
from rollsight.backtests.ranks.ranked import Both, Ranked, both_outcomes, ranked
from rollsight.backtests.spec import RunSpec
from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.inputs.tradedvalue import traded_value, trailing_mean
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import LabelSpec

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HORIZONS = (1, 2, 3, 5, 10, 20, 40, 60)
SIZES = ("small", "middle", "large")
VALUE_DAYS = 60


@dataclass(frozen=True)
class Beside:
    """Rank coefficients by kinds of stocks, by horizon, and of single features.

    Attributes
    ----------
    every
        of how many decision dates one is looked at: labels of neighbours overlap
    sizes
        by traded value within the date, in thirds; empty where the folder has none
    boards
        of the exchange, where stocks of the run are of more than one
    horizons
        of the same trades, sold after so many sessions
    features
        where they are ranks within the date; the model's own coefficients come first
    """

    every: int
    sizes: tuple[Ranked, ...] = ()
    boards: tuple[Ranked, ...] = ()
    horizons: tuple[Ranked, ...] = ()
    features: tuple[Ranked, ...] = ()


@dataclass(frozen=True, eq=False)
class Rows:
    """Labelled rows of some dates: (n,) each.

    Attributes
    ----------
    date
        position among these dates
    """

    stock: Ints
    day: Ints
    date: Ints
    score: Float64
    made: Float64
    volatility: Float64

    @property
    def both(self) -> Both:
        """What they made, among all stocks of the date and among those as volatile."""
        return both_outcomes(self.made, self.volatility, self.date)

    def of(self, kept: Flags) -> "Rows":
        """Return some of the rows."""
        return Rows(*(values[kept] for values in vars(self).values()))


def ranks_beside(ready: Prepared, spec: RunSpec, signals: pd.DataFrame) -> Beside | None:
    """Return the coefficients of a run's scores; None where no date has `FEWEST_NAMES` stocks.

    Every date would cost several times as much and add little, since the labels of neighbouring
    dates overlap: one date in half a label's span is looked at.

    Parameters
    ----------
    signals
        one row a decision, with stock and day
    """
    every = max(1, (spec.label.horizon + 1) // 2)
    rows = _rows(signals, every)
    if not len(rows.day) or np.bincount(rows.date).max() < FEWEST_NAMES:
        return None
    span = _span(spec.label.horizon, every)
    return Beside(
        every=every,
        sizes=tuple(_groups(rows, _third(rows, ready), SIZES, span)),
        boards=tuple(_groups(rows, *_boards(rows, ready.market), span)),
        horizons=tuple(_horizons(rows, ready, every)),
        features=tuple(_features(rows, ready, span)) if _relative(spec) else (),
    )


def held_returns(market: Market, horizon: int, *, before: int) -> Float64:
    """Return what the trade after each decision makes, held for so many sessions.

    As `trade_labels`: bought at the next open where that can be, sold at the first open from
    ``horizon`` sessions later on at which that can be.

    Parameters
    ----------
    before
        session by which a trade must have ended to have a return

    Returns
    -------
    (n_stocks, n_days) fractions, NaN where there is no such trade
    """
    found = trade_labels(market, LabelSpec(horizon=horizon))
    return np.where(found.sold_at < before, found.label_return, np.nan)


def _rows(signals: pd.DataFrame, every: int) -> Rows:
    """Return the labelled rows of every so manieth date."""
    day = signals["day"].to_numpy(np.int64)
    dates = np.unique(day)[::every]
    made = signals["label_return"].to_numpy(np.float64)
    kept = np.isin(day, dates) & np.isfinite(made)
    up, down = (signals[c].to_numpy(np.float64) for c in ("p_up", "p_down"))
    return Rows(
        stock=signals["stock"].to_numpy(np.int64)[kept],
        day=day[kept],
        date=np.searchsorted(dates, day[kept]),
        score=(up - down)[kept],
        made=made[kept],
        volatility=signals["volatility"].to_numpy(np.float64)[kept],
    )


def _span(horizon: int, every: int) -> int:
    """Return how many of the dates that are looked at a return spans."""
    return -(-(horizon + 1) // every)


def _ranked(name: str, rows: Rows, span: int) -> Ranked:
    return ranked(name, rows.score, rows.both, span=span)


def _groups(rows: Rows, group: Ints, names: Sequence[str], span: int) -> Iterator[Ranked]:
    """Yield the coefficients within each group of stocks that has dates enough of its own."""
    for number, name in enumerate(names):
        found = _ranked(name, rows.of(group == number), span)
        if found.plain.dates:
            yield found


def _third(rows: Rows, ready: Prepared) -> Ints:
    """Return the third of each row by the traded value of its date, -1 where there is none."""
    value = traded_value(ready.market, ready.universe.value)
    if value is None:
        return np.full(len(rows.day), -1)
    own = trailing_mean(value, VALUE_DAYS)[rows.stock, rows.day]
    order = np.lexsort((rows.stock, own, rows.date))
    names = np.bincount(rows.date)
    place = np.arange(len(own)) - np.repeat(np.cumsum(names) - names, names)
    third = np.empty(len(own), dtype=np.int64)
    third[order] = place * len(SIZES) // np.repeat(names, names)
    return third


def _boards(rows: Rows, market: Market) -> tuple[Ints, list[str]]:
    names = sorted({market.boards[stock] for stock in np.unique(rows.stock)})
    number = np.array([names.index(b) if b in names else -1 for b in market.boards])
    return number[rows.stock], names if len(names) > 1 else []


def _horizons(rows: Rows, ready: Prepared, every: int) -> Iterator[Ranked]:
    stop = ready.windows[-1].test.stop
    for horizon in HORIZONS:
        made = held_returns(ready.market, horizon, before=stop)[rows.stock, rows.day]
        held = replace(rows, made=made)
        yield _ranked(str(horizon), held, _span(horizon, every))


def _relative(spec: RunSpec) -> bool:
    return spec.features.normalise == "cross-section"


def _features(rows: Rows, ready: Prepared, span: int) -> Iterator[Ranked]:
    made = rows.both
    yield ranked("model", rows.score, made, span=span)
    for number, channel in enumerate(ready.samples.own):
        own = ready.samples.stocks[rows.stock, rows.day, number].astype(np.float64)
        yield ranked(channel.name, own, made, span=span)
