"""How stable a tuned threshold is, by hand and against a plain loop."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.stability import (
    DRAWS,
    UNKNOWN,
    Stability,
    _blocks,
    _counts,
    _dates,
    stability,
)
from rollsight.training.deciding.threshold import ThresholdCurve, buy_curve, tune
from rollsight.training.spec import ThresholdSpec

Objective = Literal["precision", "net_return", "f_beta"]


class Validation:
    """Rows of some dates, each with the same scores."""

    def __init__(self, label: np.ndarray, net: np.ndarray, score: np.ndarray) -> None:
        n_dates, n_stocks = label.shape
        self.label, self.net = label.ravel().astype(np.int8), net.ravel()
        self.score = np.broadcast_to(score, label.shape).ravel()
        self.date = np.repeat(np.arange(n_dates), n_stocks)

    def tuned(self, spec: ThresholdSpec, *, span: int = 3, skilled: bool = True) -> ThresholdCurve:
        return tune(
            self.score, self.label, self.net, self.date, spec=spec, span=span, skilled=skilled
        )

    def stability(self, spec: ThresholdSpec, *, span: int = 3, skilled: bool = True) -> Stability:
        return stability(
            self.tuned(spec, span=span, skilled=skilled), self.score, self.label, self.net,
            self.date, spec=spec, span=span,
        )  # fmt: skip


def noise(seed: int, *, n_dates: int = 60, n_stocks: int = 6) -> Validation:
    rng = np.random.default_rng(seed)
    shape = (n_dates, n_stocks)
    return Validation(rng.integers(0, 3, shape), rng.normal(0, 0.05, shape), rng.random(shape))


def same_every_day(labels: list[Label]) -> Validation:
    """Return thirty dates on which scores 0.1, 0.2, ... have always the same labels."""
    score = np.arange(1, len(labels) + 1) / 10
    return Validation(np.tile(labels, (30, 1)), np.zeros((30, len(labels))), score)


def test_a_threshold_that_is_best_every_day_is_always_chosen_and_never_lucky() -> None:
    rows = same_every_day([Label.DOWN, Label.HOLD, Label.UP, Label.UP])
    spec = ThresholdSpec(min_buys=1)
    assert rows.tuned(spec).value == 0.3
    assert rows.stability(spec) == Stability(low=0.3, high=0.3, near=1.0, optimism=0.0)


def test_two_halves_that_disagree_share_the_draws_between_their_thresholds() -> None:
    # In the first half of the dates 0.2 is always right and 0.4 never, then the other way round;
    # buying from 0.2 on takes both, and is half right.
    first = np.tile([Label.DOWN, Label.UP, Label.UP, Label.DOWN], (15, 1))
    later = np.tile([Label.DOWN, Label.DOWN, Label.DOWN, Label.UP], (15, 1))
    rows = Validation(
        np.concatenate([first, later]), np.zeros((30, 4)), np.array([1, 2, 3, 4]) / 10
    )
    spec = ThresholdSpec(min_buys=1)
    # All dates: 0.2 has 45 of 90, 0.3 has 30 of 60, 0.4 has 15 of 30: the lowest wins.
    assert rows.tuned(spec).value == 0.2
    found = rows.stability(spec, span=1)
    # More of the first half drawn: 0.2 with 1/3 + f/3 beats 1/2. More of the second: 0.4 is best.
    assert (found.low, found.high) == (0.2, 0.4)
    assert found.near == pytest.approx(0.5, abs=0.1)
    assert found.optimism is not None
    assert found.optimism > 0.02


def test_a_window_that_does_not_trade_has_no_stability() -> None:
    rows = noise(0)
    assert rows.stability(ThresholdSpec(min_buys=10_000)) == UNKNOWN
    assert rows.stability(ThresholdSpec(require_skill=True), skilled=False) == UNKNOWN


def test_a_draw_below_the_least_score_chooses_nothing() -> None:
    rows = noise(1)
    free = rows.stability(ThresholdSpec())
    best = rows.tuned(ThresholdSpec())
    least = float(best.score[best.chosen])  # about half of the draws do not reach it
    held = rows.stability(ThresholdSpec(min_score=least))
    assert held.near is not None
    assert free.near is not None
    assert held.near < free.near
    # Those that do are luckier than all.
    assert held.optimism is not None
    assert free.optimism is not None
    assert held.optimism > free.optimism


def test_the_same_rows_give_the_same_bits() -> None:
    assert noise(2).stability(ThresholdSpec()) == noise(2).stability(ThresholdSpec())


def test_a_draw_is_of_runs_as_long_as_a_label_and_of_as_many_dates_as_there_are() -> None:
    drawn = _counts(_dates(12, 5))
    assert drawn.shape == (DRAWS, 12)
    assert (drawn.sum(axis=1) == 12).all()
    # Two whole runs and two dates of a third: every draw has a run of five neighbours.
    runs = np.array([np.roll(drawn, -shift, axis=1)[:, :5].min(axis=1) for shift in range(12)])
    assert (runs.max(axis=0) >= 1).all()
    assert np.abs(drawn.mean(axis=0) - 1).max() < 0.15


def test_blocks_are_counted_by_the_runs_of_a_draw() -> None:
    # Dates 0 and 2 have a buy at the first threshold, date 4 at the second.
    bought = np.array([[1, 0], [0, 0], [1, 0], [0, 0], [0, 1]], dtype=np.bool_)
    # Runs 3 4, 0 1 and 2; then 4 0, 1 2 and 3; then 0 1, 0 1 and 2.
    draws = np.array([[3, 4, 0, 1, 2], [4, 0, 1, 2, 3], [0, 1, 0, 1, 2]])
    assert _blocks(draws, bought, 2).tolist() == [[2, 1], [2, 1], [3, 0]]
    # A label longer than all dates makes one block of them.
    assert _blocks(draws[:1], bought, 7).tolist() == [[1, 1]]


# A seed is small enough as it is: no time goes into shrinking it.
@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@pytest.mark.parametrize("objective", ["precision", "net_return", "f_beta"])
@given(
    seed=st.integers(0, 2**32 - 1),
    span=st.integers(1, 15),
    min_buys=st.integers(1, 60),
    min_dates=st.integers(1, 16),
    min_blocks=st.integers(1, 4),
)
def test_every_draw_chooses_what_tuning_its_rows_would(
    objective: Objective, seed: int, span: int, min_buys: int, min_dates: int, min_blocks: int
) -> None:
    rows = noise(seed, n_dates=20)
    spec = ThresholdSpec(
        objective=objective, min_buys=min_buys, min_dates=min_dates, min_blocks=min_blocks
    )
    curve = rows.tuned(spec, span=span)
    own = rows.stability(spec, span=span)
    chosen, lucky = [], []
    of_date = np.arange(len(rows.date)).reshape(20, -1)
    for dates in _dates(20, span) if curve.chosen >= 0 else ():
        at = of_date[dates].ravel()
        again = buy_curve(
            rows.score[at], rows.label[at], rows.net[at], rows.date,
            candidates=curve.threshold, spec=spec, span=span,
        )  # fmt: skip
        enough = again.support.buys >= min_buys
        enough &= (again.support.dates >= min_dates) & (again.support.blocks >= min_blocks)
        value = np.where(enough, again.objective, -np.inf)
        best = int(value.argmax())
        if np.isfinite(value[best]):
            chosen.append(best)
            lucky.append(again.objective[best] - curve.score[best])
    if not chosen:
        assert own == UNKNOWN
        return
    assert own.near == pytest.approx(
        sum(abs(k - curve.chosen) <= 1 for k in chosen) / DRAWS, abs=0.002
    )
    assert own.optimism == pytest.approx(np.mean(lucky), abs=1e-4)
    ranked = np.sort(curve.threshold[chosen])
    n = len(ranked)
    assert own.low == ranked[int(np.ceil(0.05 * n)) - 1]
    assert own.high == ranked[int(np.ceil(0.95 * n)) - 1]


@pytest.mark.slow
def test_among_noise_the_optimism_is_what_the_choice_gained_by_luck() -> None:
    # A third go UP whatever the score: what is above a third is luck.
    spec = ThresholdSpec(min_buys=60)
    gained, said = [], []
    for seed in range(200):
        rows = noise(seed)
        curve, found = rows.tuned(spec), rows.stability(spec, span=1)
        gained.append(curve.score[curve.chosen] - 1 / 3)
        said.append(found.optimism)
    assert np.mean(gained) > 0.02
    assert np.mean(said) == pytest.approx(np.mean(gained), rel=0.3)
