"""The account over arrays is Backtrader's, to the last bit."""

from hypothesis import given
from hypothesis import strategies as st

from rollsight.strategies.engines.arrays import run_arrays
from rollsight.strategies.engines.backtrader import run_backtrader
from tests.strategies.test_feed import random_plan
from tests.support.examples import examples


@examples(30)
@given(st.integers(0, 2**32 - 1))
def test_the_two_engines_write_the_same_diary(seed: int) -> None:
    plan = random_plan(seed)
    assert repr(run_arrays(plan)) == repr(run_backtrader(plan))
