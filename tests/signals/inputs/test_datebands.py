"""Classes within a date: shares of its members' returns, by what had settled when it was due."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from rollsight.signals.inputs.datebands import FEWEST_NAMES
from rollsight.signals.inputs.labels import Label, Labels, trade_labels
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import LabelSpec
from tests.support.markets import market_of

HORIZON = 2
DATE = LabelSpec(horizon=HORIZON, band="date")
N_DAYS = 12
STOCKS = 33


def random_market(seed: int, n_stocks: int = STOCKS, n_days: int = N_DAYS) -> Market:
    rng = np.random.default_rng(seed)
    steps = 0.02 * rng.standard_normal((n_stocks, n_days))
    return market_of(1000 * np.exp(np.cumsum(steps, axis=1)))


def shares(label: npt.NDArray[np.int8]) -> list[int]:
    return [int((label == one).sum()) for one in Label]


def test_a_third_of_a_dates_returns_is_of_each_class() -> None:
    labels = trade_labels(random_market(0), DATE)
    for day in range(N_DAYS - 1 - HORIZON):
        assert shares(labels.label[:, day]) == [11, 11, 11]
        lowest = labels.label_return[labels.label[:, day] == Label.DOWN, day].max()
        middle = labels.label_return[labels.label[:, day] == Label.HOLD, day]
        assert lowest < middle.min() <= middle.max()
    # Bought on the last session but two, its trade leaves after the data.
    assert (labels.label[:, N_DAYS - 1 - HORIZON :] == -1).all()


def test_a_label_is_known_when_its_date_is_due_and_not_before() -> None:
    labels = trade_labels(random_market(0), DATE)
    due = np.arange(N_DAYS) + 1 + HORIZON
    known = labels.settled_at >= 0
    assert known.any()
    assert (labels.settled_at == np.where(known, due, -1)).all()


def test_a_date_of_fewer_names_than_thirty_has_no_label() -> None:
    market = random_market(0, n_stocks=FEWEST_NAMES)
    member = np.ones(market.has_bar.shape, dtype=bool)
    member[0, 4] = False
    labels = trade_labels(market, DATE, member=member)
    assert labels.bands is not None
    assert labels.bands.few == 1
    assert (labels.label[:, 4] == labels.settled_at[:, 4]).all()
    assert (labels.label[:, 4] == -1).all()
    assert shares(labels.label[:, 3]) == [10, 10, 10]


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_stocks_changes_no_label(seed: int) -> None:
    market = random_market(seed % 7)
    order = np.random.default_rng(seed).permutation(STOCKS)
    other = market_of(market.close[order])
    one, two = trade_labels(market, DATE), trade_labels(other, DATE)
    assert np.array_equal(one.label[order], two.label)


def test_a_stock_that_leaves_late_is_held_against_bands_that_it_had_no_part_in() -> None:
    market = random_market(3)
    late = market.sellable.copy()
    late[0, 3:5] = False  # decided on day 0, due on day 3: it leaves on day 5
    held = replace(market, sellable=late)
    opens = held.open.copy()
    opens[0, 5] = 10 * opens[0, 1]
    labels = trade_labels(replace(held, open=opens), DATE)
    assert labels.settled_at[0, 0] == 5
    assert (labels.settled_at[1:, 0] == 3).all()
    # 32 others have terciles of 11, 10 and 11; whatever the late one earns, they stay.
    assert shares(labels.label[1:, 0]) == [11, 10, 11]
    assert labels.label[0, 0] == Label.UP
    lower = opens.copy()
    lower[0, 5] = 0.1 * opens[0, 1]
    assert np.array_equal(
        trade_labels(replace(held, open=lower), DATE).label[1:, 0], labels.label[1:, 0]
    )


def of_returns(returns: npt.NDArray[np.float64], spec: LabelSpec = DATE) -> Labels:
    """Return the labels of a market whose trades decided on its first day make given returns."""
    opens = np.full((len(returns), 1 + 2 * HORIZON), 100.0)
    opens[:, 1 + HORIZON :] *= 1 + returns[:, None]
    return trade_labels(market_of(opens), spec)


SOME = st.lists(st.integers(-90, 90), min_size=FEWEST_NAMES, max_size=70)


@settings(max_examples=30, deadline=None)
@given(hundredths=SOME, more=st.integers(1, 300))
def test_a_constant_on_top_of_all_returns_of_a_date_changes_no_label(
    hundredths: list[int], more: int
) -> None:
    returns = np.array(hundredths) / 100
    one, two = of_returns(returns), of_returns(returns + more / 100)
    assert np.array_equal(one.label[:, 0], two.label[:, 0])


@settings(max_examples=30, deadline=None)
@given(hundredths=SOME, down=st.integers(5, 50), up=st.integers(5, 50))
def test_shares_are_as_asked_but_for_ties_which_hold(
    hundredths: list[int], down: int, up: int
) -> None:
    spec = LabelSpec(horizon=HORIZON, band="date", down_share=down / 100, up_share=up / 100)
    returns, n = np.array(hundredths) / 100, len(hundredths)
    label = of_returns(returns, spec).label[:, 0]
    for one, share in ((Label.DOWN, down), (Label.UP, up)):
        assert (label == one).sum() <= n * share / 100 + 0.5 + 1e-9
    ordered = np.sort(returns)
    if (np.diff(ordered) > 0).all():
        for one, share in ((Label.DOWN, down), (Label.UP, up)):
            assert abs((label == one).sum() - n * share / 100) <= 0.5 + 1e-9
    # Equal returns are of equal class.
    assert all(len(set(label[returns == value].tolist())) == 1 for value in ordered)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), day=st.integers(4, 17), by=st.booleans())
def test_what_comes_after_a_session_changes_no_label_known_by_then(
    seed: int, day: int, by: bool
) -> None:
    rng = np.random.default_rng(seed)
    market = random_market(seed % 5, n_stocks=40, n_days=18)
    trades = rng.random(market.open.shape) > 0.15
    market = replace(market, sellable=trades, buyable=trades)
    opens = market.open.copy()
    opens[:, day + 1 :] *= rng.uniform(0.5, 2, opens[:, day + 1 :].shape)
    later = trades.copy()
    later[:, day + 1 :] = rng.random(later[:, day + 1 :].shape) > 0.15
    other = replace(market, open=opens, sellable=later, buyable=later)
    spec = DATE.model_copy(update={"band": "date-volatility"}) if by else DATE
    wild = rng.integers(1, 9, market.open.shape) / 100
    one, two = (trade_labels(m, spec, volatility=wild) for m in (market, other))
    known, again = ((x.settled_at >= 0) & (x.settled_at <= day) for x in (one, two))
    assert np.array_equal(known, again)
    assert np.array_equal(one.label[known], two.label[known])
