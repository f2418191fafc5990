"""Commission, dated sell tax and slippage: what a trade costs, and from which day."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market
from rollsight.strategies.costs import Costs, dated_costs
from rollsight.strategies.spec import CostSpec
from tests.support.markets import market_of, sessions_between
from tests.support.panels import costs_of, flat, panel

FIRST, LAST = np.datetime64("2019-05-02"), np.datetime64("2025-12-30")


def market_on(first: str, n_days: int = 2, *, book: str = "krx", price: float = 100.0) -> Market:
    """Return a market of three stocks, under the krx book one on each board."""
    market = market_of(np.full((3, n_days), price), book=book, first=first)
    return replace(market, boards=("KOSPI", "KOSDAQ", "KONEX")) if book == "krx" else market


@cache
def krx() -> tuple[list[str], np.ndarray]:
    """Return the sessions of 2019-05 to 2025-12 and the tax of each board's sales in each."""
    days = sessions_between(FIRST, LAST)
    costs = dated_costs(CostSpec(), market_on(str(FIRST), len(days)))
    return [str(day) for day in days], costs.tax(np.arange(3)[:, None], np.arange(len(days)))


@pytest.mark.parametrize(
    ("sold", "settles", "tax", "konex"),
    [
        ("2019-05-29", "2019-05-31", 0.0030, 0.0030),  # Wednesday, settles on Friday
        ("2019-05-30", "2019-06-03", 0.0025, 0.0010),  # Thursday, settles on Monday
        ("2020-12-28", "2020-12-30", 0.0025, 0.0010),  # 12-30 is the last session of 2020
        ("2020-12-29", "2021-01-04", 0.0023, 0.0010),
        ("2022-12-27", "2022-12-29", 0.0023, 0.0010),  # 12-29 is the last session of 2022
        ("2022-12-28", "2023-01-02", 0.0020, 0.0010),
        ("2023-12-26", "2023-12-28", 0.0020, 0.0010),  # 12-28 is the last session of 2023
        ("2023-12-27", "2024-01-02", 0.0018, 0.0010),
        ("2024-12-26", "2024-12-30", 0.0018, 0.0010),  # 12-30 is the last session of 2024
        ("2024-12-27", "2025-01-02", 0.0015, 0.0010),
        ("2025-12-26", "2025-12-30", 0.0015, 0.0010),  # 12-30 is the last session of 2025
        ("2025-12-29", "2026-01-02", 0.0020, 0.0010),
    ],
)
def test_the_sell_tax_of_korea_is_dated_by_settlement_and_board(
    sold: str, settles: str, tax: float, konex: float
) -> None:
    days, taxes = krx()
    at = days.index(sold)
    assert taxes[:, at].tolist() == [tax, tax, konex]
    # The second session after the sale; the year's last sessions settle beyond the list.
    assert days[at + 2 : at + 3] in ([settles], [])


def test_the_sell_tax_of_korea_changes_on_its_boundary_days_only() -> None:
    days, taxes = krx()
    changes = [days[i] for i in range(1, len(days)) if taxes[0, i] != taxes[0, i - 1]]
    assert changes == [
        "2019-05-30",
        "2020-12-29",
        "2022-12-28",
        "2023-12-27",
        "2024-12-27",
        "2025-12-29",
    ]


def test_a_sale_before_the_first_boundary_pays_the_oldest_rate() -> None:
    costs = dated_costs(CostSpec(), market_on("2012-01-02"))
    assert costs.tax(np.arange(3), 0).tolist() == [0.003, 0.003, 0.003]


@pytest.mark.parametrize(("book", "commission"), [("us", 0.00005), ("none", 0.0)])
def test_books_without_a_sell_tax_charge_commission_alone(book: str, commission: float) -> None:
    costs = dated_costs(CostSpec(), market_on("2024-12-27", book=book))
    assert costs.commission == commission
    assert costs.tax(np.arange(3), 0).tolist() == [0.0, 0.0, 0.0]


def test_a_commission_of_ones_own_takes_the_place_of_the_books() -> None:
    market = market_on("2012-01-02")
    costs = dated_costs(CostSpec(commission=0.001, slippage=0.002), market)
    assert (costs.commission, costs.slip.tolist()) == (0.001, [[0.002, 0.002]] * 3)
    assert costs.tax(np.arange(3), 0).tolist() == [0.003, 0.003, 0.003]  # still the book's
    assert dated_costs(CostSpec(), market).commission == 0.00015
    assert dated_costs(CostSpec(commission=0.0), market).commission == 0.0


@pytest.mark.parametrize(
    ("day", "price", "ticks"),
    [
        ("2023-01-20", 15_000.0, [50, 50, 50]),
        ("2023-01-25", 15_000.0, [10, 10, 10]),
        ("2023-01-20", 200_000.0, [500, 100, 100]),
        ("2023-01-25", 200_000.0, [500, 500, 500]),
    ],
)
def test_slippage_in_ticks_follows_the_table_of_its_day_and_board(
    day: str, price: float, ticks: list[float]
) -> None:
    spec = CostSpec(slippage=0.001, slippage_ticks=2.0)
    costs = dated_costs(spec, market_on(day, 1, price=price))
    assert costs.slip[:, 0].tolist() == [0.001 + 2 * tick / price for tick in ticks]


def test_a_tick_of_the_us_is_a_cent() -> None:
    costs = dated_costs(
        CostSpec(slippage=0.0, slippage_ticks=1), market_on("2024-01-02", book="us")
    )
    assert costs.slip[0].tolist() == [0.0001, 0.0001]


def test_slippage_in_ticks_of_a_terminal_value_and_of_no_price() -> None:
    spec = CostSpec(slippage=0.001, slippage_ticks=1.0)
    market = panel(flat(2, 6), ends={0: (4, 50.0), 1: (4, 0.0)}, missing=[(0, 1)], book="krx")
    # One won of 100, one of 50; without a price the fraction alone, and for nothing too.
    slip = dated_costs(spec, market).slip
    assert slip[0].tolist() == [0.011, 0.001, 0.011, 0.011, 0.021, 0.001]
    assert slip[1].tolist() == [0.011, 0.011, 0.011, 0.011, 0.001, 0.001]


def test_a_share_is_never_sold_for_less_than_nothing() -> None:
    costs = dated_costs(CostSpec(slippage_ticks=5.0), market_on("2024-01-02", price=4.0))
    assert costs.slip.tolist() == [[1.0, 1.0]] * 3


def test_slippage_in_ticks_of_a_book_without_ticks_is_refused() -> None:
    with pytest.raises(RollsightError, match=r"costs.slippage_ticks=1.0 needs ticks") as refusal:
        dated_costs(CostSpec(slippage_ticks=1.0), market_on("2024-01-02", book="none"))
    assert "set market.book" in str(refusal.value)
    assert "\n" not in str(refusal.value)


ONE = np.zeros(2, dtype=int)


def test_net_is_what_is_left_after_slippage_commission_and_tax() -> None:
    slip, tax = np.array([[0.01, 0.02, 0.01]]), np.array([[0.5, 0.5, 0.5], [0.0, 0.0, 0.002]])
    costs = Costs(0.001, slip, tax, board=np.array([1]))
    net = costs.net(np.array([0.10, 0.10]), ONE, np.array([0, 0]), np.array([1, 2]))
    # Bought at 100: paid 101 and 0.101 commission = 101.101.
    # Sold at 110 in session 1: slips to 107.8; less 0.1078 commission, no tax.
    # In session 2: slips to 108.9; less 0.1089 commission; less 0.2178 tax.
    assert net.tolist() == pytest.approx([107.6922 / 101.101 - 1, 108.5733 / 101.101 - 1])


def test_net_without_costs_is_gross() -> None:
    costs, at = costs_of(market_of(flat(1, 1))), np.zeros(3, dtype=int)
    assert costs.net(np.array([-0.5, 0.0, 0.25]), at, at, at).tolist() == [-0.5, 0.0, 0.25]


def test_costs_of_some_stocks_since_a_session_are_counted_from_it() -> None:
    slip, tax = np.array([[1.0, 2, 3], [4, 5, 6]]), np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    costs = Costs(0.001, slip, tax, board=np.array([0, 1])).part([1], 1)
    assert (costs.commission, costs.slip.tolist()) == (0.001, [[5, 6]])
    assert costs.tax(0, np.array([0, 1])).tolist() == [0.5, 0.6]


RATE = st.floats(0, 0.05)


@given(st.floats(-0.99, 3), st.tuples(RATE, RATE, RATE), st.tuples(RATE, RATE, RATE))
def test_more_cost_never_ends_richer(
    gross: float, rates: tuple[float, float, float], more: tuple[float, float, float]
) -> None:
    at = np.zeros(1, dtype=int)

    def net(commission: float, slippage: float, tax: float) -> float:
        costs = Costs(commission, np.array([[slippage]]), np.array([[tax]]), board=at)
        return float(costs.net(np.array([gross]), at, at, at)[0])

    commission, slippage, tax = (rate + extra for rate, extra in zip(rates, more, strict=True))
    assert net(commission, slippage, tax) <= net(*rates) + 1e-12
    assert net(*rates) <= gross + 1e-12
