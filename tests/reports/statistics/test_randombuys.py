"""The null of random buys, on markets where nobody knows anything."""

import numpy as np
import pandas as pd
import pytest

from rollsight.reports.statistics.randombuys import Beside, RandomBuys, beside_random, random_buys
from tests.support.simulated.buyers import STOCKS, market
from tests.support.simulated.overlaps import SPAN, persistent, plausible

DATES = 130


def bought(buys: np.ndarray) -> pd.Series:
    return pd.Series(buys.ravel())


def whole(found: RandomBuys) -> Beside:
    beside = beside_random(found, np.ones(len(found.dates), dtype=np.bool_))
    assert beside is not None
    return beside


@pytest.mark.slow
@pytest.mark.parametrize(
    ("renewed", "wild_only"),
    [
        (0.1, False),
        pytest.param(1.0, False, marks=pytest.mark.slow),
        pytest.param(0.1, True, marks=pytest.mark.slow),
    ],
)
def test_buyers_who_know_nothing_look_skilled_as_rarely_as_the_level_says(
    renewed: float, wild_only: bool
) -> None:
    rng, markets, p_values = np.random.default_rng(0), 200, []
    for seed in range(markets):
        rows = market(rng, dates=DATES)
        buys = bought(persistent(rng, (DATES, STOCKS), share=0.25, renewed=renewed))
        if wild_only:
            buys &= rows["alike"] >= 3
        found = whole(random_buys(rows, buys, span=SPAN, draws=39, seed=seed))
        p_values.append([found.precision.p_value, found.net_return.p_value])
    for level in (2 / 40, 20 / 40):  # forty places that a buyer may take among 39 draws
        for hits in (np.array(p_values) <= level).sum(axis=0):
            assert plausible(int(hits), markets, level), (level, hits)


def test_random_buys_stay_in_a_stock_as_long_as_the_real_ones() -> None:
    rng = np.random.default_rng(1)
    rows = market(rng, dates=DATES)
    fresh, held = (
        random_buys(rows, bought(persistent(rng, (DATES, STOCKS), share=0.25, renewed=r)),
                    span=SPAN, draws=200)
        for r in (1.0, 0.1)
    )  # fmt: skip
    assert fresh.renewed >= 0.5
    assert held.renewed < 0.25
    # A stock held for ten dates is one draw, not ten.
    spread = [np.std(f.drawn_net.sum(axis=1) / f.buys.sum()) for f in (fresh, held)]
    assert spread[1] > 1.4 * spread[0]


def test_the_null_has_as_many_buys_of_each_date_and_group() -> None:
    rows = pd.DataFrame(
        {
            "at": [0] * 4 + [1] * 3,
            "code": [*"abcd", *"abc"],
            "alike": [0, 0, 1, 1, 0, 0, 0],
            "plain_label": [2, 0, 2, 2, 0, 1, 0],
            "net_label_return": [0.1, -0.1, 0.2, 0.2, 0.0, 0.0, 0.0],
        }
    )
    buys = pd.Series([True, False, True, True, False, True, False])
    found = random_buys(rows, buys, span=2, draws=400)
    # On the first date both of the wild ones are taken whatever the draw, and one of the calm.
    assert set(found.drawn_hits[:, 0]) == {2.0, 3.0}
    assert found.drawn_hits[:, 0].mean() == pytest.approx(2.5, abs=0.1)
    assert set(found.drawn_hits[:, 1]) == {0.0}
    assert np.unique(found.drawn_net[:, 0].round(9)).tolist() == [0.3, 0.5]
    assert found.buys.tolist() == [3, 1]
    assert (found.hits.tolist(), found.net.tolist()) == ([3, 0], [pytest.approx(0.5), 0])


def test_a_buyer_who_knows_is_found_and_one_who_buys_everything_is_not() -> None:
    rows = market(np.random.default_rng(2), dates=60)
    knows = rows["plain_label"].eq(2) & rows["code"].lt(20)
    assert whole(random_buys(rows, knows, span=SPAN)).precision.p_value == 1 / 1001
    everything = whole(random_buys(rows, rows["code"] >= 0, span=SPAN))
    # No other buys are to be had, so luck does exactly as well.
    for beside in (everything.precision, everything.net_return):
        assert beside.p_value == 1
        assert beside.low == pytest.approx(beside.value)


def test_the_same_seed_draws_the_same_buys() -> None:
    rng = np.random.default_rng(3)
    rows, buys = market(rng, dates=30), bought(rng.random((30, STOCKS)) < 0.2)
    one, two, other = (random_buys(rows, buys, span=SPAN, draws=20, seed=s) for s in (0, 0, 1))
    assert np.array_equal(one.drawn_net, two.drawn_net)
    assert not np.array_equal(one.drawn_net, other.drawn_net)


def test_dates_without_a_buy_have_nothing_beside_them() -> None:
    rows = market(np.random.default_rng(4), dates=30)
    found = random_buys(rows, rows["at"] < 10, span=SPAN, draws=20)
    assert beside_random(found, found.dates >= 10) is None
    early = beside_random(found, found.dates < 10)
    assert early is not None
    assert early.precision.value == (rows[rows["at"] < 10]["plain_label"] == 2).mean()
