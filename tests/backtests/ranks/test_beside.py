"""Where a score ranks, how long it does, and what its features do by themselves."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.ranks.beside import Beside, held_returns, ranks_beside
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.base.records import plain, record
from rollsight.signals.inputs.tradedvalue import traded_value, trailing_mean
from rollsight.signals.inputs.universe import Universe
from rollsight.strategies.costs import dated_costs
from rollsight.training.fitting.windows import Span, Window
from tests.support.markets import market_of, own_channels, random_samples

STOCKS, DAYS, FIRST = 120, 460, 60
HORIZON = 3


def spec_with(normalise: str = "cross-section") -> RunSpec:
    return check_spec(
        {
            "market": {"folder": "nowhere", "benchmark": "KS11"},
            "features": {"normalise": normalise, "lookback": 1},
            "label": {"horizon": HORIZON},
        },
        "test",
    )


def planted(*, shuffled: bool = False) -> tuple[Prepared, pd.DataFrame]:
    """Return a market in which a score known at t moves the larger stocks from t+1 to t+2 alone.

    The last forty stocks are the most traded third. Of the three channels the first is the score
    and the others are noise.
    """
    rng = np.random.default_rng(0)
    score = rng.normal(size=(STOCKS, DAYS))
    moved = 0.02 * rng.normal(size=(STOCKS, DAYS))
    moved[80:, 2:] += 0.02 * score[80:, :-2]
    opens = 1000 * np.exp(np.cumsum(moved, axis=1))
    volume = np.repeat([[1.0], [1e3], [1e6]], STOCKS // 3, axis=0) * np.ones(DAYS)
    market = replace(
        market_of(opens, volume=volume, book="krx"), boards=("KOSPI", "KOSDAQ") * (STOCKS // 2)
    )
    samples = random_samples(STOCKS, DAYS, lookback=1, c=3)
    samples.stocks[..., 0] = score
    labels = held_returns(market, HORIZON, before=DAYS)
    ready = Prepared(
        market=market,
        universe=Universe(np.ones((STOCKS, DAYS), dtype=bool), {}, {}, None),
        samples=replace(samples, own=own_channels("score", "range", "volume")),
        losses=(),
        windows=(Window(0, Span(0, 30), Span(30, FIRST), Span(FIRST, DAYS)),),
        costs=dated_costs(spec_with().costs, market),
    )
    day, stock = (of.ravel() for of in np.meshgrid(np.arange(FIRST, DAYS), np.arange(STOCKS)))
    shown = rng.permuted(score, axis=0) if shuffled else score
    signals = pd.DataFrame(
        {
            "stock": stock,
            "day": day,
            "p_up": 1 / 3 + shown[stock, day] / 50,
            "p_down": 1 / 3,
            "label_return": labels[stock, day],
            "volatility": rng.uniform(0.01, 0.03, len(day)),
        }
    )
    return ready, signals


@pytest.fixture(scope="module")
def found() -> Beside:
    ready, signals = planted()
    made = ranks_beside(ready, spec_with(), signals)
    assert made is not None
    return made


def test_what_ranks_among_the_most_traded_alone_is_found_there(found: Beside) -> None:
    sizes = {r.name: r.matched for r in found.sizes}
    assert list(sizes) == ["small", "middle", "large"]
    assert sizes["large"].low > 0.3
    assert all(sizes[k].low < 0 < sizes[k].high for k in ("small", "middle"))
    # One date in two is looked at; the last three have no label.
    assert (found.every, sizes["large"].dates) == (2, 198)
    # Both boards have as many of either.
    assert [r.name for r in found.boards] == ["KOSDAQ", "KOSPI"]
    assert all(0.1 < r.plain.mean < 0.3 for r in found.boards)


def test_what_moves_one_session_decays_with_the_holding(found: Beside) -> None:
    held = {int(r.name): r.plain.mean for r in found.horizons}
    assert list(held) == [1, 2, 3, 5, 10, 20, 40, 60]
    # What is driven is one session of k that vary alike: its share falls as 1 / sqrt(k).
    shares = [held[k] / held[1] for k in (2, 5, 20)]
    assert shares == pytest.approx([0.71, 0.45, 0.22], abs=0.06)
    ours = next(r for r in found.horizons if int(r.name) == HORIZON)
    assert ours.plain == found.features[0].plain


def test_a_planted_feature_is_found_and_noise_is_not(found: Beside) -> None:
    model, score, noise, other = found.features
    assert (model.name, score.name) == ("model", "score")
    assert score.matched == model.matched
    assert score.plain.low > 0.1
    assert all(f.plain.low < 0 < f.plain.high for f in (noise, other))


def test_a_shuffled_score_ranks_nowhere_beyond_what_luck_makes_of_so_many() -> None:
    ready, signals = planted(shuffled=True)
    made = ranks_beside(ready, spec_with(), signals)
    groups = [*made.sizes, *made.boards, *made.horizons, made.features[0]]
    held = [r.matched.low < 0 < r.matched.high for r in groups if r.matched.low is not None]
    assert len(held) == 11  # holdings of 20 sessions and more have too few blocks
    assert sum(held) >= 9  # one in twenty may stray


def test_features_that_are_no_ranks_and_few_stocks_are_left_out(found: Beside) -> None:
    ready, signals = planted()
    assert ranks_beside(ready, spec_with("window"), signals).features == ()
    few = signals[signals["stock"] < 29]
    assert ranks_beside(ready, spec_with(), few) is None
    one_board = replace(ready, market=replace(ready.market, boards=("KOSPI",) * STOCKS))
    assert ranks_beside(one_board, spec_with(), signals).boards == ()
    assert record(Beside, plain(found)) == found


def test_a_holding_is_the_labels_trade_with_another_horizon() -> None:
    opens = np.array([[10.0, 20, 21, 24, 30, 33, 40]])
    sellable = np.array([[True, True, True, False, True, True, True]])
    market = replace(market_of(opens), sellable=sellable)
    # Bought at 20 after the first close; two sessions on is 24, which cannot be sold at: 30.
    one, two = (held_returns(market, h, before=7)[0] for h in (1, 2))
    assert one[0] == pytest.approx(21 / 20 - 1)
    assert two[0] == pytest.approx(30 / 20 - 1)
    assert two[3] == pytest.approx(40 / 30 - 1)
    assert np.isnan(two[4:]).all()
    # A trade that ends in the session from which nothing may be known has no return.
    assert np.isnan(held_returns(market, 2, before=6)[0, 3])


def test_traded_value_is_the_mean_of_the_last_sessions_alone() -> None:
    opens = np.array([[2.0, 3, 4, np.nan, 6]])
    value = traded_value(market_of(opens, volume=np.array([[1.0, 1, 10, 1, 1]])))
    assert value is not None
    # 2 x 1 beside nothing; then (2 + 3) / 2, (3 + 40) / 2, (40 + 0) / 2, (0 + 6) / 2.
    assert trailing_mean(value, 2).tolist() == [[1.0, 2.5, 21.5, 20.0, 3.0]]
    assert traded_value(market_of(opens)) is None
