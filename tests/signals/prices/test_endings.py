"""Where trading ends for good: after the last trade, and known when the delisting comes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.signals.inputs.labels import trade_labels
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import LabelSpec, MarketSpec
from tests.support.markets import Recipe, sessions, write_market

LAST, N_DAYS = 20, 60
SHORT = LabelSpec(horizon=3)


def market_with(
    folder: Path,
    *,
    frozen: int = 0,
    halted: bool = False,
    delisting: int | None = LAST + 10,
    gap: int = 45,
    end: int | None = None,
) -> Market:
    """Return a market whose second stock trades last in session 20.

    Parameters
    ----------
    frozen
        sessions after it with rows that repeat a close of 7,000 without volume
    halted
        these rows have volume, and are flagged instead
    delisting
        session of its DelistingDate; None leaves the date out
    end
        session with which the reading ends
    """
    write_market(folder, Recipe(n_days=N_DAYS, last_rows={1: LAST}))
    days = sessions(N_DAYS)
    date = "" if delisting is None else str(days[delisting])
    (folder / "listings.csv").write_text(f"Code,Delisted,DelistingDate\n000020,True,{date}\n")
    if frozen:
        prices = pd.read_parquet(folder / "prices.parquet").assign(Halted=False)
        rows = pd.DataFrame({"Date": pd.DatetimeIndex(days[LAST + 1 : LAST + 1 + frozen])})
        rows = rows.assign(Code="000020", Close=7000.0, Open=7000.0, High=7000.0, Low=7000.0)
        rows = rows.assign(Volume=500 if halted else 0, Halted=halted)
        table = pd.concat([prices, rows]).sort_values(["Code", "Date"])
        table.to_parquet(folder / "prices.parquet", index=False)
    until = None if end is None else days[end].item()
    return read_market(MarketSpec(folder=str(folder), delisting_gap=gap, end=until))


@pytest.mark.parametrize("halted", [False, True], ids=["no volume", "flagged"])
@pytest.mark.parametrize("gap", [9, 10, 45])
def test_a_frozen_close_is_no_exit_price(tmp_path: Path, halted: bool, gap: int) -> None:
    bare = market_with(tmp_path / "bare", gap=gap)
    kept = market_with(tmp_path / "kept", gap=gap, frozen=9, halted=halted)
    close = bare.close[1, LAST]
    assert close != 7000
    # Suspended for more sessions than the gap, a holding is lost; else it is worth its last trade.
    assert bare.endings.value[1] == kept.endings.value[1] == (0.0 if gap < 10 else close)
    assert bare.endings.session[1] == kept.endings.session[1] == LAST + 10
    one, two = trade_labels(bare, SHORT), trade_labels(kept, SHORT)
    for name in ("label", "label_return", "settled_at"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    # Decided in session 18 it is bought in session 19, and trades no more when it is due.
    made = close / bare.open[1, 19] - 1
    assert one.settled_at[1, 18] == (-1 if gap < 10 else LAST + 10)
    assert np.isnan(one.label_return[1, 18]) if gap < 10 else one.label_return[1, 18] == made


def test_rows_without_trading_up_to_the_delisting_do_not_bridge_the_gap(tmp_path: Path) -> None:
    # Rows go on up to the session before the delisting, and the last trade is 20 sessions old.
    market = market_with(tmp_path, frozen=19, delisting=LAST + 20, gap=19)
    assert market.has_bar[1, LAST + 19]
    assert market.endings.value[1] == 0.0
    assert (trade_labels(market, SHORT).label[1, 18:] == -1).all()


def test_without_a_date_the_delisting_shows_after_the_gap(tmp_path: Path) -> None:
    for frozen in (0, 5, 15):
        market = market_with(tmp_path / str(frozen), delisting=None, gap=8, frozen=frozen)
        assert market.endings.session[1] == LAST + 1 + 8
        assert market.endings.value[1] == market.close[1, LAST]
        assert trade_labels(market, SHORT).settled_at[1, 18] == LAST + 9


def test_a_stock_that_never_traded_has_no_ending(tmp_path: Path) -> None:
    market_with(tmp_path, frozen=5)
    prices = pd.read_parquet(tmp_path / "prices.parquet")
    prices.loc[prices["Code"] == "000020", "Volume"] = 0
    prices.to_parquet(tmp_path / "prices.parquet", index=False)
    market = read_market(MarketSpec(folder=str(tmp_path)))
    assert not market.traded[1].any()
    assert market.endings.session[1] == -1
    assert np.isnan(market.endings.value[1])


def test_a_delisting_beyond_the_reading_is_not_known(tmp_path: Path) -> None:
    for end, session in ((LAST + 9, -1), (LAST + 10, LAST + 10)):
        market = market_with(tmp_path / str(end), frozen=15, end=end)
        assert market.endings.session[1] == session


def test_rows_after_the_delisting_do_not_trade(tmp_path: Path) -> None:
    # Delisted in session 25 by its listing, and its rows have volume up to session 29.
    market = market_with(tmp_path, delisting=25, frozen=9)
    prices = pd.read_parquet(tmp_path / "prices.parquet")
    prices.loc[prices["Code"] == "000020", "Volume"] = 500
    prices.to_parquet(tmp_path / "prices.parquet", index=False)
    market = read_market(MarketSpec(folder=str(tmp_path)))
    assert np.flatnonzero(market.traded[1]).max() == 25
    # It trades in the session of its delisting, so a holding is settled in the next one.
    assert market.endings.session[1] == 26
    assert market.endings.value[1] == 7000.0
    (note,) = market.notes
    assert note == (
        "1 stock, such as '000020', with rows after a DelistingDate: neither decided on from that "
        "day on nor traded after it"
    )
