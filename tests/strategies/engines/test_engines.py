"""The account over arrays is Backtrader's, to the last bit."""

import gc
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.base.errors import RollsightError
from rollsight.strategies.account import Account
from rollsight.strategies.diary import Diary
from rollsight.strategies.engines.arrays import Arrays, run_arrays
from rollsight.strategies.engines.backtrader import run_backtrader
from rollsight.strategies.engines.both import require_same
from tests.support.examples import examples
from tests.support.simulated.plans import any_plan


@examples(30)
@given(st.integers(0, 2**32 - 1))
def test_the_two_engines_write_the_same_diary(seed: int) -> None:
    plan = any_plan(seed)
    # repr: the sign of a zero counts, and an unfilled order's NaN price equals itself.
    diary = run_arrays(plan)
    assert repr(diary) == repr(run_backtrader(plan))
    assert +diary.counts() == Counter(diary.action.values())


@pytest.mark.slow
def test_the_two_engines_write_the_same_diary_of_five_hundred_markets() -> None:
    seen: Counter[str] = Counter()
    for seed in range(500):
        diary = run_arrays(any_plan(seed))
        assert repr(diary) == repr(run_backtrader(any_plan(seed)))
        seen.update(order.reason for order in diary.orders)
        seen.update(trip.exit_reason for trip in diary.trips)
        seen.update(diary.action.values())
        seen["paid"] += len(diary.payments)
    assert min(seen.values()) > 2
    assert set(seen) >= {
        "horizon", "stop", "trailing stop", "target", "rule", "delisted", "end", "paid",
        "extended", "bought",
        "did not trade", "volume cap", "not enough cash at the open", "already held",
        "locked at the upper limit", "locked at the lower limit", "no free position",
        "positions full: a sale did not fill", "one share costs more than the position",
        "less than one share under the capacity",
    }  # fmt: skip


def test_an_order_that_has_no_price_parts_no_engine_from_the_other() -> None:
    plan = next(p for p in map(any_plan, range(100)) if _unpriced(run_arrays(p)))
    require_same(run_backtrader(plan), run_arrays(plan), plan)


def _unpriced(diary: Diary) -> bool:
    return any(np.isnan(order.price) for order in diary.orders)


def test_a_traded_account_leaves_nothing_behind() -> None:
    gc.collect()
    plan = any_plan(3)
    for _ in range(3):
        run_arrays(plan)
    # type(): asked by isinstance, some that lie about their class do something about it
    assert not [found for found in gc.get_objects() if type(found) in {Account, Arrays}]


def test_an_engine_that_parts_from_the_other_is_named_with_what_parts() -> None:
    plan = any_plan(3)
    one, other = run_arrays(plan), run_arrays(plan)
    require_same(one, other, plan)
    filled = next(n for n, order in enumerate(one.orders) if order.filled)
    other.orders[filled].commission = np.nextafter(other.orders[filled].commission, 1)
    with pytest.raises(RollsightError, match=rf"Backtrader's orders {filled} are Order"):
        require_same(one, other, plan)
    other = run_arrays(plan)
    other.equity[-1] = np.nextafter(other.equity[-1], 0)
    with pytest.raises(RollsightError, match=f"Backtrader's equity {len(one.equity) - 1} are"):
        require_same(one, other, plan)
    other = run_arrays(plan)
    signal, why = other.told.popitem()
    other.told[signal] = f"not {why}"
    with pytest.raises(RollsightError, match=f"Backtrader's action {signal} are"):
        require_same(one, other, plan)
