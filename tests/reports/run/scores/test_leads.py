"""How far buys are ahead of other stocks and of other dates."""

import numpy as np
import pandas as pd
import pytest

from rollsight.reports.run.scores.leads import days_lead, stocks_lead

ROWS = pd.DataFrame(
    {
        "at": [3, 3, 3, 4, 4, 4, 7, 7, 7],
        "alike": [0, 0, 1, 0, 0, 0, 0, 0, 0],
        "net_label_return": [0.05, 0.01, 0.90, 0.02, 0.03, 0.10, -0.03, 0.01, -0.01],
    }
)


def bought(*at: int) -> np.ndarray:
    return np.isin(np.arange(len(ROWS)), at)


def test_a_buy_is_held_against_the_others_of_its_date_and_volatility() -> None:
    # .05 less .01, and .10 less the mean of .02 and .03: the wild stock is nobody's like.
    found, blocks = stocks_lead(ROWS, bought(0, 5), None, span=2)
    assert found.ahead == pytest.approx((0.04 + 0.075) / 2)
    assert blocks == 2
    assert stocks_lead(ROWS, bought(2), None, span=2)[0].ahead is None


def test_the_dates_of_buys_are_held_against_the_others_and_moved() -> None:
    # The means of the dates are .32, .05 and -.01: two buys on the first, one on the second.
    found = days_lead(ROWS, bought(0, 1, 3), span=2)
    assert found.ahead == pytest.approx((2 * 0.32 + 0.05) / 3 - (0.32 + 2 * 0.05 - 3 * 0.01) / 6)
    # Moved on by one they earn 2 x .05 - .01, by two 2 x -.01 + .32: both less than .69.
    assert (found.as_good, found.as_bad) == (pytest.approx(1 / 3), 1.0)


def test_whoever_buys_everything_is_as_good_as_every_other() -> None:
    found = days_lead(ROWS, bought(*range(9)), span=2)
    assert found.ahead is None
    half = days_lead(ROWS, bought(0, 3, 6), span=2)
    assert half.ahead == pytest.approx(0.0)
    assert (half.as_good, half.as_bad) == (1.0, 1.0)
