"""Plans of accounts drawn at random: every key of the strategy, and all that keeps orders back."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from rollsight.strategies.costs import Costs
from rollsight.strategies.feed import bars_of
from rollsight.strategies.plan import Buy, OrderPlan, Terms
from rollsight.strategies.rules import rule_of
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import columns_of, panel

Cells = list[tuple[int, int]]


def any_plan(seed: int) -> OrderPlan:
    """Return a plan over some sessions of some stocks, on terms that may change on the way."""
    rng = np.random.default_rng(seed)
    n, days = int(rng.integers(1, 15)), int(rng.integers(2, 90))
    shape = (n, days)
    close = 10 ** rng.uniform(0, 5) * np.exp(np.cumsum(0.03 * rng.standard_normal(shape), axis=1))
    opens = close * np.exp(0.02 * rng.standard_normal(shape))
    spots = _cells(rng, shape, 0.1)
    ends = {
        stock: (int(rng.integers(1, days)), float(rng.choice([0.0, 12.5, 321.0])))
        for stock in range(n)
        if rng.random() < 0.2
    }
    spots = [(s, d) for s, d in spots if s not in ends]
    market = panel(
        opens, close, halted=spots[::2], missing=spots[1::2], ends=ends,
        locked_up=_cells(rng, shape, 0.05), locked_down=_cells(rng, shape, 0.1),
        volume=rng.integers(0, 5_000, shape).astype(float),
    )  # fmt: skip
    if rng.random() < 0.4:
        paid = np.where(rng.random(shape) < 0.05, rng.uniform(0, 3, shape), 0.0)
        market = replace(market, dividend=paid)
    first = _spec(rng)
    own = {key: getattr(first, key) for key in ("rule", "cash", "participation")}
    later = _spec(rng).model_copy(update=own)
    turn = int(rng.integers(0, days + 1)) if rng.random() < 0.3 else days
    horizons = rng.integers(1, 12, 2).tolist()
    terms = [Terms(horizons[0], first)] * turn + [Terms(horizons[1], later)] * (days - turn)
    scores = np.where(rng.random(shape) < 0.9, -rng.integers(0, 12, shape).astype(float), np.nan)
    buys: list[tuple[int, Buy]] = []
    for signal, (day, stock) in enumerate(np.argwhere(rng.random((days, n)) < rng.uniform(0, 0.6))):
        if stock in ends and day >= ends[int(stock)][0]:
            continue  # what is gone has no row
        volatility = None if rng.random() < 0.1 else float(rng.uniform(0, 0.05))
        most = math.inf if rng.random() < 0.5 else float(10 ** rng.uniform(0, 6))
        score = float(rng.integers(0, 5)) if rng.random() < 0.5 else float(rng.random())
        buys.append((int(day), Buy(signal, int(stock), score, volatility, most)))
    return OrderPlan(
        buys=columns_of(buys),
        bars=tuple(bars_of(market, stock, 0, first.participation) for stock in range(n)),
        terms=terms,
        costs=Costs(
            float(rng.choice([0.0, 0.001])),
            rng.uniform(0, 0.003, shape),
            rng.uniform(0, 0.003, (2, days)),
            board=rng.integers(0, 2, n),
            dividend_tax=float(rng.choice([0.0, 0.154])),
        ),
        scores=scores,
        rule=rule_of(first.rule),
    )


def _spec(rng: np.random.Generator) -> StrategySpec:
    def maybe(value: Any) -> Any:
        return value if rng.random() < 0.5 else None

    tranches, each = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    return StrategySpec(
        rule=str(rng.choice(["hold", "rank"])),
        cash=float(10 ** rng.uniform(2, 8)),
        max_positions=tranches * each,
        every=tranches * int(rng.integers(1, 4)),
        keep=maybe(int(rng.integers(tranches * each, 20))),
        tranches=tranches,
        weight=str(rng.choice(["equal", "inverse-volatility"])),
        cash_buffer=float(rng.choice([0.0, 0.05, 0.3])),
        stop_loss=maybe(float(rng.uniform(0.01, 0.2))),
        take_profit=maybe(float(rng.uniform(0.01, 0.2))),
        trailing_stop=maybe(float(rng.uniform(0.01, 0.2))),
        participation=maybe(float(rng.uniform(0.01, 1))),
        extend=bool(rng.integers(2)),
    )


def _cells(rng: np.random.Generator, shape: tuple[int, int], share: float) -> Cells:
    return [(int(s), int(d)) for s, d in np.argwhere(rng.random(shape) < share)]
