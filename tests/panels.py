"""Small panels of opens and closes, and the signal tables that trade on them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rollsight.backtests.engine import Traded, trade
from rollsight.signals.labels import trade_labels
from rollsight.signals.market import Market
from rollsight.signals.spec import LabelSpec
from rollsight.strategies.costs import Costs
from rollsight.strategies.spec import StrategySpec
from tests.markets import market_of

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
) -> Market:
    """Return a market of given opens and closes (n_stocks, n_days); closes are opens by default.

    Parameters
    ----------
    halted : (stock, session) that have a row but did not trade
    missing : (stock, session) without a row
    ends : of each delisted stock, the session of its end and its terminal value
    """
    opened = np.array(opens, dtype="float64")
    closed = opened.copy() if closes is None else np.array(closes, dtype="float64")
    has_bar = np.ones(opened.shape, dtype=bool)
    for stock, session in missing:
        has_bar[stock, session] = False
    for stock, (session, _) in (ends or {}).items():
        has_bar[stock, session:] = False
    traded = has_bar.copy()
    for stock, session in halted:
        traded[stock, session] = False
    opened[~has_bar] = closed[~has_bar] = np.nan
    market = market_of(opened, traded=traded, has_bar=has_bar, ends=ends)
    return replace(
        market,
        close=closed,
        high=np.maximum(opened, closed),
        low=np.minimum(opened, closed),
    )


def flat(n_stocks: int, n_days: int, price: float = 100.0) -> Float64:
    """Return one price for every stock and session."""
    return np.full((n_stocks, n_days), price)


def signals_of(
    market: Market, buys: Sequence[tuple[int, int, float]], *, horizon: int
) -> pd.DataFrame:
    """Return the signal table whose buys are (stock, day, p_up), with their labels."""
    labels = trade_labels(market, LabelSpec(horizon=horizon))
    stock = np.array([b[0] for b in buys], dtype="int64")
    day = np.array([b[1] for b in buys], dtype="int64")
    label = pd.Series(labels.label[stock, day], dtype="Int8")
    return pd.DataFrame(
        {
            "stock": stock,
            "day": day,
            "window": 0,
            "p_up": np.array([b[2] for b in buys], dtype="float64"),
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
    """Return the same costs on every session."""
    return Costs(commission, slippage, np.full(len(market.sessions), tax))


def traded(
    market: Market,
    buys: Sequence[tuple[int, int, float]],
    *,
    horizon: int = 2,
    spec: StrategySpec = ALL_IN,
    costs: Costs | None = None,
) -> Traded:
    """Trade the buys (stock, day, p_up) from the market's first session on."""
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
    """Draw a market of whole-won prices with halts, missing rows, late listings and delistings."""
    n_stocks, n_days = draw(st.integers(1, 4)), draw(st.integers(4, 16))
    shape = (n_stocks, n_days)
    won = arrays.arrays("int64", shape, elements=st.integers(800, 1250))
    opens, closes = draw(won).astype("float64"), draw(won).astype("float64")
    rare = arrays.arrays("bool", shape, elements=st.sampled_from([False] * 4 + [True]))
    halted = [(int(s), int(d)) for s, d in np.argwhere(draw(rare))]
    missing = {(int(s), int(d)) for s, d in np.argwhere(draw(rare))}
    ends = {}
    for stock in range(n_stocks):
        listed = draw(st.integers(0, n_days // 2))
        missing |= {(stock, day) for day in range(listed)}
        last = draw(st.sampled_from([n_days - 1] * 2 + list(range(listed, n_days - 1))))
        # A stock has a row in its last session, and before any other session it has none.
        missing -= {(stock, last)}
        if last < n_days - 1:
            ends[stock] = (last + 1, float(np.round(0.7 * closes[stock, last])))
    return panel(opens, closes, halted=halted, missing=sorted(missing), ends=ends)


@st.composite
def buys_in(draw: st.DrawFn, market: Market) -> list[tuple[int, int, float]]:
    """Draw buys (stock, day, p_up), in order of decision, on sessions with a row."""
    wanted = draw(arrays.arrays("bool", market.has_bar.shape)) & market.has_bar
    p_up = st.integers(5, 9).map(lambda tenth: tenth / 10)
    return [(int(s), int(d), draw(p_up)) for d, s in np.argwhere(wanted.T)]


@st.composite
def costs_in(draw: st.DrawFn, market: Market) -> Costs:
    """Draw costs whose sell tax changes from session to session."""
    rate = st.integers(0, 40).map(lambda n: n / 10_000)
    tax = arrays.arrays("float64", len(market.sessions), elements=rate)
    return Costs(draw(rate), draw(rate), draw(tax))
