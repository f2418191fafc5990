"""The equal-weight portfolio of the universe, worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rollsight.backtests.account.portfolio import universe_returns
from rollsight.signals.prices.market import Market
from tests.support.examples import examples
from tests.support.markets import no_moves
from tests.support.panels import markets, panel


def everything(market: Market) -> np.ndarray:
    return market.has_bar.copy()


def test_it_is_the_mean_change_of_the_closes() -> None:
    market = panel([[1.0, 1, 1], [1.0, 1, 1]], [[100.0, 110, 99], [50.0, 50, 60]])
    # +10 % and 0, then -10 % and +20 %.
    returns = universe_returns(market, everything(market), first=0)
    assert returns.tolist() == pytest.approx([0.0, 0.05, 0.05])


def test_only_what_could_be_decided_on_at_the_close_before_is_held() -> None:
    market = panel([[1.0, 1, 1], [1.0, 1, 1]], [[100.0, 110, 99], [50.0, 50, 60]])
    usable = np.array([[True, False, True], [False, True, True]])
    assert universe_returns(market, usable, first=0).tolist() == pytest.approx([0.0, 0.10, 0.20])


def test_it_begins_at_the_close_of_the_first_test_session() -> None:
    market = panel([[1.0, 1, 1, 1]], [[100.0, 200, 220, 110]])
    returns = universe_returns(market, everything(market), first=1)
    assert returns.tolist() == pytest.approx([0.0, 0.10, -0.50])


def test_a_delisted_stock_leaves_at_its_terminal_value() -> None:
    closes = [[100.0, 100, 100, 100], [100.0, 100, 100, 130]]
    market = panel(closes, closes, ends={0: (2, 40.0)})
    # Its last row is that of session 1; in session 2 it is worth 40, and gone afterwards.
    returns = universe_returns(market, everything(market), first=0)
    assert returns.tolist() == pytest.approx([0.0, 0.0, -0.60 / 2, 0.30])


def test_a_stock_without_rows_stays_in_until_its_fall_is_seen() -> None:
    closes = [[100.0, 100, 100, 100, 30], [100.0, 100, 100, 110, 110]]
    market = panel(closes, closes, missing=[(0, 2), (0, 3)])
    returns = universe_returns(market, everything(market), first=0)
    # In session 3 only the other one has a price.
    assert returns.tolist() == pytest.approx([0.0, 0.0, 0.0, 0.10, -0.70 / 2])


def test_a_halted_stock_that_leaves_the_universe_cannot_be_sold_before_it_trades() -> None:
    closes = [[100.0, 100, 100, 30, 60], [100.0, 100, 100, 100, 100]]
    market = panel(closes, closes, halted=[(0, 1), (0, 2)])
    usable = np.array([[True, False, False, False, False], [True] * 5])
    returns = universe_returns(market, usable, first=0)
    # It trades in session 3, and is out before the rise of session 4.
    assert returns.tolist() == pytest.approx([0.0, 0.0, 0.0, -0.70 / 2, 0.0])


def test_a_stock_written_off_long_after_its_last_row_is_counted_whole() -> None:
    closes = [[100.0, 100, 100, 100, 100], [100.0, 100, 100, 100, 100]]
    market = panel(closes, closes, missing=[(0, 2), (0, 3)], ends={0: (4, 0.0)})
    returns = universe_returns(market, everything(market), first=0)
    assert returns.tolist() == pytest.approx([0.0, 0.0, 0.0, 0.0, -0.50])


@pytest.mark.parametrize("rows", [True, False], ids=["rows without volume", "no rows"])
def test_a_frozen_close_weighs_as_little_as_no_row(rows: bool) -> None:
    closes = [[100.0, 100, 100, 100], [100.0, 100, 110, 121]]
    idle = [(0, 2), (0, 3)]
    market = panel(closes, closes, halted=idle) if rows else panel(closes, closes, missing=idle)
    returns = universe_returns(market, everything(market), first=0)
    assert returns.tolist() == pytest.approx([0.0, 0.0, 0.10, 0.10])


def test_a_stock_whose_data_merely_end_weighs_nothing_afterwards() -> None:
    closes = [[100.0, 100, 100, 100], [100.0, 100, 110, 121]]
    market = panel(closes, closes, missing=[(0, 2), (0, 3)])
    returns = universe_returns(market, everything(market), first=0)
    assert returns.tolist() == pytest.approx([0.0, 0.0, 0.10, 0.10])


def test_where_nothing_can_be_decided_on_it_keeps_what_it_holds() -> None:
    closes = [[100.0, 110, 121, 121], [100.0, 100, 50, 100]]
    usable = np.array([[False, True, False, False], [False] * 4])
    returns = universe_returns(panel(closes, closes), usable, first=0)
    # In cash at first, then in the first stock alone.
    assert returns.tolist() == pytest.approx([0.0, 0.0, 0.10, 0.0])


def slowly(market: Market, usable: np.ndarray, first: int) -> list[float]:
    """Return the portfolio's changes, session by session and stock by stock."""
    stocks = range(len(market.codes))
    end, last = market.endings.session, dict.fromkeys(stocks, float("nan"))
    held: set[int] = set()
    made = []
    for day in range(len(market.sessions)):
        changes = []
        for s in stocks:
            if day == end[s] or market.traded[s, day]:
                now = market.endings.value[s] if day == end[s] else market.close[s, day]
                if s in held:
                    changes.append(now / last[s] - 1)
                last[s] = now
        if day >= first:
            made.append(sum(changes) / len(changes) if changes else 0.0)
            chosen = {s for s in stocks if usable[s, day] and market.traded[s, day]} or held
            stuck = {s for s in held if not market.traded[s, day]}
            held = {s for s in chosen | stuck if not 0 <= end[s] <= day}
    return made


@examples(100)
@given(st.data(), markets())
def test_it_is_what_a_loop_over_sessions_and_stocks_gives(
    data: st.DataObject, market: Market
) -> None:
    usable = data.draw(arrays.arrays("bool", market.has_bar.shape)) & market.has_bar
    first = data.draw(st.integers(0, len(market.sessions) - 1))
    returns = universe_returns(market, usable, first=first)
    assert returns.tolist() == pytest.approx(slowly(market, usable, first))


@examples(60)
@given(markets(), st.integers(2, 20))
def test_what_comes_later_changes_nothing_before(market: Market, cut: int) -> None:
    cut = min(cut, len(market.sessions))
    whole = universe_returns(market, everything(market), first=0)
    seen = replace(
        market,
        sessions=market.sessions[:cut],
        close=market.close[:, :cut],
        has_bar=market.has_bar[:, :cut],
        traded=market.traded[:, :cut],
        moves=no_moves((len(market.codes), cut)),
        endings=replace(
            market.endings,
            session=np.where(market.endings.session < cut, market.endings.session, -1),
        ),
    )
    assert universe_returns(seen, everything(seen), first=0).tolist() == whole[:cut].tolist()
