"""Every order and won of the rule that holds the best of a date, worked out once more."""

from dataclasses import asdict
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.tradedvalue import mean_value, traded_value
from rollsight.signals.prices.market import Market
from rollsight.strategies.costs import dated_costs
from rollsight.strategies.spec import CostSpec, StrategySpec
from rollsight.training.deciding.scores import date_place
from tests.recomputed.markets import DAYS, ERAS, write
from tests.recomputed.ranked import RankedAccount, RankRules, order_of
from tests.recomputed.stocks import read
from tests.recomputed.test_recomputed import (
    drawn,
    ours,
    same_money,
    same_orders,
    same_trades,
    sessions_from,
)

MARKETS = 200
Rows = list[tuple[int, int, float, float]]  # stock, session, score, volatility


def ranking(seed: int) -> tuple[RankRules, int]:
    """Return the rules of one market, and how many of a date are bought."""
    rng = Random(f"rank {seed}")
    _, rules = drawn(seed)
    tranches = rng.randint(1, 3)
    most = tranches * rng.randint(1, 2)
    own = RankRules(
        **{**asdict(rules), "max_positions": most, "extend": False},
        rule="rank",
        every=tranches * rng.randint(1, 4),
        keep=most + rng.randint(0, 2),
        tranches=tranches,
        weight=rng.choice(["equal", "inverse-volatility"]),
    )
    return own, most + rng.randint(0, 1)


def account_of(market: Market, labels: Labels, rows: Rows, rules: RankRules, best: int) -> Traded:
    asked = asdict(rules)
    horizon = asked.pop("horizon")
    charged = ("slippage", "slippage_ticks", "commission", "dividend_tax")
    costs = CostSpec(**{k: asked.pop(k) for k in charged})
    stock, day, score, volatility = (np.array(column) for column in zip(*rows, strict=True))
    place = date_place(score, day)
    value = traded_value(market)
    assert value is not None
    signals = pd.DataFrame(
        {
            "stock": stock, "day": day, "window": 0, "score": place, "buy": place >= 1 - best,
            "label": pd.Series(labels.label[stock, day], dtype="Int8"),
            "label_return": labels.label_return[stock, day], "volatility": volatility,
            "traded_value": mean_value(value, stock, day),
            "decided_at": market.sessions[day].astype("datetime64[ms]"),
        }
    )  # fmt: skip
    return trade(
        market, signals, first=0, horizon=horizon, spec=StrategySpec(**asked),
        costs=dated_costs(costs, market),
    )  # fmt: skip


def compared(folder: Path, seed: int) -> int:
    """Compare one market and return how many orders were filled."""
    rng = Random(seed)
    whole = sessions_from(rng.choice(ERAS))
    write(folder, seed, whole[: rng.randint(*DAYS)], dividends=seed % 3 > 0)
    terms, _ = drawn(seed)
    rules, best = ranking(seed)
    market, labels = ours(folder, terms)
    calendar, n = whole[whole.index(market.sessions[0].item()) :], len(market.sessions)
    stocks = read(folder, calendar, n, terms)
    # Scores of one digit, so that some are equal; here and there a stock is not decided on.
    rows = [
        (s, d, round(rng.random(), 1), rng.choice([0.0, 0.001, 0.02, 0.05]))
        for d in range(n)
        for s, stock in enumerate(stocks)
        if d in stock.bars and rng.random() < 0.9
    ]
    done = account_of(market, labels, rows, rules, best)
    account = RankedAccount(stocks, calendar, n, rules)
    decided: dict[int, list[tuple[float, int]]] = {}
    for s, d, score, volatility in rows:
        decided.setdefault(d, []).append((score, s))
        account.moved[d, s] = volatility
    account.places = {d: order_of(own) for d, own in decided.items()}
    account.run(
        {
            d: [(-float(place), s) for place, s in enumerate(order[:best])]
            for d, order in account.places.items()
        }
    )
    same_orders(done.orders, account, seed)
    same_trades(done.trades, account, seed)
    same_money(done.equity, account, seed)
    return sum(order.filled > 0 for order in account.orders)


def test_a_few_rankings_come_out_as_their_files_say(tmp_path: Path) -> None:
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        assert compared(folder, seed) > 5


@pytest.mark.slow
def test_random_rankings_come_out_as_their_files_say(tmp_path: Path) -> None:
    fills = []
    for seed in range(MARKETS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        fills.append(compared(folder, seed))
    print(f"{MARKETS} markets without a difference: {sum(fills)} fills")  # noqa: T201
    assert sum(fills) > 20 * MARKETS
