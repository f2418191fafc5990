import numpy as np
import pandas as pd
import pytest

from rollsight.reports.statistics.breakeven import break_even


def buys(labels: list[int], made: list[float], cost: float) -> pd.DataFrame:
    returns = pd.Series(made, dtype=float)
    return pd.DataFrame(
        {
            "plain_label": labels,
            "label_return": returns,
            "net_label_return": returns - cost,
            "band": 0.02,
        }
    )


def test_costs_over_the_band_are_the_line() -> None:
    found = break_even(buys([2, 2, 0, 1], [0.02, 0.02, -0.02, 0.0], 0.0026))
    assert found.lead == pytest.approx(0.25)
    assert found.cost == pytest.approx(0.0026)
    assert found.needed == pytest.approx(0.13)  # 0.26 % over 2 %
    # These buys made just what the plain line assumes.
    assert found.needed_made == pytest.approx(0.13)


def test_bands_that_differ_pay_their_mean() -> None:
    table = buys([2, 0], [0.02, -0.02], 0.003).assign(band=[0.01, 0.05])
    assert break_even(table).needed == pytest.approx(0.1)  # 0.3 % over 3 %


def test_buys_whose_returns_skew_need_another_lead() -> None:
    # UP makes 6 %, DOWN loses 4 %, HOLD (1 in 4) 0: .75 * 1 % + lead * 5 % = 0.5 %.
    found = break_even(buys([2, 0, 0, 1], [0.06, -0.04, -0.04, 0.0], 0.005))
    assert found.needed_made == pytest.approx((0.005 - 0.0075) / 0.05)


def test_the_lead_is_above_the_line_made_exactly_where_buys_earn_more_than_they_cost() -> None:
    rng = np.random.default_rng(0)
    above = 0
    for _ in range(50):
        made = rng.normal(scale=0.05, size=60)
        labels = np.select([made < -0.02, made < 0.02], [0, 1], 2)
        table = buys(labels.tolist(), made.tolist(), 0.004)
        found = break_even(table)
        assert found.lead is not None
        assert found.needed_made is not None
        above += found.lead > found.needed_made
        assert (found.lead > found.needed_made) == (table["net_label_return"].mean() > 0)
    assert 0 < above < 50


def test_without_losers_or_buys_there_is_no_line_made() -> None:
    winners = break_even(buys([2, 2], [0.03, 0.05], 0.002))
    assert (winners.lead, winners.needed_made) == (1, None)
    assert winners.needed == pytest.approx(0.1)
    assert set(vars(break_even(buys([], [], 0.002))).values()) == {None}
