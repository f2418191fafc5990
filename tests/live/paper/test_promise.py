"""The interval is that of the backtest's own stretches."""

import numpy as np
import pytest

from rollsight.live.paper.promise import promise


def test_the_interval_holds_nine_in_ten_stretches_of_the_backtest() -> None:
    returns = np.random.default_rng(3).normal(0.001, 0.01, 400)
    found = promise(returns, 20, 0.0)
    ended = [np.prod(1 + returns[i : i + 20]) - 1 for i in range(381)]
    assert found.low == pytest.approx(np.quantile(ended, 0.05))
    assert found.high == pytest.approx(np.quantile(ended, 0.95))
    assert found.within
    assert not promise(returns, 20, 0.5).within


def test_a_short_backtest_promises_nothing() -> None:
    assert promise(np.zeros(99), 20, 0.0).within is None
    assert promise(np.zeros(99), 0, 0.0).within is None
