"""Stocks' channels as ranks within their date: who is ranked, and what a missing value costs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.features.panel import StockPanel
from rollsight.signals.inputs.samples import SampleSet, build_samples
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from tests.support.markets import Recipe, market_of, small_market

N_DAYS = 30
OWN = "tests.signals.inputs.test_stocks:"


class Often:
    """A feature that half of the stocks never have."""

    unit = "steps"
    needs = ("Close",)
    warm_up = 0
    cross_sectional = True

    def __call__(self, panel: StockPanel, /) -> np.ndarray:
        value = panel["Close"].copy()
        value[::2] = np.nan
        return value


class Endless(Often):
    """A feature that is infinite."""

    def __call__(self, panel: StockPanel, /) -> np.ndarray:
        return panel["Close"] * np.inf


class Constant(Often):
    """A feature that is the same of all stocks of a date."""

    def __call__(self, panel: StockPanel, /) -> np.ndarray:
        return np.broadcast_to(np.arange(panel["Close"].shape[1]), panel["Close"].shape) * 1.0


class Three(Often):
    """A feature that is the same throughout."""

    def __call__(self, panel: StockPanel, /) -> np.ndarray:
        return np.full(panel["Close"].shape, 3.0)


class Late(Often):
    """A feature that needs ten sessions before."""

    warm_up = 10

    def __call__(self, panel: StockPanel, /) -> np.ndarray:
        return panel["Close"].copy()


class Nowhere(Often):
    """A feature that no stock ever has."""

    def __call__(self, panel: StockPanel, /) -> np.ndarray:
        return panel["Close"] * np.nan


often, endless, constant = Often(), Endless(), Constant()
three, late, nowhere = Three(), Late(), Nowhere()


def random_market(n_stocks: int = 8) -> Market:
    rng = np.random.default_rng(0)
    return market_of(
        1000 * np.exp(np.cumsum(0.02 * rng.standard_normal((n_stocks, N_DAYS)), axis=1))
    )


def sampled(market: Market, member: np.ndarray | None = None, **changes: object) -> SampleSet:
    asked = {"lookback": 1, "normalise": "cross-section", **changes}
    features = FeatureSpec.model_validate(asked)
    return build_samples(market, MarketSpec(), features, LabelSpec(horizon=2), member)[0]


def test_a_channel_is_the_rank_of_its_change_among_the_members_of_the_session() -> None:
    market = random_market()
    member = market.has_bar.copy()
    member[:2, 10:20] = False
    samples = sampled(market, member)
    change = market.close[:, 1:] / market.close[:, :-1] - 1
    for day in range(1, N_DAYS):
        own = np.flatnonzero(member[:, day])
        rank = change[own, day - 1].argsort().argsort() + 1
        expected = (rank - 0.5) / len(own) - 0.5
        assert samples.stocks[own, day, 0] == pytest.approx(expected, abs=1e-6)
        assert (samples.stocks[~member[:, day], day] == 0).all()
    # What measures risk, and not a network, still sees the changes themselves.
    assert samples.changes[:, 1:] == pytest.approx(change, rel=1e-5)
    assert samples.own[0].unit == "rank within the date"


def test_what_a_session_after_shows_changes_no_rank_of_it() -> None:
    market, day = random_market(), 17
    close = market.close.copy()
    close[:, day + 1 :] *= np.random.default_rng(1).uniform(0.5, 2, close[:, day + 1 :].shape)
    one, two = sampled(market), sampled(replace(market, close=close))
    assert np.array_equal(one.stocks[:, : day + 1], two.stocks[:, : day + 1])
    assert (one.stocks[:, day + 1] != two.stocks[:, day + 1]).any()


def test_one_session_of_input_decides_from_the_second_session_on(tmp_path: Path) -> None:
    samples = sampled(small_market(tmp_path, Recipe(n_days=20)))
    assert not samples.usable[:, 0].any()
    assert samples.usable[:, 1:].all()
    assert samples.stocks.shape == (3, 20, 1)


def test_a_value_that_is_missing_stands_in_the_middle_and_costs_no_row() -> None:
    market = random_market()
    samples = sampled(market, stock=("change", f"{OWN}often"))
    assert (samples.stocks[::2, :, 1] == 0).all()
    assert samples.usable[:, 1:].all()
    assert samples.notes == (
        "Feature 'often' has no value for 50% of the members' rows: there it stands in the middle "
        "of its date",
    )
    # As it is it costs the rows without it, as it does where windows standardise.
    plain = sampled(market, stock=("change", f"{OWN}often"), as_is=(f"{OWN}often",))
    window = sampled(market, stock=("change", f"{OWN}often"), normalise="window")
    assert not plain.usable[::2].any()
    assert np.array_equal(plain.usable, window.usable)
    assert np.array_equal(plain.stocks[..., 1], window.stocks[..., 1])
    assert plain.notes == window.notes == ()


def test_a_feature_that_tells_no_stock_of_a_date_from_another_stands_in_the_middle() -> None:
    samples = sampled(random_market(), stock=("change", f"{OWN}constant"))
    assert (samples.stocks[..., 1] == 0).all()
    same = "Feature 'constant' is the same for all members of every date: its rank says nothing"
    assert samples.notes == (same,)
    samples = sampled(random_market(), stock=("change", f"{OWN}constant", f"{OWN}three"))
    assert samples.notes == (
        "Features are the same for all members of every date, so that their ranks say nothing: "
        "constant, three",
    )


def test_features_that_are_often_missing_are_named_in_one_note() -> None:
    samples = sampled(random_market(), stock=("change", f"{OWN}often", f"{OWN}nowhere"))
    assert samples.notes == (
        "Features have no value in many of the members' rows, and stand in the middle of their "
        "date there: often 50%, nowhere 100%",
    )


@pytest.mark.parametrize("names", [("constant",), ("constant", "nowhere")])
def test_ranks_that_tell_no_stock_from_another_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(RollsightError, match="tells no stock from another: on every date all mem"):
        sampled(random_market(), stock=tuple(f"{OWN}{name}" for name in names))


def test_a_feature_that_is_one_number_in_its_own_units_is_named() -> None:
    plain = sampled(random_market(), stock=("change", f"{OWN}three"), normalise="window")
    assert plain.notes == ("Feature 'three' is 3 in every row: it says nothing",)
    other = sampled(random_market(), stock=("change", f"{OWN}constant"), normalise="window")
    assert other.notes == ()  # it tells one date from another


def test_a_feature_that_begins_late_is_named_with_its_first_session() -> None:
    """Of 29 sessions with members the first nine, of 22 the first two."""
    market = random_market()
    samples = sampled(market, stock=("change", f"{OWN}late"))
    assert samples.notes == (
        "In over a tenth of the members' rows features have no value yet, and stand in the middle "
        f"of their date: late before {market.sessions[10]}",
    )
    member = market.has_bar.copy()
    member[:, :8] = False
    assert sampled(market, member, stock=("change", f"{OWN}late")).notes == ()


def test_a_feature_that_is_infinite_is_named_and_refused() -> None:
    with pytest.raises(RollsightError, match="endless' is inf at"):
        sampled(random_market(), stock=("change", f"{OWN}endless"))


def test_what_is_to_stay_as_it_is_must_be_a_feature() -> None:
    for normalise in ("cross-section", "window"):
        with pytest.raises(RollsightError, match=r"features.as_is: features.stock has no 'chnge'"):
            sampled(random_market(), as_is=("chnge",), normalise=normalise)
    with pytest.raises(RollsightError, match=r"has no 'dayly' .*did you mean 'daily'\?"):
        sampled(random_market(), stock=("change", "daily"), as_is=("dayly",))
    samples = sampled(random_market(), as_is=("change",))
    assert np.shares_memory(samples.changes, samples.stocks)
