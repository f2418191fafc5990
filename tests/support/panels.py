"""Small panels of opens and closes, and the signal tables that trade on them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import LabelSpec
from rollsight.strategies.costs import Costs
from rollsight.strategies.plan import Buy, Buys
from rollsight.strategies.spec import StrategySpec
from tests.support.markets import market_of

Float64 = npt.NDArray[np.float64]
Rows = Sequence[Sequence[float]]
Cells = Sequence[tuple[int, int]]

# The whole cash goes into one position, and nothing is kept back.
ALL_IN = StrategySpec(cash=10_000.0, max_positions=1, cash_buffer=0.0)
# The same, with a tenth kept back for opens above the close before.
ROOMY = StrategySpec(cash=10_000.0, max_positions=1, cash_buffer=0.1)


def panel(
    opens: Rows | Float64,
    closes: Rows | Float64 | None = None,
    *,
    halted: Cells = (),
    missing: Cells = (),
    ends: Mapping[int, tuple[int, float]] | None = None,
    locked_up: Cells = (),
    locked_down: Cells = (),
    volume: Rows | Float64 | None = None,
    book: str = "none",
) -> Market:
    """Return a market of given opens and closes (n_stocks, n_days); closes are opens by default.

    Parameters
    ----------
    halted
        (stock, session) that have a row but did not trade
    missing
        (stock, session) without a row
    ends
        of each delisted stock, the session of its end and its terminal value
    locked_up, locked_down
        (stock, session) whose open stands at the daily limit
    """
    opened = np.array(opens, dtype="float64")
    closed = opened.copy() if closes is None else np.array(closes, dtype="float64")
    has_bar = np.ones(opened.shape, dtype=bool)
    for stock, session in missing:
        has_bar[stock, session] = False
    for stock, (session, _) in (ends or {}).items():
        has_bar[stock, session:] = False
    opened[~has_bar] = closed[~has_bar] = np.nan
    market = market_of(
        opened,
        traded=has_bar & ~_flags(halted, opened.shape),
        has_bar=has_bar,
        ends=ends,
        locked_up=_flags(locked_up, opened.shape),
        locked_down=_flags(locked_down, opened.shape),
        volume=None if volume is None else np.array(volume, dtype="float64"),
        book=book,
    )
    return replace(
        market,
        close=closed,
        high=np.maximum(opened, closed),
        low=np.minimum(opened, closed),
    )


def _flags(cells: Cells, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    flags = np.zeros(shape, dtype=bool)
    for stock, session in cells:
        flags[stock, session] = True
    return flags


def flat(n_stocks: int, n_days: int, price: float = 100.0) -> Float64:
    """Return one price for every stock and session."""
    return np.full((n_stocks, n_days), price)


def signals_of(
    market: Market, buys: Sequence[tuple[int, int, float]], *, horizon: int
) -> pd.DataFrame:
    """Return the signal table whose buys are (stock, day, score), with their labels."""
    labels = trade_labels(market, LabelSpec(horizon=horizon))
    stock = np.array([b[0] for b in buys], dtype="int64")
    day = np.array([b[1] for b in buys], dtype="int64")
    label = pd.Series(labels.label[stock, day], dtype="Int8")
    return pd.DataFrame(
        {
            "stock": stock,
            "day": day,
            "window": 0,
            "score": np.array([b[2] for b in buys], dtype="float64"),
            "buy": np.ones(len(buys), dtype=bool),
            "label": label.mask(label < 0),
            "label_return": labels.label_return[stock, day],
            "settled_day": labels.settled_at[stock, day],
            "decided_at": market.sessions[day].astype("datetime64[ms]"),
        }
    )


def costs_of(
    market: Market, *, commission: float = 0.0, slippage: float = 0.0, tax: float = 0.0
) -> Costs:
    """Return the same costs of every stock on every session."""
    shape = market.open.shape
    board = np.zeros(shape[0], dtype=np.int64)
    return Costs(commission, np.full(shape, slippage), np.full((1, shape[1]), tax), board)


def traded(
    market: Market,
    buys: Sequence[tuple[int, int, float]],
    *,
    horizon: int = 2,
    spec: StrategySpec = ALL_IN,
    costs: Costs | None = None,
) -> Traded:
    """Trade the buys (stock, day, score) from the market's first session on."""
    return trade(
        market,
        signals_of(market, buys, horizon=horizon),
        first=0,
        horizon=horizon,
        spec=spec,
        costs=costs_of(market) if costs is None else costs,
    )


def filled_on(done: Traded, market: Market) -> list[tuple[str, str, int, float]]:
    """Return (code, side, session, price) of every filled order, in the orders' sequence."""
    filled = done.orders[done.orders["filled_at"].notna()]
    at = market.sessions.astype("datetime64[ms]").searchsorted(filled["filled_at"].to_numpy())
    rows = zip(filled["code"], filled["side"], at, filled["price"], strict=True)
    return [(str(c), str(s), int(n), float(p)) for c, s, n, p in rows]


def most_held(done: Traded, market: Market) -> int:
    """Return the largest number of stocks held at once, sales of a session before its buys."""
    held: Counter[str] = Counter()
    most = 0
    for code, side, _, _ in sorted(filled_on(done, market), key=lambda o: (o[2], o[1] == "buy")):
        held[code] += 1 if side == "buy" else -1
        most = max(most, sum(held.values()))
    return most


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """Draw a market of whole-won prices: halts, locks, missing rows, late listings, delistings."""
    n_stocks, n_days = draw(st.integers(1, 4)), draw(st.integers(4, 16))
    shape = (n_stocks, n_days)
    won = arrays.arrays("int64", shape, elements=st.integers(800, 1250))
    opens, closes = draw(won).astype("float64"), draw(won).astype("float64")
    rare = arrays.arrays("bool", shape, elements=st.sampled_from([False] * 4 + [True]))
    halted = [(int(s), int(d)) for s, d in np.argwhere(draw(rare))]
    missing = {(int(s), int(d)) for s, d in np.argwhere(draw(rare))}
    upper, lower = ([(int(s), int(d)) for s, d in np.argwhere(draw(rare))] for _ in range(2))
    volume = draw(arrays.arrays("int64", shape, elements=st.integers(0, 100)))
    ends = {}
    for stock in range(n_stocks):
        listed = draw(st.integers(0, n_days // 2))
        missing |= {(stock, day) for day in range(listed)}
        last = draw(st.sampled_from([n_days - 1] * 2 + list(range(listed, n_days - 1))))
        # A stock has a row in its last session, and before any other session it has none.
        missing -= {(stock, last)}
        if last < n_days - 1:
            ends[stock] = (last + 1, float(np.round(0.7 * closes[stock, last])))
    return panel(
        opens, closes, halted=halted, missing=sorted(missing), ends=ends, locked_up=upper,
        locked_down=lower, volume=volume,
    )  # fmt: skip


@st.composite
def buys_in(draw: st.DrawFn, market: Market) -> list[tuple[int, int, float]]:
    """Draw buys (stock, day, score), in order of decision, on sessions with a row."""
    wanted = draw(arrays.arrays("bool", market.has_bar.shape)) & market.has_bar
    p_up = st.integers(5, 9).map(lambda tenth: tenth / 10)
    return [(int(s), int(d), draw(p_up)) for d, s in np.argwhere(wanted.T)]


@st.composite
def costs_in(draw: st.DrawFn, market: Market) -> Costs:
    """Draw costs of two boards that change from session to session."""
    rate = st.integers(0, 40).map(lambda n: n / 10_000)
    n_stocks, n_days = market.open.shape
    slip = draw(arrays.arrays("float64", (n_stocks, n_days), elements=rate))
    tax = draw(arrays.arrays("float64", (2, n_days), elements=rate))
    board = draw(arrays.arrays("int64", n_stocks, elements=st.integers(0, 1)))
    return Costs(draw(rate), slip, tax, board)


def columns_of(rows: Iterable[tuple[int, Buy]]) -> Buys:
    """Return buys with the sessions in which they are decided."""
    rows = list(rows)
    if not rows:
        return Buys.none()
    days, buys = zip(*rows, strict=True)
    signal, feed, score, volatility, most = zip(*buys, strict=True)
    return Buys(
        np.array(days), np.array(signal), np.array(feed), np.array(score),
        np.array(volatility, dtype=object), np.array(most),
    )  # fmt: skip
