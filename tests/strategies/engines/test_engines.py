"""The account over arrays is Backtrader's, to the last bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.base.errors import RollsightError
from rollsight.strategies.engines.arrays import run_arrays
from rollsight.strategies.engines.backtrader import run_backtrader
from rollsight.strategies.engines.both import require_same
from tests.strategies.test_feed import random_plan
from tests.support.examples import examples


@examples(30)
@given(st.integers(0, 2**32 - 1))
def test_the_two_engines_write_the_same_diary(seed: int) -> None:
    plan = random_plan(seed)
    assert repr(run_arrays(plan)) == repr(run_backtrader(plan))


def test_an_engine_that_parts_from_the_other_is_named_with_what_parts() -> None:
    plan = random_plan(3)
    one, other = run_arrays(plan), run_arrays(plan)
    require_same(one, other, plan)
    filled = next(n for n, order in enumerate(one.orders) if order.filled)
    other.orders[filled].commission = np.nextafter(other.orders[filled].commission, 1)
    with pytest.raises(RollsightError, match=rf"Backtrader's orders {filled} are Order"):
        require_same(one, other, plan)
    other = run_arrays(plan)
    other.equity[-1] = np.nextafter(other.equity[-1], 0)
    with pytest.raises(RollsightError, match="Backtrader's equity 59 are"):
        require_same(one, other, plan)
    other = run_arrays(plan)
    signal = next(iter(other.action))
    del other.action[signal]
    with pytest.raises(RollsightError, match=f"Backtrader's action {signal} are .* None"):
        require_same(one, other, plan)
