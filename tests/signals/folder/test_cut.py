"""A market with a holdout is the market of a folder that ends before it, to the last bit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.directory.manifest import data_digest
from rollsight.backtests.holdout.market import market_of
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.signals.folder.cut import cut_before
from rollsight.signals.folder.reading import read_folder
from rollsight.signals.prices.market import read_market
from tests.support.edits.holdouts import (
    DAYS,
    START,
    ended_market,
    held_out,
    other_future,
    whole_market,
)
from tests.support.markets import Recipe, write_market, write_table


def digest_of(spec: RunSpec) -> str:
    return data_digest(market_of(spec))


def test_nothing_behind_the_holdout_is_in_a_market(tmp_path: Path) -> None:
    whole, ended = whole_market(tmp_path / "whole"), ended_market(tmp_path / "ended")
    market = market_of(held_out(whole))
    assert str(market.sessions[-1]) == str(DAYS[START - 1])
    assert (market.endings.session == -1).all()
    assert np.isnat(market.delisted_on).all()
    assert data_digest(market) == data_digest(read_market(held_out(ended).market, fewest_rows=21))
    other_future(whole)
    assert digest_of(held_out(whole)) == data_digest(market)


def test_a_session_more_changes_nothing_and_a_price_before_does(tmp_path: Path) -> None:
    whole, more = whole_market(tmp_path / "whole"), tmp_path / "more"
    before = digest_of(held_out(whole))
    write_market(more, Recipe(n_stocks=5, n_days=259, halts=((1, 180), (2, 200))))
    path = whole / "prices.parquet"
    prices = pd.read_parquet(path)
    write_table(prices[prices["Date"] < DAYS[-1]], path)
    assert digest_of(held_out(whole)) == before
    prices.loc[prices["Date"] == DAYS[START - 1], "Close"] += 1
    write_table(prices, path)
    assert digest_of(held_out(whole)) != before


def test_a_stock_listed_shortly_before_the_holdout_stays_though_its_rows_are_few(
    tmp_path: Path,
) -> None:
    whole = whole_market(tmp_path / "whole")
    path = whole / "prices.parquet"
    prices = pd.read_parquet(path)
    young = (prices["Code"] == "000020") & (prices["Date"] < DAYS[START - 5])
    write_table(prices[~young], path)
    assert "000020" in market_of(held_out(whole)).codes


@pytest.mark.parametrize(("gap", "delisted"), [(30, True), (60, False)])
def test_a_delisting_without_a_date_is_known_after_its_silence(
    tmp_path: Path, gap: int, delisted: bool
) -> None:
    whole = write_market(tmp_path, Recipe(n_stocks=3, n_days=260, last_rows={2: START - 45}))
    listings = pd.read_csv(whole / "listings.csv", dtype={"Code": str})
    listings.assign(DelistingDate="").to_csv(whole / "listings.csv", index=False)
    cut = cut_before(read_folder(str(whole)), DAYS[START].item(), gap=gap)
    assert cut.listings["Delisted"].tolist() == [False, False, delisted]


@pytest.mark.parametrize(("gap", "delisted"), [(30, True), (60, False)])
def test_rows_without_trading_break_no_silence(tmp_path: Path, gap: int, delisted: bool) -> None:
    # The vendor keeps the rows of a stock that trades last 45 sessions before the holdout.
    whole = write_market(tmp_path, Recipe(n_stocks=3, n_days=260))
    path = whole / "prices.parquet"
    prices = pd.read_parquet(path)
    silent = (prices["Code"] == "000030") & (prices["Date"] > DAYS[START - 45])
    prices.loc[silent, "Volume"] = 0
    write_table(prices, path)
    (whole / "listings.csv").write_text("Code,Delisted,DelistingDate\n000030,True,\n")
    cut = cut_before(read_folder(str(whole)), DAYS[START].item(), gap=gap)
    assert cut.listings.loc["000030", "Delisted"] == delisted


def test_a_holdout_before_every_row_is_refused(tmp_path: Path) -> None:
    whole = whole_market(tmp_path)
    with pytest.raises(RollsightError, match=r"holdout\.start=2023-01-02 leaves no price row of"):
        market_of(held_out(whole, holdout={"start": "2023-01-02"}))
