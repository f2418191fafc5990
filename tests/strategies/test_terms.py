"""Terms of trade that change from one session to the next."""

import numpy as np

from rollsight.backtests.account.backtest import Traded, trade_terms
from rollsight.strategies.plan import Terms
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import costs_of, flat, panel, signals_of

FEW = StrategySpec(cash=10_000.0, max_positions=1, cash_buffer=0.0)
MANY = StrategySpec(cash=10_000.0, max_positions=2, cash_buffer=0.0, stop_loss=0.05)


def traded(buys: list[tuple[int, int, float]], closes: list[list[float]] | None = None) -> Traded:
    """Trade two stocks over ten sessions: from the fifth on two positions, held one session."""
    market = panel(flat(2, 10), closes)
    terms = [Terms(3, FEW)] * 4 + [Terms(1, MANY)] * 6
    signals = signals_of(market, buys, horizon=3)
    return trade_terms(market, signals, first=0, terms=terms, costs=costs_of(market))


def held(done: Traded) -> list[tuple[int, int]]:
    """Return the sessions of entry and exit of each trade."""
    dates = done.equity["date"]
    entry, out = (dates.searchsorted(done.trades[c]) for c in ("entry_at", "exit_at"))
    return list(zip(entry.tolist(), out.tolist(), strict=True))


def test_a_holding_keeps_the_horizon_of_the_session_that_decided_it() -> None:
    # Decided in the last session of the first terms, and filled in the first of the others.
    assert held(traded([(0, 3, 0.9)])) == [(4, 7)]
    assert held(traded([(0, 4, 0.9)])) == [(5, 6)]


def test_a_stop_is_that_of_the_buys_own_terms() -> None:
    # At the close of its first session the price has fallen by a tenth, under terms with a stop.
    falls = [[100.0] * 4 + [90.0] * 6] * 2
    assert [t.exit_reason for t in traded([(0, 3, 0.9)], falls).trades.itertuples()] == ["horizon"]


def test_positions_are_those_that_the_deciding_session_allows() -> None:
    # Of two buys one is taken under the first terms, and both under the others.
    assert len(traded([(0, 0, 0.9), (1, 0, 0.8)]).trades) == 1
    assert len(traded([(0, 5, 0.9), (1, 5, 0.8)]).trades) == 2


def test_fewer_positions_than_are_held_buy_nothing_and_sell_nothing() -> None:
    market = panel(flat(2, 10))
    terms = [Terms(6, MANY)] * 2 + [Terms(6, FEW)] * 8
    signals = signals_of(market, [(0, 0, 0.9), (1, 0, 0.8), (0, 3, 0.9)], horizon=3)
    done = trade_terms(market, signals, first=0, terms=terms, costs=costs_of(market))
    assert held(done) == [(1, 7), (1, 7)]
    assert np.isclose(done.residual, 0)
