"""A label is the return of exactly the trade that a buy would make."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.signals.inputs.labels import Label, Labels, classify, trade_labels
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import LabelSpec, MarketSpec
from tests.support.markets import (
    Recipe,
    listing_table,
    market_of,
    sessions,
    small_market,
    write_market,
)

TWO = LabelSpec(horizon=2)
OPENS = np.array([[100.0, 101, 102, 103, 104, 105, 110]])


def labels_of_folder(folder: Path, spec: MarketSpec | None = None) -> Labels:
    return trade_labels(read_market(spec or MarketSpec(folder=str(folder))), TWO)


def test_a_trade_enters_at_the_next_open_and_leaves_a_horizon_later() -> None:
    labels = trade_labels(market_of(OPENS), TWO)
    expected = [103 / 101 - 1, 104 / 102 - 1, 105 / 103 - 1, 110 / 104 - 1]
    assert labels.label_return[0, :4].tolist() == expected
    assert labels.settled_at[0].tolist() == [3, 4, 5, 6, -1, -1, -1]
    # 1.98 %, 1.96 %, 1.94 % and 5.77 %
    assert labels.label[0].tolist() == [1, 1, 1, 2, -1, -1, -1]
    assert np.isnan(labels.label_return[0, 4:]).all()


def test_two_per_cent_up_is_up_and_two_per_cent_down_is_still_hold() -> None:
    assert Label.UP == 2
    returns = np.array([102 / 100, 101.99 / 100, 98 / 100, 97.99 / 100]) - 1
    assert classify(returns, LabelSpec()).tolist() == [2, 1, 1, 0]


@given(st.integers(1, 10**7).map(lambda n: 50 * n))
def test_the_bands_hold_for_every_price(entry: int) -> None:
    bands = np.array(
        [entry * 51 // 50, entry * 51 // 50 - 1, entry * 49 // 50, entry * 49 // 50 - 1]
    )
    opens = np.array([[entry, entry, band] for band in bands], dtype=float)
    labels = trade_labels(market_of(opens), LabelSpec(horizon=1))
    assert labels.label[:, 0].tolist() == [Label.UP, Label.HOLD, Label.HOLD, Label.DOWN]


def test_an_entry_that_does_not_trade_has_no_label() -> None:
    traded = np.ones(OPENS.shape, dtype=bool)
    traded[0, 2] = False
    labels = trade_labels(market_of(OPENS, traded=traded), TWO)
    assert labels.label[0, 1] == -1
    assert labels.settled_at[0, 1] == -1
    assert labels.settled_at[0].tolist() == [3, -1, 5, 6, -1, -1, -1]


def test_an_entry_locked_at_the_upper_limit_has_no_label_but_an_exit_has() -> None:
    locked = np.zeros(OPENS.shape, dtype=bool)
    locked[0, 3] = True
    labels = trade_labels(market_of(OPENS, locked_up=locked), TWO)
    # Decided on day 2 it would be bought on day 3; decided on day 0 it is sold then.
    assert labels.settled_at[0].tolist() == [3, 4, -1, 6, -1, -1, -1]
    assert labels.label_return[0, 0] == 103 / 101 - 1


def test_an_exit_locked_at_the_lower_limit_waits_but_an_entry_does_not() -> None:
    locked = np.zeros(OPENS.shape, dtype=bool)
    locked[0, 3:5] = True
    labels = trade_labels(market_of(OPENS, locked_down=locked), TWO)
    assert labels.settled_at[0].tolist() == [5, 5, 5, 6, -1, -1, -1]
    assert labels.label_return[0, 2] == 105 / 103 - 1


def test_a_halted_exit_waits_for_the_first_traded_open() -> None:
    traded = np.ones(OPENS.shape, dtype=bool)
    traded[0, 3:5] = False
    labels = trade_labels(market_of(OPENS, traded=traded), TWO)
    # Decided on day 0 it is due on day 3, decided on day 1 on day 4: both leave on day 5.
    assert labels.settled_at[0, :2].tolist() == [5, 5]
    assert labels.label_return[0, :2].tolist() == [105 / 101 - 1, 105 / 102 - 1]


def test_an_exit_that_is_halted_until_the_data_ends_has_no_label() -> None:
    traded = np.ones(OPENS.shape, dtype=bool)
    traded[0, 5:] = False
    labels = trade_labels(market_of(OPENS, traded=traded), TWO)
    assert labels.settled_at[0].tolist() == [3, 4, -1, -1, -1, -1, -1]


def test_a_stock_that_ends_for_good_settles_at_its_terminal_value() -> None:
    opens = np.array([[100.0, 100, 100, 100, np.nan, np.nan, np.nan]])
    labels = trade_labels(market_of(opens, traded=np.isfinite(opens), ends={0: (4, 40.0)}), TWO)
    # Decided on day 2, bought at 100 on day 3, worth 40 on day 4; decided on day 3, never bought.
    assert labels.label_return[0, :3].tolist() == [0.0, 40 / 100 - 1, 40 / 100 - 1]
    assert labels.settled_at[0].tolist() == [3, 4, 4, -1, -1, -1, -1]


@pytest.mark.parametrize("haircut", [0.0, 0.25, 1.0])
def test_a_delisted_holding_loses_the_haircut_in_the_session_after_the_last_row(
    tmp_path: Path, haircut: float
) -> None:
    folder = write_market(tmp_path / "market", Recipe(last_rows={1: 20}))
    spec = MarketSpec(folder=str(folder), delisting_haircut=haircut)
    market = read_market(spec)
    labels = trade_labels(market, TWO)
    value = market.close[1, 20] * (1 - haircut)
    for decided in (18, 19):
        assert labels.settled_at[1, decided] == 21
        assert labels.label_return[1, decided] == value / market.open[1, decided + 1] - 1
    assert labels.settled_at[1, 17] == 20
    assert labels.label_return[1, 17] == market.open[1, 20] / market.open[1, 18] - 1
    assert (labels.label[1, 20:] == -1).all()


def test_data_that_merely_ends_leaves_the_last_labels_empty(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market", Recipe(last_rows={1: 20}))
    (folder / "listings.csv").unlink()
    labels = labels_of_folder(folder)
    assert labels.settled_at[1, 17] == 20
    assert (labels.label[1, 18:] == -1).all()


@pytest.mark.parametrize(("gap", "settled_at"), [(7, -1), (8, 28)])
def test_rows_that_stop_long_before_the_delisting_merely_end(
    tmp_path: Path, gap: int, settled_at: int
) -> None:
    recipe = Recipe(last_rows={1: 20})
    folder = write_market(tmp_path / "market", recipe)
    listings = listing_table(recipe)
    listings.loc[1, "DelistingDate"] = str(sessions(60)[28])  # eight sessions after the last row
    listings.to_csv(folder / "listings.csv", index=False)
    labels = labels_of_folder(folder, MarketSpec(folder=str(folder), delisting_gap=gap))
    assert labels.settled_at[1, 19] == settled_at


def test_a_delisting_after_the_end_of_the_reading_is_not_known_yet(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market", Recipe(last_rows={1: 20}))
    day = sessions(60)[20].item()
    labels = labels_of_folder(folder, MarketSpec(folder=str(folder), end=day))
    assert (labels.label[1, 18:] == -1).all()


def test_a_market_without_volumes_trades_every_row(tmp_path: Path) -> None:
    market = read_market(
        MarketSpec(
            folder=str(write_market(tmp_path / "m", Recipe(volume=False, missing=((0, 9),))))
        )
    )
    assert (market.traded == market.has_bar).all()
    assert not market.has_bar[0, 9]
    assert market.traded.sum() == 3 * 60 - 1


@pytest.mark.parametrize("volume", [True, False])
def test_a_halted_row_does_not_trade(tmp_path: Path, volume: bool) -> None:
    recipe = Recipe(volume=volume, halts=((2, 30), (2, 31)))
    market = small_market(tmp_path / "market", recipe)
    assert market.has_bar.all()
    assert np.argwhere(~market.traded).tolist() == [[2, 30], [2, 31]]
    labels = trade_labels(market, TWO)
    assert labels.label[2, 29] == -1  # nothing to buy on day 30
    assert labels.settled_at[2, 27] == 32  # nothing to sell on day 30 or 31


def delisted(tmp_path: Path, delisting: str, gap: int = 45) -> Market:
    """Return a market whose second stock's rows stop on 2024-02-15, session 31 of its data."""
    folder = write_market(tmp_path / "market", Recipe(n_days=60, last_rows={1: 31}))
    (folder / "listings.csv").write_text(
        f"Code,Delisted,DelistingDate\n000010,False,\n000020,True,{delisting}\n", encoding="utf-8"
    )
    return read_market(MarketSpec(folder=str(folder), delisting_gap=gap))


def test_a_label_of_an_ending_settles_and_is_known_only_when_the_delisting_comes(
    tmp_path: Path,
) -> None:
    market = delisted(tmp_path, "2024-03-04")
    labels = trade_labels(market, LabelSpec(horizon=5))
    delisting = int(np.flatnonzero(market.sessions == np.datetime64("2024-03-04"))[0])
    # Nobody knows in session 32, the one after the last row.
    assert labels.settled_at[1, 29] == delisting > 32
    # A trade that was over before the rows stopped was known at once.
    assert labels.settled_at[1, 20] == 26


def test_a_suspended_holding_is_written_down_when_its_delisting_comes(tmp_path: Path) -> None:
    market = delisted(tmp_path, "2024-03-04", gap=5)
    delisting = int(np.flatnonzero(market.sessions == np.datetime64("2024-03-04"))[0])
    assert market.endings.session[1] == delisting
    assert market.endings.value[1] == 0.0
    labels = trade_labels(market, LabelSpec(horizon=5))
    assert labels.label[1, 29] == -1  # its rows merely end
