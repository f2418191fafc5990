"""The rules that every feature keeps to: checks that raise where one is broken.

They look at a market that is made up: stocks of many prices, one listed late, one halted for a
while.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.features import IndexFeature, StockFeature
from rollsight.signals.features.panel import COLUMNS, TRADED, IndexPanel, StockPanel, read_only
from rollsight.signals.features.values import as_inputs, computed

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
P = TypeVar("P", StockPanel, IndexPanel)
ByDay = Callable[[P], Float32]  # a feature's values, the days first

STOCKS, INDICES, DAYS = 5, 4, 120
LATE, HALTED = 40, slice(60, 66)  # sessions without rows: of the last stock, of the one before it
PLACES = (0.3, 0.55, 0.8)  # of the sessions after which the rest is cut off or edited


def stock_declared(feature: StockFeature) -> None:
    """Raise unless a stock feature says what it is and needs."""
    _declared(feature.unit, feature.warm_up)
    if not isinstance(feature.cross_sectional, bool):
        raise RollsightError(f"cross_sectional={feature.cross_sectional!r}: say True or False")
    if not isinstance(feature.needs, tuple) or not feature.needs:
        raise RollsightError(f"needs={feature.needs!r}: name columns, as in ('Close',)")
    for column in feature.needs:
        if column not in COLUMNS:
            raise RollsightError(f"needs has {column!r} {did_you_mean(str(column), COLUMNS)}")


def index_declared(feature: IndexFeature) -> None:
    """Raise unless an index feature says what it is."""
    for kind in ("price", "percent"):
        _declared(feature.unit_of(kind), feature.warm_up)


def _declared(unit: object, warm_up: object) -> None:
    if not isinstance(unit, str) or not unit.strip():
        raise RollsightError(f"its unit is {unit!r}: say it in words, such as 'fraction'")
    if isinstance(warm_up, bool) or not isinstance(warm_up, int) or warm_up < 0:
        raise RollsightError(f"warm_up={warm_up!r}: say of how many sessions, 0 or more")


def shape(by_day: ByDay[P], panel: P) -> None:
    """Raise unless there are floats, and some numbers among them after the warm-up."""
    if np.isnan(by_day(panel)[len(panel.sessions) // 2 :]).all():
        raise RollsightError("it is NaN throughout, also after its warm-up")


def repeatable(by_day: ByDay[P], panel: P) -> None:
    """Raise unless the same panel gives the same bits."""
    _require_same(by_day(panel), by_day(panel), "asked again of the same prices")


def no_look_ahead(by_day: ByDay[P], panel: P) -> None:
    """Raise where a value depends on a later session."""
    whole, n = by_day(panel), len(panel.sessions)
    for day in (int(place * n) for place in PLACES):
        cut = by_day(panel.between(0, day + 1))
        _require_same(whole[: day + 1], cut, f"where the data ends with session {day}")
        edited = by_day(_edited(panel, day))[: day + 1]
        _require_same(whole[: day + 1], edited, f"where sessions after {day} are edited")


def warm_up_holds(by_day: ByDay[P], panel: P, warm_up: int) -> None:
    """Raise where a value depends on sessions before its warm-up."""
    whole, n = by_day(panel), len(panel.sessions)
    for first in (1, LATE + 1):
        later = by_day(panel.between(first, n))
        _require_same(
            whole[first + warm_up :],
            later[warm_up:],
            f"where the data begins with session {first} and warm_up={warm_up} (updated sums, such "
            "as pandas' rolling ones, carry what went before: sum each window by itself)",
            offset=first + warm_up,
        )


def independent(by_day: ByDay[StockPanel], panel: StockPanel) -> None:
    """Raise where a stock's values depend on the other stocks."""
    whole = by_day(panel)
    for stock in range(STOCKS):
        own = slice(stock, stock + 1)
        alone = panel.of_stocks(stock, stock + 1)
        _require_same(
            whole[:, own],
            by_day(alone),
            f"where stock {stock} is alone (say cross_sectional = True where that is meant)",
        )


def _require_same(one: Float32, other: Float32, when: str, offset: int = 0) -> None:
    differs = np.argwhere(~((one == other) | (np.isnan(one) & np.isnan(other))))
    if len(differs):
        day, series = map(int, differs[0])
        raise RollsightError(
            f"the value of session {day + offset} is {one[day, series]:.7g}, and "
            f"{other[day, series]:.7g} {when}"
        )


def _edited(panel: P, day: int) -> P:
    rng = np.random.default_rng(day)
    if isinstance(panel, IndexPanel):
        values = panel.values.copy()
        values[day + 1 :] *= rng.uniform(0.5, 2, values[day + 1 :].shape)
        return replace(panel, values=read_only(values))
    columns = {}
    for name, column in panel.columns.items():
        other = column.copy()
        other[:, day + 1 :] *= rng.uniform(0.5, 2, other[:, day + 1 :].shape)
        columns[name] = read_only(other)
    market = panel.market.copy()
    market[day + 1 :] *= rng.uniform(0.5, 2, len(market) - day - 1)
    return replace(panel, columns=columns, market=read_only(market))


def made_stocks(feature: StockFeature) -> StockPanel:
    """Return made-up prices of the columns that a feature needs, longer than its warm-up."""
    rng, n = np.random.default_rng(0), DAYS + 2 * feature.warm_up
    close = 10_000 * np.exp(np.cumsum(0.02 * rng.standard_normal((STOCKS, n)), axis=1))
    columns = dict(zip(COLUMNS, _bars(close, rng), strict=True))
    for name, column in columns.items():
        column[-2, HALTED] = 0 if name in (*TRADED, "Dividend") else close[-2, HALTED.start - 1]
        column[-1, :LATE] = np.nan
    traded, gains = columns["Volume"] > 0, getattr(feature, "gains", ())
    return StockPanel(
        _sessions(n),
        tuple(f"{i:06d}" for i in range(STOCKS)),
        {name: read_only(columns[name]) for name in (*feature.needs, *gains)},
        read_only(np.zeros((STOCKS, n), dtype=bool)),
        read_only(traded),
        read_only(0.01 * rng.standard_normal(n)),
    )


def _bars(close: Float64, rng: np.random.Generator) -> Iterator[Float64]:
    opens = close * np.exp(0.01 * rng.standard_normal(close.shape))
    volume: Float64 = np.floor(np.exp(rng.normal(10, 1, close.shape)))
    high, low = 1.01 * np.maximum(opens, close), 0.99 * np.minimum(opens, close)
    stock, day = np.indices(close.shape)
    paid = np.where((stock + day) % 7 == 0, 0.02 * close, 0.0)
    yield from (opens, high, low, close.copy(), volume, volume * close, paid)


def made_indices(feature: IndexFeature) -> IndexPanel:
    """Return made-up index values, one of them a yield in per cent that begins late."""
    rng, n = np.random.default_rng(0), DAYS + 2 * feature.warm_up
    values = 1_000 * np.exp(np.cumsum(0.01 * rng.standard_normal((n, INDICES)), axis=0))
    values[:, -1] = 3 + np.cumsum(0.05 * rng.standard_normal(n))
    values[:LATE, -1] = np.nan
    kinds = (*("price",) * (INDICES - 1), "percent")
    symbols = tuple(f"INDEX{i}" for i in range(INDICES))
    return IndexPanel(_sessions(n), symbols, kinds, read_only(values))  # type: ignore[arg-type]


def _sessions(n: int) -> npt.NDArray[np.datetime64]:
    return read_only(np.datetime64("2020-01-02", "D") + np.arange(n))


def _of_stocks(feature: StockFeature) -> ByDay[StockPanel]:
    def by_day(panel: StockPanel) -> Float32:
        shape = (len(panel.codes), len(panel.sessions))
        made = computed("it", lambda: feature(panel), shape, "(n_stocks, n_days)")
        return as_inputs("it", made).T

    return by_day


def _of_indices(feature: IndexFeature) -> ByDay[IndexPanel]:
    def by_day(panel: IndexPanel) -> Float32:
        made = computed("it", lambda: feature(panel), panel.values.shape, "(n_days, k)")
        return as_inputs("it", made)

    return by_day


def _stocks(check: Callable[[ByDay[StockPanel], StockPanel], None]) -> Callable[[Any], None]:
    return lambda feature: check(_of_stocks(feature), made_stocks(feature))


def _indices(check: Callable[[ByDay[IndexPanel], IndexPanel], None]) -> Callable[[Any], None]:
    return lambda feature: check(_of_indices(feature), made_indices(feature))


STOCK_CHECKS: Mapping[str, Callable[[StockFeature], None]] = {
    "It says its unit, the columns that it needs, and its warm-up.": stock_declared,
    "It returns (n_stocks, n_days) numbers that float32 can hold, NaN where unknown.": _stocks(
        shape
    ),
    "The same prices give the same values.": _stocks(repeatable),
    "No value depends on a later session.": _stocks(no_look_ahead),
    "No value depends on sessions before its warm-up.": lambda feature: warm_up_holds(
        _of_stocks(feature), made_stocks(feature), feature.warm_up
    ),
    "No value depends on other stocks, unless it is cross-sectional.": lambda feature: (
        None if feature.cross_sectional else _stocks(independent)(feature)
    ),
}
INDEX_CHECKS: Mapping[str, Callable[[IndexFeature], None]] = {
    "It says its unit and its warm-up.": index_declared,
    "It returns (n_days, k) numbers that float32 can hold, NaN where unknown.": _indices(shape),
    "The same values give the same inputs.": _indices(repeatable),
    "No value depends on a later session.": _indices(no_look_ahead),
    "No value depends on sessions before its warm-up.": lambda feature: warm_up_holds(
        _of_indices(feature), made_indices(feature), feature.warm_up
    ),
}
