"""What every rule keeps to, shown on an account of the embedded market."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TypeVar

import numpy as np
import pandas as pd

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import MarketSpec
from rollsight.strategies.costs import dated_costs
from rollsight.strategies.rules import NamedRule, Order, Position, Rule, Session, Signal
from rollsight.strategies.spec import CostSpec, StrategySpec

T = TypeVar("T")
HORIZON, SESSIONS, CUT = 5, 120, 40  # of the account; it is cut short by so many
SPEC = StrategySpec(cash=100_000.0, max_positions=4, stop_loss=0.1)
DAY = date(2024, 1, 2)


@dataclass
class _Recorded:
    """A rule, with all that it was asked and has answered."""

    rule: Rule
    sold: list[tuple[Session, tuple[str, ...]]] = field(default_factory=list)
    bought: list[tuple[Session, tuple[Order, ...]]] = field(default_factory=list)

    def sells(self, session: Session, /) -> tuple[str, ...]:
        self.sold.append((session, tuple(self.rule.sells(session))))
        return self.sold[-1][1]

    def buys(self, session: Session, /) -> tuple[Order, ...]:
        self.bought.append((session, tuple(self.rule.buys(session))))
        return self.bought[-1][1]


@cache
def _market(cut: int) -> Market:
    whole = read_market(MarketSpec(folder="sample"))
    if not cut:
        return whole
    return read_market(MarketSpec(folder="sample", end=whole.sessions[-1 - cut].item()))


def _signals(market: Market) -> tuple[pd.DataFrame, int]:
    """Return rows of every stock, of which one in ten is a buy, and the first session."""
    first = len(_market(0).sessions) - SESSIONS
    stock, day = np.indices((len(market.codes), SESSIONS)).reshape(2, -1)
    score = np.random.default_rng(0).random(len(stock))
    table = pd.DataFrame({"stock": stock, "day": day + first, "window": 0, "score": score})
    table = table[table["day"] < len(market.sessions)].reset_index(drop=True)
    day_of = market.sessions[table["day"].to_numpy()].astype("datetime64[ms]")
    label = pd.array([pd.NA] * len(table), dtype="Int8")
    table = table.assign(buy=table["score"] >= 0.9, label=label, label_return=np.nan)
    return table.assign(decided_at=day_of), first


def _account(rule: Rule, cut: int = 0) -> Traded:
    market = _market(cut)
    signals, first = _signals(market)
    costs = dated_costs(CostSpec(), market)
    named = NamedRule(type(rule).__name__, rule)
    return trade(market, signals, first=first, horizon=HORIZON, spec=SPEC, costs=costs, rule=named)


def _can_be_done(rule: Rule) -> None:
    _account(rule)


def _takes_some(rule: Rule) -> None:
    done = _account(rule)
    if not len(done.trades):
        fates = done.action[done.action != ""].value_counts()
        said = ", ".join(f"{n} {fate}" for fate, n in fates.items())
        raise RollsightError(f"of {fates.sum()} buys it took none ({said})")


def _knows_no_future(rule: Rule) -> None:
    whole, cut = _account(rule).orders, _account(rule, CUT).orders
    decided = ["code", "submitted_at", "side", "shares"]
    end = _market(CUT).sessions[-1]
    # What was decided at the last close of the shorter account is not, in that one.
    before = whole.loc[whole["submitted_at"] < end, decided].reset_index(drop=True)
    other = cut.loc[cut["submitted_at"] < end, decided].reset_index(drop=True)
    if not before.equals(other):
        pairs = zip(before.itertuples(), other.itertuples(), strict=False)
        at = next((a.submitted_at for a, b in pairs if a != b), before["submitted_at"].iloc[-1])
        raise RollsightError(f"on {at:%Y-%m-%d} it decides otherwise where the data end on {end}")


def _keeps_nothing(rule: Rule) -> None:
    recorded = _Recorded(rule)
    _account(recorded)
    _require_same(rule.sells, recorded.sold)
    _require_same(rule.buys, recorded.bought)


def _require_same(
    ask: Callable[[Session], Iterable[T]], answers: list[tuple[Session, tuple[T, ...]]]
) -> None:
    for session, answer in reversed(answers):
        again = tuple(ask(session))
        if again != answer:
            raise RollsightError(
                f"on {session.date} it answers {again} where it had answered {answer}"
            )


def _bears_extremes(rule: Rule) -> None:
    named = NamedRule(type(rule).__name__, rule)
    for session in _extremes():
        if session.positions:
            named.sells(session)
        if session.buys and session.places:
            named.buys(session)


def _extremes() -> list[Session]:
    """Return sessions at the edges of what an account can meet."""
    prices = (1e-4, 1.0, 1e7)
    buys = tuple(Signal(f"{n:06d}", 0.9 - n / 1e3, prices[n % 3], n % 4 != 3) for n in range(200))
    seen = zip(prices, (None, 0.0, 0.9), (None, 0.0, 0.5), strict=True)
    held = tuple(
        Position(
            f"9{n:05d}", n + 1, price, 2 * price, n != 1, 20 * n, 5 - 20 * n, score, n == 2,
            3 * price, moved,
        )
        for n, (price, score, moved) in enumerate(seen)
    )  # fmt: skip
    return [
        Session(DAY, buys, held, equity, free, places, SPEC)
        for buys, held in ((buys, held), (buys[:1], ()), (buys[3:4], held[:1]), ((), held))
        for equity, free in ((1e5, 1e5), (1e5, 0.0), (1e12, 1e12), (0.01, 0.01))
        for places in (1, 4)
    ]


RULE_CHECKS: dict[str, Callable[[Rule], None]] = {
    "Its orders can be done, and its account agrees with them to the cent.": _can_be_done,
    "Of hundreds of buys it takes some.": _takes_some,
    "The same session has the same answer, whatever was asked before.": _keeps_nothing,
    "What it decides does not depend on later sessions.": _knows_no_future,
    "It bears no free money, halted stocks, late positions and prices of any size.": (
        _bears_extremes
    ),
}
