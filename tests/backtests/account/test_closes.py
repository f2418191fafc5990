"""Of every traded stock the closes are stored, on the same sessions for all."""

import numpy as np
import pandas as pd

from rollsight.backtests.account.closes import traded_closes
from tests.support.markets import market_of


def test_closes_begin_forty_sessions_before_the_test_and_keep_holes_as_null() -> None:
    has_bar = np.ones((3, 60), dtype=bool)
    has_bar[2, 55] = False
    prices = np.where(has_bar, 100.0 * np.arange(1, 4)[:, None] + np.arange(60), np.nan)
    market = market_of(prices, has_bar=has_bar)
    trades = pd.DataFrame({"code": [market.codes[2], market.codes[0], market.codes[2]]})
    table = traded_closes(market, trades, first=50)
    assert table["code"].tolist() == [market.codes[0]] * 50 + [market.codes[2]] * 50
    assert table["date"].iloc[:50].tolist() == [pd.Timestamp(d) for d in market.sessions[10:]]
    # Stock 0 closes at 100 plus the session's number, and stock 2 has no row on session 55.
    assert table["close"].iloc[:50].tolist() == [110.0 + day for day in range(50)]
    assert np.flatnonzero(table["close"].isna()).tolist() == [50 + 45]


def test_without_a_trade_the_table_is_empty_and_of_the_same_kind() -> None:
    market = market_of(np.full((2, 60), 100.0))
    empty = traded_closes(market, pd.DataFrame({"code": pd.array([], dtype="str")}), first=10)
    full = traded_closes(market, pd.DataFrame({"code": [market.codes[0]]}), first=10)
    assert len(empty) == 0
    assert len(full) == 60
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
