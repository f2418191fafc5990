"""Sums and counts that doubles no longer hold exactly: counted as far as they go, or refused."""

import numpy as np
import pytest

from rollsight.backtests.spec import read_spec
from rollsight.base.errors import RollsightError
from rollsight.strategies.shares import MOST_SHARES, shares_for
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import ALL_IN, costs_of, flat, panel, traded


def test_a_price_of_next_to_nothing_is_named_and_not_counted() -> None:
    spec = ALL_IN.model_copy(update={"cash": 1e12})
    with pytest.raises(RollsightError) as refused:
        traded(panel(flat(1, 6, 1e-9)), [(0, 1, 0.9)], spec=spec)
    assert str(refused.value) == (
        "'000010' closes at 1e-09 on 2024-01-03, of which 1e+12 buy more shares than the "
        "9,007,199,254,740,992 that can be counted: mend that price, or lower strategy.cash"
    )
    assert shares_for(1e12, 1e-300) == shares_for(1e308, 5e-324) == MOST_SHARES
    # The same price with little money is a price like any other.
    done = traded(panel(flat(1, 6, 1e-9)), [(0, 1, 0.9)], spec=ALL_IN)
    assert done.orders["shares"].tolist() == [10_000_000_000_000] * 2


def test_an_equity_beyond_the_cents_of_a_double_is_no_fault() -> None:
    # Cash of 10^12 that grows three hundredfold: a double of that size steps by three cents.
    moves = np.random.default_rng(0).normal(0.6, 0.1, (3, 14))
    market = panel(100 * np.exp(np.cumsum(moves, axis=1)))
    buys = [(stock, day, 0.5 + 0.01 * stock) for day in range(12) for stock in range(3)]
    spec = StrategySpec(cash=1e12, max_positions=3, cash_buffer=0.0)
    costs = costs_of(market, commission=0.0013, slippage=0.0017, tax=0.0019)
    done = traded(market, buys, spec=spec, costs=costs)
    assert done.equity["equity"].iloc[-1] > 1e14
    assert 0.01 < done.residual < 0.5


@pytest.mark.parametrize(
    "change",
    [
        "strategy.cash=1e300", "strategy.cash=inf", "strategy.cash=nan",
        f"strategy.max_positions={10**400}", "strategy.take_profit=inf",
        "strategy.stop_loss=nan", "costs.slippage=nan", "costs.slippage_ticks=1e300",
        "costs.commission=inf", f"label.horizon={10**30}",
    ],
)  # fmt: skip
def test_a_setting_that_no_account_can_hold_is_refused_by_name(change: str) -> None:
    with pytest.raises(RollsightError, match=change.split("=")[0]):
        read_spec("sample", [change])
