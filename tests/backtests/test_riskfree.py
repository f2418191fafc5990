"""What cash earns at the risk-free rate: a constant, or a series as known at each close."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.statistics import sessions_per_year
from rollsight.backtests.riskfree import require_rates, risk_free_returns
from rollsight.base.errors import RollsightError
from rollsight.signals.known.symbols import SYMBOLS, Publication
from rollsight.signals.prices.market import Market
from tests.support.panels import flat, panel

DAYS = 8
# Known at the close of its own session in Seoul.
AT_CLOSE = replace(SYMBOLS["KS11"].publication, unit="percent")
VALUES = [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]


def market_with(values: list[float], publication: Publication = AT_CLOSE) -> Market:
    market = panel(flat(1, DAYS))
    table = pd.DataFrame({"RATE": values}, pd.DatetimeIndex(market.sessions))
    return replace(market, indices=table, publications={"RATE": publication})


def test_a_constant_compounds_to_itself_in_a_year_of_sessions() -> None:
    market = panel(flat(1, DAYS))
    found = risk_free_returns(market, 0.05)
    assert found is not None
    assert len(set(found)) == 1
    assert (1 + found[0]) ** sessions_per_year(market.sessions) == pytest.approx(1.05)
    assert risk_free_returns(market, None) is None


def test_a_series_earns_what_was_known_at_the_close_before() -> None:
    market = market_with(VALUES)
    found = risk_free_returns(market, "RATE")
    assert found is not None
    per_year = sessions_per_year(market.sessions)
    assert np.isnan(found[0])
    np.testing.assert_allclose((1 + found[1:]) ** per_year - 1, np.array(VALUES[:-1]) / 100)


def test_a_value_that_is_published_late_is_used_late() -> None:
    late = replace(AT_CLOSE, lag_hours=1.0)
    found = risk_free_returns(market_with(VALUES, late), "RATE")
    on_time = risk_free_returns(market_with(VALUES), "RATE")
    assert found is not None
    assert on_time is not None
    np.testing.assert_array_equal(found[2:], on_time[1:-1])
    assert np.isnan(found[:2]).all()


@pytest.mark.parametrize("day", range(1, DAYS))
def test_no_later_value_changes_what_was_earned(day: int) -> None:
    other = [value + (at >= day) for at, value in enumerate(VALUES)]
    one, two = (risk_free_returns(market_with(values), "RATE") for values in (VALUES, other))
    assert one is not None
    assert two is not None
    np.testing.assert_array_equal(one[: day + 1], two[: day + 1])
    assert (one[day + 1 :] != two[day + 1 :]).all()


@pytest.mark.parametrize(
    ("rate", "publication", "line"),
    [
        ("RAET", AT_CLOSE, "'RAET' is not among the indices in use (have ['RATE']); did you mean "
                           "'RATE'?; a constant is written as a fraction, as in 0.03"),
        ("RATE", SYMBOLS["KS11"].publication, "'RATE' is a price, and a rate in per cent a year is "
                                              "asked for"),
    ],
)  # fmt: skip
def test_what_is_no_rate_is_refused(rate: str, publication: Publication, line: str) -> None:
    with pytest.raises(RollsightError) as caught:
        risk_free_returns(market_with(VALUES, publication), rate)
    assert line in str(caught.value)


def test_a_series_that_begins_too_late_is_refused() -> None:
    market = market_with([np.nan, np.nan, *VALUES[2:]])
    found = risk_free_returns(market, "RATE")
    require_rates(found, market, 2, "RATE")
    line = rf"market\.risk_free='RATE' has no value known at the close of {market.sessions[1]}"
    with pytest.raises(RollsightError, match=line):
        require_rates(found, market, 1, "RATE")
