"""The accounts of random buyers: the run's own rule, costs and halts, and scores that say nothing.

Each buyer has the run's scores, dealt out anew among the stocks as volatile of the same date. So he
buys as often on the same dates, ranks as the run does, and knows nothing of which stock is which.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account import statistics
from rollsight.backtests.account.backtest import known_volatility
from rollsight.backtests.buyers.dealing import Deck, Ints, deal, deck_of, renewal_of
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.chain.signals import for_account
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.workers.executors import Executor
from rollsight.backtests.workers.results import SERIAL, results
from rollsight.base.progress import Progress, Steps, silent
from rollsight.signals.prices.market import Market
from rollsight.strategies.capacity import largest_orders
from rollsight.strategies.costs import Costs
from rollsight.strategies.diary import Diary
from rollsight.strategies.engines.arrays import run_arrays
from rollsight.strategies.engines.garbage import no_garbage
from rollsight.strategies.feed import bars_of
from rollsight.strategies.plan import Buys, OrderPlan, Terms, asleep
from rollsight.strategies.rules import rule_of
from rollsight.strategies.spec import StrategySpec

DRAWS = 100
AT_ONCE = 25  # draws of a task, which lays out the bars once

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """What random buyers draw from, and how it is traded.

    Attributes
    ----------
    seed
        of the draws
    renewed
        chance a date with which a stock's draw is made anew
    feed, day, score
        (n,) of the deck's rows: position of the stock among ``stocks``, session from ``first`` on,
        and the score that is dealt out
    volatility, most
        (n,) what a `Buy` knows of its row
    """

    market: Market
    costs: Costs
    strategy: StrategySpec
    horizon: int
    first: int
    seed: int
    deck: Deck
    renewed: float
    stocks: Ints
    feed: Ints
    day: Ints
    score: Floats
    volatility: npt.NDArray[np.object_]
    most: Floats
    risk_free: Floats | None

    def plan(self) -> OrderPlan:
        """Return what is to be done, but for the buys and their scores."""
        days = len(self.market.sessions) - self.first
        stocks, spec = self.stocks.tolist(), self.strategy
        return OrderPlan(
            buys=Buys.none(),
            bars=tuple(bars_of(self.market, s, self.first, spec.participation) for s in stocks),
            terms=[Terms(self.horizon, spec)] * days,
            costs=self.costs.part(stocks, self.first),
            scores=np.full((len(stocks), days), np.nan),
            rule=rule_of(spec.rule),
        )

    def dealt(self, plan: OrderPlan, to: Ints) -> OrderPlan:
        """Return a plan with the buys of one draw.

        Parameters
        ----------
        to
            (n,) which row each one's score goes to
        """
        scores = np.full_like(plan.scores, np.nan)
        scores[self.feed[to], self.day[to]] = self.score
        own = to[self.deck.buy]
        buys = Buys(
            self.day[own], self.deck.row[own], self.feed[own], self.score[self.deck.buy],
            self.volatility[own], self.most[own],
        )  # fmt: skip
        return replace(plan, buys=buys, scores=scores)


def table_of(ready: Prepared, spec: RunSpec, signals: pd.DataFrame) -> Table:
    """Lay out a run's signals for random buyers.

    Parameters
    ----------
    signals
        the run's own, of which one is a buy at least
    """
    own, first = spec.strategy, ready.windows[0].test.start
    # The rule that holds to the horizon never looks at the score of what it holds.
    deck = deck_of(signals, whole=own.rule != "hold")
    renewed = renewal_of(deck, spec.label.horizon + 1, np.random.default_rng(spec.training.seed))
    terms = [Terms(spec.label.horizon, own)] * (len(ready.market.sessions) - first)
    # A row counts in a session in which the rule does something, or where a buy extends a holding.
    if not own.extend:
        awake = ~np.array(asleep(rule_of(own.rule), terms))
        deck = deck.part(awake[signals["day"].to_numpy(np.int64)[deck.row] - first])
    rows = for_account(ready, own, signals.iloc[deck.row].assign(buy=True))
    stocks, feed = np.unique(rows["stock"].to_numpy(np.int64), return_inverse=True)
    return Table(
        market=ready.market,
        costs=ready.costs,
        strategy=own,
        horizon=spec.label.horizon,
        first=first,
        seed=spec.training.seed,
        deck=deck,
        renewed=renewed,
        stocks=stocks,
        feed=feed.astype(np.int64),
        day=rows["day"].to_numpy(np.int64) - first,
        score=rows["score"].to_numpy(np.float64),
        volatility=known_volatility(rows, terms),
        most=largest_orders(ready.market, rows, terms, first),
        risk_free=ready.cash_returns(first),
    )


def random_accounts(
    ready: Prepared,
    spec: RunSpec,
    signals: pd.DataFrame,
    *,
    draws: int = DRAWS,
    running: Executor = SERIAL,
    progress: Progress = silent,
) -> dict[str, Any] | None:
    """Return what random buyers' accounts came to, ready for JSON; None where none can buy.

    Parameters
    ----------
    signals
        the run's own, in order of decision
    running
        what trades them; no bit depends on how many at the same time
    """
    if not signals["buy"].any():
        return None
    table = table_of(ready, spec, signals)
    if not len(table.stocks):  # the rule sleeps in every session with a row
        return None
    per_year = statistics.sessions_per_year(ready.market.sessions[table.first :])
    numbers = range(draws)
    tasks = [
        partial(_figures, table, numbers[at : at + AT_ONCE], per_year)
        for at in range(0, draws, AT_ONCE)
    ]
    step, found = Steps(progress, "random buyers", len(tasks)), []
    for figures in results(running, tasks):
        found += figures
        step()
    return {"renewed": table.renewed, "accounts": found}


def _figures(table: Table, draws: Sequence[int], per_year: float) -> list[dict[str, Any]]:
    changes = [statistics.changes(np.array(diary.equity)) for diary in drawn(table, draws)]
    return [
        {
            "total_return": statistics.total_return(own),
            "annual_return": statistics.annual_return(own, per_year),
            "sharpe": statistics.sharpe_ratio(own, per_year, table.risk_free),
        }
        for own in changes
    ]


def drawn(table: Table, draws: Sequence[int]) -> Iterator[Diary]:
    """Yield what the accounts of some draws did, by their numbers."""
    plan = table.plan()
    for number in draws:
        to = deal(table.deck, table.renewed, np.random.default_rng([table.seed, number]))
        with no_garbage():  # of a hundred thousand buys
            diary = run_arrays(table.dealt(plan, to))
        yield diary
