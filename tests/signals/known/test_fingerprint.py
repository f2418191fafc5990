"""What a series must look like before it is accepted."""

import numpy as np
import pandas as pd
import pytest

from rollsight.signals.known.fingerprint import hole, stranger, suspicion
from rollsight.signals.vendors.members.financedatareader import true_dates

DAYS = pd.bdate_range("2023-01-02", periods=120)
LEVEL = (1.0, 20.0)


def series(values: float = 3.0, days: pd.DatetimeIndex = DAYS) -> pd.Series:
    return pd.Series(values, index=days)


def walk(seed: int) -> pd.Series:
    steps = 0.01 * np.random.default_rng(seed).standard_normal(len(DAYS))
    return pd.Series(np.exp(np.cumsum(steps)), index=DAYS)


def test_a_plain_series_is_accepted() -> None:
    assert suspicion(series(), level=LEVEL, end=DAYS[-1]) is None


def test_an_empty_series_is_refused() -> None:
    assert suspicion(series()[:0], level=LEVEL, end=DAYS[-1]) == "it has no rows"


@pytest.mark.parametrize("value", [0.99, 20.01])
def test_a_single_value_outside_of_the_level_is_refused(value: float) -> None:
    closes = series()
    closes.iloc[17] = value
    said = suspicion(closes, level=LEVEL, end=DAYS[-1])
    assert said is not None
    assert f"its value {value:g} on 2023-01-25 lies outside 1 to 20" in said


def test_a_series_that_ends_early_is_refused_unless_it_was_delisted() -> None:
    late = DAYS[-1] + pd.Timedelta(days=15)
    said = suspicion(series(), level=LEVEL, end=late)
    assert said == "its newest row is of 2023-06-16, too old for 2023-07-01"
    assert suspicion(series(), level=LEVEL, end=late - pd.Timedelta(days=1)) is None
    assert suspicion(series(), level=LEVEL, end=None) is None


def test_a_series_that_is_published_late_may_be_older() -> None:
    late = DAYS[-1] + pd.Timedelta(days=20)
    assert suspicion(series(), level=LEVEL, end=late, lag_hours=192) is None


def test_dates_that_are_shifted_by_a_day_are_refused() -> None:
    said = suspicion(series(days=DAYS - pd.Timedelta(days=1)), level=LEVEL, end=None)
    assert said == "20% of its rows lie on weekends: its dates are shifted"
    holed = series()[DAYS.day_of_week != 0]
    assert "0% of its rows lie on Mondays" in str(suspicion(holed, level=LEVEL, end=None))


def test_a_series_must_move_with_its_reference() -> None:
    one, other = walk(1), walk(2)
    assert stranger(one, one * 3, "KS11", 0.8) is None
    said = stranger(one, other, "KS11", 0.8)
    assert said is not None
    assert said.endswith("with KS11, not at least 0.8")


def test_a_series_that_must_move_against_its_reference_is_held_to_that() -> None:
    assert stranger(1 / walk(1), walk(1), "GSPC", -0.3) is None
    assert "1.00 with GSPC, not at most -0.3" in str(stranger(walk(1), walk(1), "GSPC", -0.3))


def test_few_common_changes_say_nothing() -> None:
    assert stranger(walk(1)[:60], walk(2), "KS11", 0.8) is None
    assert stranger(walk(1)[:61], walk(2), "KS11", 0.8) is not None


def test_a_hole_of_more_sessions_than_allowed_is_found() -> None:
    assert hole(DAYS, DAYS, 3) is None
    assert hole(DAYS.delete([10, 11, 12]), DAYS, 3) is None
    assert hole(DAYS.delete([10, 11, 12, 13]), DAYS, 3) == (
        "4 sessions in a row are missing, from 2023-01-16"
    )
    assert "from 2023-01-02" in str(hole(DAYS[5:], DAYS, 3))
    assert "5 sessions" in str(hole(DAYS[:-5], DAYS, 3))


@pytest.mark.parametrize(
    ("dated_in_utc", "day"),
    [
        ("2024-03-29", "2024-03-29"),  # Friday, the last day of winter time
        ("2024-03-31", "2024-04-01"),  # Monday, stamped 23:00 UTC on the Sunday of the change
        ("2024-07-07", "2024-07-08"),  # Monday in summer
        ("2024-10-24", "2024-10-25"),  # Friday, the last day of summer time
        ("2024-10-28", "2024-10-28"),  # Monday, in winter time again
        ("2023-03-26", "2023-03-27"),
        ("2023-10-30", "2023-10-30"),
    ],
)
def test_currency_bars_regain_their_day_on_both_sides_of_each_change(
    dated_in_utc: str, day: str
) -> None:
    assert str(true_dates(pd.DatetimeIndex([dated_in_utc]))[0].date()) == day
