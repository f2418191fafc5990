"""Which buys are taken, how large, and when a holding is sold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.strategies.exits import exit_reason, quiet
from rollsight.strategies.plan import Buy
from rollsight.strategies.rules.hold import position_money
from rollsight.strategies.shares import shares_for
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import columns_of

FOUR = StrategySpec(max_positions=4, cash_buffer=0.0)
GUARDED = StrategySpec(stop_loss=0.125, take_profit=0.25)
TRAILED = StrategySpec(take_profit=0.2, trailing_stop=0.1)


def test_the_most_probable_buy_comes_first_and_equal_ones_keep_the_order_of_codes() -> None:
    buys = [(4, own) for own in (Buy(7, 3, 0.6), Buy(8, 1, 0.6), Buy(9, 2, 0.9), Buy(10, 0, 0.5))]
    for rows in ([*buys, (3, Buy(6, 0, 1.0))], [(5, Buy(6, 0, 1.0)), *buys[::-1]]):
        assert columns_of(rows).on(4, ()).rows == [9, 8, 7, 10]
        assert list(columns_of(rows).until(4).on(4, ()).row) == [2, 1, 3, 0]
        assert not columns_of(rows).until(3).on(4, ()).rows


def test_a_position_is_an_equal_part_of_the_equity() -> None:
    # 1000 / 4 = 250 is less than 900 / 2
    assert position_money(1000.0, 900.0, 2, FOUR) == 250.0


def test_a_position_is_a_part_of_the_free_cash_where_that_is_less() -> None:
    # 300 / 3 = 100 is less than 1000 / 4
    assert position_money(1000.0, 300.0, 3, FOUR) == 100.0


def test_the_buffer_is_left_out_of_a_position() -> None:
    spec = StrategySpec(max_positions=4, cash_buffer=0.2)
    assert position_money(1000.0, 900.0, 2, spec) == 200.0
    assert position_money(1000.0, 300.0, 3, spec) == 80.0


@given(st.floats(1, 1e9), st.floats(0, 1e9), st.integers(1, 20), st.integers(1, 20))
def test_new_positions_never_take_more_than_the_free_cash(
    equity: float, free: float, buys: int, most: int
) -> None:
    money = position_money(equity, free, buys, StrategySpec(max_positions=most))
    assert money * buys <= free
    assert money * most <= equity


@pytest.mark.parametrize(
    ("money", "price", "shares"),
    [(100.0, 30.0, 3), (90.0, 30.0, 3), (89.99, 30.0, 2), (29.0, 30.0, 0), (0.0, 30.0, 0)],
)
def test_only_whole_shares_are_bought(money: float, price: float, shares: int) -> None:
    assert shares_for(money, price) == shares


@pytest.mark.parametrize(
    ("due", "close", "reason"),
    [
        (False, 100.0, None),
        (True, 100.0, "horizon"),
        (False, 87.5, "stop"),  # exactly 12.5 % below
        (False, 87.6, None),
        (False, 125.0, "target"),  # exactly 25 % above
        (False, 124.9, None),
        (True, 80.0, "horizon"),  # sold anyway: the label's trade
        (True, 130.0, "horizon"),
    ],
)
def test_a_holding_is_sold_for_one_reason(due: bool, close: float, reason: str | None) -> None:
    assert (
        exit_reason(due=due, close=close, entry_price=100.0, highest=130.0, spec=GUARDED) == reason
    )


def test_without_stops_no_close_sells() -> None:
    for close in (1.0, 1000.0):
        spec = StrategySpec()
        assert (
            exit_reason(due=False, close=close, entry_price=100.0, highest=close, spec=spec) is None
        )


@pytest.mark.parametrize(
    ("close", "spec", "reason"),
    [
        (90.0, StrategySpec(stop_loss=0.1), "stop"),
        (115.0, StrategySpec(take_profit=0.15), "target"),
        (117.0, TRAILED, "trailing stop"),  # exactly a tenth below 130
        (117.1, TRAILED, None),
        (120.0, TRAILED, "target"),
    ],
)
def test_a_close_exactly_at_a_stop_sells(
    close: float, spec: StrategySpec, reason: str | None
) -> None:
    found = exit_reason(due=False, close=close, entry_price=100.0, highest=130.0, spec=spec)
    assert found == reason


SHARES = st.none() | st.floats(0.001, 0.9)


@given(st.floats(1e-3, 1e7), SHARES, SHARES, st.booleans(), st.floats(-1, 1))
def test_between_its_quiet_prices_no_close_sells(
    price: float, stop: float | None, target: float | None, above: bool, off: float
) -> None:
    spec = StrategySpec(stop_loss=stop, take_profit=target)
    low, high = quiet(price, spec)
    assert low < price < high
    near = price * (1 + (target or 1e6) if above else 1 - (stop or 0.5))
    close = near * (1 + off * 1e-11)  # where twelve decimals decide
    assert not low < close < high or (target if above else stop) is None
    for seen in (close, low * (1 + 1e-12), high * (1 - 1e-12)):
        if low < seen < high:
            found = exit_reason(due=False, close=seen, entry_price=price, highest=seen, spec=spec)
            assert found is None


def test_a_trailing_stop_is_looked_at_in_every_close() -> None:
    low, high = quiet(100.0, TRAILED)
    assert not low < 100.0 < high
