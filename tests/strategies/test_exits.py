"""Holdings are sold, halts and delistings wait or cancel, and every refusal has its reason."""

import numpy as np
import pytest

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import ALL_IN, ROOMY, costs_of, filled_on, flat, panel, signals_of, traded

A, B = "000010", "000020"


def reasons(done: Traded) -> list[str]:
    return [str(reason) for reason in done.trades["exit_reason"]]


def refused(done: Traded) -> list[tuple[str, str]]:
    """Return status and reason of the orders that never filled."""
    unfilled = done.orders[done.orders["filled_at"].isna()]
    return [(str(o.status), str(o.reason)) for o in unfilled.itertuples()]


def test_a_close_below_the_stop_sells_at_the_next_open() -> None:
    market = panel(
        [[100, 100, 100, 100, 85, 85, 85, 85]],
        [[100, 100, 100, 87, 85, 85, 85, 85]],
    )
    spec = ALL_IN.model_copy(update={"stop_loss": 0.125})
    done = traded(market, [(0, 0, 0.9)], horizon=5, spec=spec)
    # 87 at the close of 3 is 13 % below the entry at 100; the next open is 85.
    assert filled_on(done, market)[1] == (A, "sell", 4, 85.0)
    assert reasons(done) == ["stop"]
    assert done.trades["gross_return"].tolist() == [85 / 100 - 1]


def test_a_close_above_the_target_sells_at_the_next_open() -> None:
    market = panel(
        [[100, 100, 100, 100, 124, 85, 85, 85]],
        [[100, 100, 124, 125, 124, 85, 85, 85]],
    )
    spec = ALL_IN.model_copy(update={"take_profit": 0.25})
    done = traded(market, [(0, 0, 0.9)], horizon=5, spec=spec)
    assert filled_on(done, market)[1] == (A, "sell", 4, 124.0)
    assert reasons(done) == ["target"]


def test_a_close_below_the_highest_since_the_entry_sells_at_the_next_open() -> None:
    market = panel(
        [[100, 100, 110, 119, 109, 108, 90, 90]],
        [[150, 100, 120, 109, 108, 109, 90, 90]],
    )
    spec = ALL_IN.model_copy(update={"trailing_stop": 0.1})
    done = traded(market, [(0, 0, 0.9)], horizon=6, spec=spec)
    # The 150 was before the entry. Of the 120, 109 is 9.2 % below and 108 exactly 10 %.
    assert filled_on(done, market)[1] == (A, "sell", 5, 108.0)
    assert reasons(done) == ["trailing stop"]


def test_a_trailing_stop_counts_closes_and_not_the_price_paid() -> None:
    market = panel([[100, 100, 88, 90, 90, 80, 80, 80]], [[100, 90, 88, 90, 80, 80, 80, 80]])
    spec = ALL_IN.model_copy(update={"trailing_stop": 0.1})
    done = traded(market, [(0, 0, 0.9)], horizon=6, spec=spec)
    # At 88 a close is 12 % below the entry and 2 % below the highest close, the entry's own 90.
    assert filled_on(done, market)[1] == (A, "sell", 5, 80.0)
    both = traded(market, [(0, 0, 0.9)], horizon=6, spec=spec.model_copy(update={"stop_loss": 0.1}))
    assert filled_on(both, market)[1] == (A, "sell", 2, 88.0)
    assert reasons(both) == ["stop"]


def test_stops_are_counted_from_the_unslipped_entry() -> None:
    market = panel(flat(1, 8), [[100, 100, 88, 100, 100, 100, 100, 100]])
    spec = ALL_IN.model_copy(update={"stop_loss": 0.125, "cash_buffer": 0.1})
    done = traded(
        market, [(0, 0, 0.9)], horizon=5, spec=spec, costs=costs_of(market, slippage=0.02)
    )
    # 88 is 12 % below the open of 100, although 13.7 % below the 102 that was paid.
    assert reasons(done) == ["horizon"]


def test_an_intraday_low_does_not_stop() -> None:
    market = panel([[100, 100, 80, 100, 100, 100, 100, 100]], flat(1, 8))
    spec = ALL_IN.model_copy(update={"stop_loss": 0.125})
    done = traded(market, [(0, 0, 0.9)], horizon=5, spec=spec)
    assert reasons(done) == ["horizon"]


def test_a_buy_on_a_halted_open_is_cancelled_and_recorded() -> None:
    market = panel(flat(1, 6), halted=[(0, 2)])
    done = traded(market, [(0, 1, 0.9)])
    assert refused(done) == [("canceled", "did not trade")]
    assert done.action.tolist() == ["did not trade"]
    assert len(done.trades) == 0
    assert done.equity["equity"].tolist() == [10_000.0] * 6


def test_a_buy_is_good_for_one_open_only() -> None:
    market = panel(flat(1, 8), missing=[(0, 2)])
    done = traded(market, [(0, 1, 0.9), (0, 3, 0.8)])
    # The second signal, decided at 3, is bought at 4; the first is not waiting any more.
    assert done.action.tolist() == ["did not trade", "bought"]
    assert filled_on(done, market) == [(A, "buy", 4, 100.0), (A, "sell", 6, 100.0)]


def test_a_sale_on_a_halted_open_waits_for_the_first_traded_one() -> None:
    market = panel([[100, 101, 102, 103, 104, 105, 106]], halted=[(0, 3)], missing=[(0, 4)])
    done = traded(market, [(0, 0, 0.9)], spec=ROOMY)
    assert filled_on(done, market) == [(A, "buy", 1, 101.0), (A, "sell", 5, 105.0)]
    assert reasons(done) == ["horizon"]
    (order,) = done.orders[done.orders["side"] == "sell"].itertuples()
    assert (order.status, order.reason) == ("completed", "")


def test_a_sale_that_never_trades_is_left_waiting_and_the_trade_stays_open() -> None:
    market = panel(flat(1, 6), halted=[(0, 3), (0, 4), (0, 5)])
    done = traded(market, [(0, 0, 0.9)])
    assert refused(done) == [("waiting", "did not trade")]
    assert reasons(done) == ["end"]


def test_a_delisted_stock_is_sold_at_its_terminal_value_after_its_last_row() -> None:
    market = panel([[100, 101, 102, 103, 104, 105, 106, 107]], ends={0: (4, 50.0)})
    done = traded(market, [(0, 0, 0.9)], horizon=6, spec=ROOMY)
    assert filled_on(done, market) == [(A, "buy", 1, 101.0), (A, "sell", 4, 50.0)]
    assert reasons(done) == ["delisted"]
    assert done.trades["gross_return"].tolist() == [50 / 101 - 1]
    # 90 shares at 101: 9,090 paid, 4,500 back.
    assert done.equity["equity"].iloc[-1] == 10_000 - 9_090 + 4_500


def test_a_sale_that_waits_when_a_stock_is_delisted_gets_the_terminal_value() -> None:
    market = panel(flat(1, 8), halted=[(0, 3), (0, 4)], ends={0: (5, 40.0)})
    done = traded(market, [(0, 0, 0.9)])
    assert filled_on(done, market)[1] == (A, "sell", 5, 40.0)
    assert reasons(done) == ["delisted"]


def test_a_sale_that_is_due_frees_its_place_though_the_stock_ends_in_the_next_session() -> None:
    # That it will end is not known at the close that decides.
    market = panel(flat(2, 8), ends={0: (3, 100.0)})
    done = traded(market, [(0, 0, 0.9), (1, 2, 0.9)], horizon=2)
    assert [o[:3] for o in filled_on(done, market)][:3] == [
        (A, "buy", 1), (A, "sell", 3), (B, "buy", 3),
    ]  # fmt: skip
    assert reasons(done)[0] == "delisted"


def test_a_stock_cannot_be_bought_in_the_session_of_its_end() -> None:
    market = panel(flat(1, 8), ends={0: (4, 50.0)})
    done = traded(market, [(0, 3, 0.9)])
    assert refused(done) == [("canceled", "did not trade")]
    done = traded(market, [(0, 2, 0.9)])
    # Bought at the open of its last session.
    assert [o[2:] for o in filled_on(done, market)] == [(3, 100.0), (4, 50.0)]


def test_what_is_still_open_at_the_end_is_valued_at_the_last_close() -> None:
    market = panel(flat(1, 5), [[100, 100, 100, 100, 90]])
    done = traded(market, [(0, 2, 0.9)], costs=costs_of(market, tax=0.5))
    (trip,) = done.trades.itertuples()
    assert (trip.exit_reason, trip.exit_price, trip.profit) == ("end", 90.0, -1_000.0)
    assert trip.exit_at == market.sessions[-1]
    assert (trip.tax, trip.gross_return, trip.net_return) == (0.0, 90 / 100 - 1, -0.1)
    assert np.isnan(trip.label_return)
    assert trip.outcome is None or np.isnan(trip.outcome)
    assert done.equity["equity"].iloc[-1] == 9_000.0


def test_a_buy_decided_in_the_last_session_has_no_open_to_fill_at() -> None:
    done = traded(panel(flat(1, 5)), [(0, 4, 0.9)])
    assert done.action.tolist() == ["the data ends"]
    assert len(done.orders) == 0


def test_a_share_that_costs_more_than_a_position_is_rejected() -> None:
    done = traded(panel(flat(1, 6, 10_001.0)), [(0, 1, 0.9)])
    assert refused(done) == [("rejected", "one share costs more than the position")]
    assert done.action.tolist() == ["one share costs more than the position"]
    assert done.orders["shares"].tolist() == [0]


def test_a_gap_beyond_the_buffer_is_refused_for_want_of_cash() -> None:
    opens, closes = [[100, 100, 106, 100, 100, 100]], flat(1, 6)
    spec = StrategySpec(cash=10_000.0, max_positions=1, cash_buffer=0.05)
    done = traded(panel(opens, closes), [(0, 1, 0.9)], spec=spec)
    # 95 shares at 106 are 10,070; at 105 they would be 9,975.
    assert refused(done) == [("margin", "not enough cash at the open")]
    assert done.action.tolist() == ["not enough cash at the open"]
    opens[0][2] = 105
    assert traded(panel(opens, closes), [(0, 1, 0.9)], spec=spec).action.tolist() == ["bought"]


def test_costs_count_towards_the_cash_that_a_buy_needs() -> None:
    market = panel(flat(1, 6))
    assert traded(market, [(0, 1, 0.9)]).action.tolist() == ["bought"]
    for costs in (costs_of(market, commission=0.001), costs_of(market, slippage=0.001)):
        done = traded(market, [(0, 1, 0.9)], costs=costs)
        assert refused(done) == [("margin", "not enough cash at the open")]


def test_missing_rows_do_not_poison_the_equity() -> None:
    market = panel(
        [[100, 100, 100, 100, 100, 100], [50, 50, 50, 50, 50, 50]],
        [[100, 100, 110, 100, 100, 100], [50, 50, 50, 50, 50, 50]],
        missing=[(0, 3), (1, 0), (1, 1), (1, 2)],
    )
    done = traded(market, [(0, 0, 0.9), (1, 4, 0.9)], horizon=4)
    # 100 shares at 100; without a row at 3, the close of 110 stands in.
    assert done.equity["equity"].tolist() == [10_000, 10_000, 11_000, 11_000, 10_000, 10_000]
    assert np.isfinite(done.equity[["equity", "cash", "return"]].to_numpy()).all()


def nothing_bought() -> Traded:
    market = panel(flat(2, 6), missing=[(0, 0)])
    signals = signals_of(market, [(0, 1, 0.9)], horizon=2).assign(buy=False)
    return trade(market, signals, first=0, horizon=2, spec=ALL_IN, costs=costs_of(market))


def test_no_buys_at_all_give_empty_tables_of_the_same_columns_and_a_flat_equity() -> None:
    some, none = traded(panel(flat(2, 6)), [(0, 1, 0.9)]), nothing_bought()
    assert len(none.trades) == len(none.orders) == 0
    assert none.trades.columns.tolist() == some.trades.columns.tolist()
    assert none.orders.columns.tolist() == some.orders.columns.tolist()
    assert none.equity["equity"].tolist() == [10_000.0] * 6
    assert none.equity["return"].tolist() == [0.0] * 6
    assert none.action.tolist() == [""]
    assert none.residual == 0.0


def test_columns_of_empty_tables_have_the_types_of_full_ones() -> None:
    some, none = traded(panel(flat(2, 6)), [(0, 1, 0.9)]), nothing_bought()
    assert none.orders.dtypes.astype(str).to_dict() == some.orders.dtypes.astype(str).to_dict()
    assert none.trades.dtypes.astype(str).to_dict() == some.trades.dtypes.astype(str).to_dict()


def test_an_empty_signal_table_trades_nothing() -> None:
    done = traded(panel(flat(1, 4)), [])
    assert len(done.trades) == len(done.orders) == len(done.action) == 0
    assert done.equity["equity"].tolist() == [10_000.0] * 4


@pytest.mark.parametrize(
    ("last_open", "label", "outcome"), [(102, 2, "success"), (101, 1, "soso"), (97, 0, "crucial")]
)
def test_the_outcome_of_a_trade_is_the_class_of_its_label(
    last_open: float, label: int, outcome: str
) -> None:
    market = panel([[100, 100, 100, last_open, 100]])
    (trip,) = traded(market, [(0, 0, 0.9)]).trades.itertuples()
    assert (trip.label, trip.outcome) == (label, outcome)
    assert trip.label_return == trip.gross_return == last_open / 100 - 1


def test_the_benchmark_changes_by_its_own_dates_from_the_first_session_on() -> None:
    market = panel(flat(1, 4))  # its index stands at 1, 2, 3, 4
    signals = signals_of(market, [(0, 0, 0.9)], horizon=2)
    done = trade(
        market, signals, first=0, horizon=2, spec=ALL_IN, costs=costs_of(market), benchmark="KS11"
    )
    assert done.equity["benchmark_return"].tolist() == [0.0, 2 / 1 - 1, 3 / 2 - 1, 4 / 3 - 1]
    assert traded(market, [(0, 0, 0.9)]).equity["benchmark_return"].isna().all()
