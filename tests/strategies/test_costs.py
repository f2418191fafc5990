"""Commission, dated sell tax and slippage: what a trade costs, and from which day."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.strategies.costs import BOOKS, Costs, dated_costs
from rollsight.strategies.spec import CostSpec
from tests.markets import sessions_between

FIRST, LAST = np.datetime64("2019-05-02"), np.datetime64("2025-12-30")
OLD = np.array(["2012-01-02", "2012-01-03"], dtype="datetime64[D]")


@cache
def krx() -> tuple[list[str], list[float]]:
    """Return the sessions of 2019-05 to 2025-12 and the tax of a sale in each."""
    days = sessions_between(FIRST, LAST)
    costs = dated_costs(CostSpec(book="krx"), "XKRX", days)
    return [str(day) for day in days], costs.sell_tax.tolist()


@pytest.mark.parametrize(
    ("sold", "settles", "tax"),
    [
        ("2019-05-29", "2019-05-31", 0.0030),  # Wednesday, settles on Friday
        ("2019-05-30", "2019-06-03", 0.0025),  # Thursday, settles on Monday
        ("2020-12-28", "2020-12-30", 0.0025),  # 12-30 is the last session of 2020
        ("2020-12-29", "2021-01-04", 0.0023),
        ("2022-12-27", "2022-12-29", 0.0023),  # 12-29 is the last session of 2022
        ("2022-12-28", "2023-01-02", 0.0020),
        ("2023-12-26", "2023-12-28", 0.0020),  # 12-28 is the last session of 2023
        ("2023-12-27", "2024-01-02", 0.0018),
        ("2024-12-26", "2024-12-30", 0.0018),  # 12-30 is the last session of 2024
        ("2024-12-27", "2025-01-02", 0.0015),
        ("2025-12-26", "2025-12-30", 0.0015),  # 12-30 is the last session of 2025
        ("2025-12-29", "2026-01-02", 0.0020),
    ],
)
def test_the_sell_tax_of_korea_is_dated_by_settlement(sold: str, settles: str, tax: float) -> None:
    days, taxes = krx()
    at = days.index(sold)
    assert taxes[at] == tax
    # The second session after the sale; the year's last sessions settle beyond the list.
    assert days[at + 2 : at + 3] in ([settles], [])


def test_the_sell_tax_of_korea_changes_on_its_boundary_days_only() -> None:
    days, taxes = krx()
    changes = [days[i] for i in range(1, len(days)) if taxes[i] != taxes[i - 1]]
    assert changes == [
        "2019-05-30",
        "2020-12-29",
        "2022-12-28",
        "2023-12-27",
        "2024-12-27",
        "2025-12-29",
    ]


def test_a_sale_before_the_first_boundary_pays_the_oldest_rate() -> None:
    assert dated_costs(CostSpec(book="krx"), "XKRX", OLD).sell_tax.tolist() == [0.003, 0.003]


@pytest.mark.parametrize(("book", "commission"), [("us", 0.00005), ("none", 0.0)])
def test_books_without_a_sell_tax_charge_commission_alone(book: str, commission: float) -> None:
    days = np.array(["2024-12-30", "2024-12-31"], dtype="datetime64[D]")
    costs = dated_costs(CostSpec.model_validate({"book": book}), "XNYS", days)
    assert costs.commission == commission
    assert costs.sell_tax.tolist() == [0.0, 0.0]


def test_a_commission_of_ones_own_takes_the_place_of_the_books() -> None:
    spec = CostSpec(book="krx", commission=0.001, slippage=0.002)
    costs = dated_costs(spec, "XKRX", OLD)
    assert (costs.commission, costs.slippage) == (0.001, 0.002)
    assert costs.sell_tax.tolist() == [0.003, 0.003]  # still the book's
    assert dated_costs(CostSpec(book="krx"), "XKRX", OLD).commission == 0.00015
    assert dated_costs(CostSpec(book="krx", commission=0.0), "XKRX", OLD).commission == 0.0


def test_every_schedule_begins_before_any_trade_and_ascends() -> None:
    for book in BOOKS.values():
        starts = [np.datetime64(start) for start, _ in book.sell_tax]
        assert starts[0] < np.datetime64("1950-01-01")
        assert starts == sorted(starts)


def test_net_is_what_is_left_after_slippage_commission_and_tax() -> None:
    costs = Costs(commission=0.001, slippage=0.01, sell_tax=np.array([0.0, 0.002]))
    net = costs.net(np.array([0.10, 0.10]), np.array([0, 1]))
    # Bought at 100: paid 101 and 0.101 commission = 101.101.
    # Sold at 110: slips to 108.9; less 0.1089 commission; less 0.2178 tax in session 1.
    assert net.tolist() == pytest.approx([108.7911 / 101.101 - 1, 108.5733 / 101.101 - 1])


def test_net_without_costs_is_gross() -> None:
    costs = Costs(0.0, 0.0, np.zeros(1))
    assert costs.net(np.array([-0.5, 0.0, 0.25]), np.zeros(3, dtype=int)).tolist() == [
        -0.5,
        0.0,
        0.25,
    ]


def test_costs_since_a_session_are_counted_from_it() -> None:
    costs = Costs(0.001, 0.002, np.array([0.1, 0.2, 0.3])).since(1)
    assert (costs.commission, costs.slippage, costs.sell_tax.tolist()) == (0.001, 0.002, [0.2, 0.3])


RATE = st.floats(0, 0.05)


@given(st.floats(-0.99, 3), st.tuples(RATE, RATE, RATE), st.tuples(RATE, RATE, RATE))
def test_more_cost_never_ends_richer(
    gross: float, rates: tuple[float, float, float], more: tuple[float, float, float]
) -> None:
    def net(commission: float, slippage: float, tax: float) -> float:
        costs = Costs(commission, slippage, np.array([tax]))
        return float(costs.net(np.array([gross]), np.array([0]))[0])

    commission, slippage, tax = (rate + extra for rate, extra in zip(rates, more, strict=True))
    assert net(commission, slippage, tax) <= net(*rates) + 1e-12
    assert net(*rates) <= gross + 1e-12
