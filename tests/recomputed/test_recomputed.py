"""Every label, order and won of random Korean markets, worked out again from the files alone."""

import math
import warnings
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

import exchange_calendars
import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.signals.inputs.labels import Labels, trade_labels
from rollsight.signals.inputs.tradedvalue import mean_value, traded_value
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import LabelSpec, MarketSpec
from rollsight.strategies.capacity import THIN
from rollsight.strategies.costs import dated_costs
from rollsight.strategies.spec import CostSpec, StrategySpec
from tests.recomputed.account import Account, Rules
from tests.recomputed.markets import DAYS, ERAS, write
from tests.recomputed.stocks import Terms, label, read

MARKETS = 200


@cache
def sessions_from(first: str) -> list[date]:
    """Return the sessions of half a year and more."""
    start = pd.Timestamp(first)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the library, with pandas 3
        end = start + pd.Timedelta("400D")
        calendar = exchange_calendars.get_calendar("XKRX", start=start, end=end)
    return [day.date() for day in calendar.sessions]


def drawn(seed: int) -> tuple[Terms, Rules]:
    """Return what of a specification one market is tried with."""
    rng = Random(-1 - seed)
    horizon = rng.randint(1, 9)
    terms = Terms(horizon, rng.choice([0, 5, 45]), rng.choice([0.0, 0.4]), rng.choice([1.0, 0.5]))
    rules = Rules(
        horizon=horizon,
        cash=rng.choice([300_000.0, 5_000_000.0, 1e9]),
        max_positions=rng.randint(1, 5),
        cash_buffer=rng.choice([0.0, 0.0, 0.05]),
        stop_loss=rng.choice([None, None, 0.1]),
        take_profit=rng.choice([None, None, 0.1]),
        participation=rng.choice([None, 0.1, 0.29]),
        extend=rng.random() < 0.3,
        slippage=rng.choice([0.0, 0.001]),
        slippage_ticks=rng.choice([0.0, 0.5, 2.0]),
        commission=rng.choice([None, 0.0, 0.002]),
        capacity=rng.choice([None, 5e-5, 1e-3, 0.01]),
        dividend_tax=rng.choice([None, 0.0, 0.3]),
        trailing_stop=rng.choice([None, None, 0.08]),
    )
    return terms, rules


def ours(folder: Path, terms: Terms) -> tuple[Market, Labels]:
    asked = asdict(terms)
    horizon = asked.pop("horizon")
    market = read_market(MarketSpec(folder=str(folder), **asked))
    return market, trade_labels(market, LabelSpec(horizon=horizon))


def account_of(
    market: Market, labels: Labels, buys: list[tuple[int, int, float]], rules: Rules
) -> Traded:
    asked = asdict(rules)
    horizon = asked.pop("horizon")
    charged = ("slippage", "slippage_ticks", "commission", "dividend_tax")
    costs = CostSpec(**{k: asked.pop(k) for k in charged})
    stock, day, score = (np.array(column) for column in zip(*buys, strict=True))
    value = traded_value(market)
    assert value is not None
    signals = pd.DataFrame(
        {
            "stock": stock, "day": day, "window": 0, "score": score, "buy": True,
            "label": pd.Series(labels.label[stock, day], dtype="Int8"),
            "label_return": labels.label_return[stock, day],
            "traded_value": mean_value(value, stock, day),
            "decided_at": market.sessions[day].astype("datetime64[ms]"),
        }
    )  # fmt: skip
    return trade(
        market, signals, first=0, horizon=horizon, spec=StrategySpec(**asked),
        costs=dated_costs(costs, market),
    )  # fmt: skip


def compared(folder: Path, seed: int) -> dict[str, int]:
    """Compare one market and return how much of it there was."""
    terms, rules = drawn(seed)
    rng = Random(seed)
    whole = sessions_from(rng.choice(ERAS))
    write(folder, seed, whole[: rng.randint(*DAYS)], dividends=seed % 3 > 0)
    market, labels = ours(folder, terms)
    first = whole.index(market.sessions[0].item())
    calendar, n = whole[first:], len(market.sessions)
    assert [d.item() for d in market.sessions] == calendar[:n]
    stocks = read(folder, calendar, n, terms)
    assert [s.code for s in stocks] == list(market.codes)
    known = 0
    for s, stock in enumerate(stocks):
        for session in range(n):
            own = label(stock, session, n, terms)
            where = f"market {seed}, {stock.code}, {calendar[session]}"
            assert labels.settled_at[s, session] == (own.settled if own else -1), where
            if own:
                known += 1
                got = labels.label_return[s, session]
                assert math.isclose(got, own.change, rel_tol=1e-9, abs_tol=1e-12), where
    rows = [(s, d) for s in range(len(stocks)) for d in stocks[s].bars]
    buys = [(s, d, rng.random()) for s, d in rows if rng.random() < 0.35] or [(*rows[0], 0.5)]
    done = account_of(market, labels, buys, rules)
    account = Account(stocks, calendar, n, rules)
    wanted: dict[int, list[tuple[float, int]]] = {}
    for s, d, score in buys:
        wanted.setdefault(d, []).append((score, s))
    account.run(wanted)
    same_orders(done.orders, account, seed)
    same_trades(done.trades, account, seed)
    same_money(done.equity, account, seed)
    filled = [order for order in account.orders if order.filled]
    cut = done.orders.assign(wanted=done.orders.get("wanted", done.orders["shares"]))
    return {
        "labels": known,
        "locks": sum(bool(lock) for stock in stocks for lock in stock.locks.values()),
        "impossible": sum(len(stock.broken) for stock in stocks),
        "endings": sum(stock.ends is not None for stock in stocks),
        "trades": len(account.trips),
        "orders": len(account.orders),
        "fills": len(filled),
        "cut": int((cut["shares"] < cut["wanted"]).sum()),
        "thin": int((done.action == THIN).sum()),
        "capped": sum(order.filled < order.shares for order in filled),
        "dividends": int((done.equity.get("dividends", pd.Series(dtype=float)) > 0).sum()),
    }


def same_money(table: pd.DataFrame, account: Account, seed: int) -> None:
    """Raise unless equity and cash of every session are those of the second account."""
    np.testing.assert_allclose(table["equity"], account.equity, rtol=1e-9, err_msg=str(seed))
    np.testing.assert_allclose(
        table["cash"], account.cashes, rtol=1e-9, atol=1e-3, err_msg=str(seed)
    )


def same_orders(table: pd.DataFrame, account: Account, seed: int) -> None:
    """Raise unless every order is one of the second account, to the share."""
    days = np.array(account.calendar, dtype="datetime64[ms]")
    assert len(table) == len(account.orders), f"market {seed}"
    # The sales of one decision all fill before any buy: their sequence is nobody's promise.
    got = table.sort_values(["submitted_at", "side", "code"])
    own = sorted(account.orders, key=lambda o: (o.submitted, o.side, o.stock))
    for row, order in zip(got.itertuples(), own, strict=True):
        where = f"market {seed}: {row} is not {order}"
        assert row.code == account.stocks[order.stock].code, where
        assert (row.side, row.shares, row.filled) == (order.side, order.shares, order.filled), where
        assert row.submitted_at == days[order.submitted], where
        assert (row.filled_at == days[order.at]) if order.filled else pd.isna(row.filled_at), where
        if order.filled:
            for name in ("price", "slippage", "commission", "tax"):
                a, b = getattr(row, name), getattr(order, name)
                assert math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6), f"{name}, {where}"
        assert row.reason == order.reason, where


def same_trades(table: pd.DataFrame, account: Account, seed: int) -> None:
    """Raise unless every round trip is one of the second account, to the cent."""
    days = np.array(account.calendar, dtype="datetime64[ms]")
    assert len(table) == len(account.trips), f"market {seed}"
    got = table.sort_values(["entry_at", "code"])
    own = sorted(account.trips, key=lambda t: (t.entry, t.stock))
    for row, trip in zip(got.itertuples(), own, strict=True):
        where = f"market {seed}: {row} is not {trip}"
        assert row.code == account.stocks[trip.stock].code, where
        assert (row.entry_at, row.exit_at) == (days[trip.entry], days[trip.exit]), where
        assert row.shares == trip.shares, where
        assert math.isclose(row.profit, trip.profit, rel_tol=1e-9, abs_tol=1e-3), where


@pytest.mark.slow
def test_random_markets_come_out_as_their_files_say(tmp_path: Path) -> None:
    total: dict[str, int] = {}
    for seed in range(MARKETS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        for name, count in compared(folder, seed).items():
            total[name] = total.get(name, 0) + count
    print(f"{MARKETS} markets without a difference: {total}")  # noqa: T201
    assert min(total.values()) > MARKETS / 4


def test_a_few_markets_come_out_as_their_files_say(tmp_path: Path) -> None:
    for seed in range(3):
        folder = tmp_path / str(seed)
        folder.mkdir()
        compared(folder, seed)
