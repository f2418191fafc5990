"""Daily rows alone: weekly and monthly ones are told so, thin stocks are left in peace."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, price_table, write_market, write_table

RECIPE = Recipe(n_days=240)


def read(folder: Path, prices: pd.DataFrame) -> Market:
    write_market(folder, RECIPE)
    write_table(prices, folder / "prices.parquet")
    return read_market(MarketSpec(folder=str(folder)))


def resampled(rule: str) -> pd.DataFrame:
    """Return the last row of each period, dated by the period's end."""
    every = price_table(RECIPE).set_index("Date").groupby("Code").resample(rule).last()
    return every.drop(columns="Code", errors="ignore").reset_index()


@pytest.mark.parametrize(
    ("rule", "apart"), [("W-FRI", "5"), ("W-SUN", "5"), ("ME", "22"), ("QE", "65")]
)
def test_rows_of_weeks_and_months_are_refused_as_not_daily(
    tmp_path: Path, rule: str, apart: str
) -> None:
    with pytest.raises(RollsightError) as refused:
        read(tmp_path / "market", resampled(rule))
    said = f"prices.parquet: the rows of a stock usually lie {apart} weekdays apart, and only daily"
    assert said in str(refused.value)


def test_every_second_session_can_never_be_bought_in_and_is_refused(tmp_path: Path) -> None:
    table = price_table(RECIPE)
    second = table[table.groupby("Code").cumcount() % 2 == 0]
    with pytest.raises(RollsightError, match="lie 2 weekdays apart, and only daily data"):
        read(tmp_path / "market", second)


def test_thin_stocks_with_rows_in_every_third_session_or_so_are_read(tmp_path: Path) -> None:
    table = price_table(RECIPE)
    kept = np.random.default_rng(0).random(len(table)) < 0.35
    market = read(tmp_path / "market", table[kept])
    assert market.has_bar.sum() == kept.sum()
