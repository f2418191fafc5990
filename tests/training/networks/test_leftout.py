"""Left-out blocks of train dates: what is learnt shares no session with what judges it."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.models.blocks import label_span
from rollsight.training.networks.leftout import left_out
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.support.markets import random_samples

# Horizon 3: a label settles 4 sessions on. Blocks of 40 sessions.
WINDOW = Window(0, Span(15, 135), Span(135, 155), Span(155, 160))
TINY = NetworkSpec(width=2, blocks=1)
FAST = TrainingSpec(epochs=2, stretch=20, batch=8)


@pytest.fixture(scope="module")
def wide() -> SampleSet:
    return random_samples(3, 160, lookback=12)


def train_rows(samples: SampleSet) -> Rows:
    known = known_rows(samples, WINDOW.train, WINDOW.validation.start)
    return rows_of(known, WINDOW.train.start)


def test_a_third_of_the_dates_is_left_out_and_neighbours_of_it_are_not_learnt(
    wide: SampleSet,
) -> None:
    assert label_span(train_rows(wide), wide.labels) == 4
    split = left_out(wide, WINDOW, seed=1)
    assert split is not None
    # Block 1 of three: sessions 40 to 79 of the span.
    judged = np.zeros(120, dtype=bool)
    judged[40:80] = True
    # A label of day 36 settles on day 40; the last left-out one, of day 79, on day 83.
    learnt = np.zeros(120, dtype=bool)
    learnt[:36] = learnt[84:116] = True  # and one of day 116 on day 120
    np.testing.assert_array_equal(split.judged, np.tile(judged, (3, 1)))
    np.testing.assert_array_equal(split.learnt, np.tile(learnt, (3, 1)))


def test_three_seeds_in_turn_leave_every_row_out_once(wide: SampleSet) -> None:
    splits = [left_out(wide, WINDOW, seed) for seed in (1000, 1001, 1002)]
    known = known_rows(wide, WINDOW.train, WINDOW.validation.start)
    times = np.sum([split.judged for split in splits if split is not None], axis=0)
    np.testing.assert_array_equal(times, known)


def test_a_label_that_settles_late_is_not_learnt_across_a_left_out_block(wide: SampleSet) -> None:
    settled = wide.labels.settled_at.copy()
    settled[0, 15 + 30] = 15 + 45  # halted since, and sold in a left-out block
    late = replace(wide, labels=replace(wide.labels, settled_at=settled))
    split = left_out(late, WINDOW, seed=1)
    assert split is not None
    assert not split.learnt[0, 30]
    assert split.learnt[1, 30]


def test_a_short_span_leaves_nothing_out(wide: SampleSet) -> None:
    short = Window(0, Span(15, 40), Span(40, 60), Span(60, 70))
    assert left_out(wide, short, seed=0) is None
    model = fit_network(wide, short, model=TINY, training=FAST, clip=5.0, seed=0)
    assert model.evidence == (None,)


def test_what_is_left_out_changes_no_weight_but_by_when_it_stops(wide: SampleSet) -> None:
    def fitted(samples: SampleSet, epochs: int) -> dict[str, np.ndarray]:
        training = FAST.model_copy(update={"epochs": epochs})
        model = fit_network(samples, WINDOW, model=TINY, training=training, clip=5.0, seed=0)
        return dict(model.weights[0])

    split = left_out(wide, WINDOW, seed=0)
    assert split is not None
    label = wide.labels.label.copy()
    train = label[:, 15:135]  # a view
    train[split.judged] = train[split.judged][::-1]  # as many of each class as before
    edited = replace(wide, labels=replace(wide.labels, label=label))
    assert (edited.labels.label != wide.labels.label).sum() > 20
    one, other = fitted(wide, 1), fitted(edited, 1)
    assert all((one[name] == other[name]).all() for name in one)


def test_a_stock_whose_only_rows_lie_in_a_gap_is_neither_learnt_nor_in_the_way(
    wide: SampleSet,
) -> None:
    usable = wide.usable.copy()
    usable[2] = False
    usable[2, 15 + 81 : 15 + 83] = True  # behind the left-out block of sessions 40 to 79
    listed = replace(wide, usable=usable)
    split = left_out(listed, WINDOW, seed=1)
    assert split is not None
    assert not (split.learnt[2] | split.judged[2]).any()
    model = fit_network(listed, WINDOW, model=TINY, training=FAST, clip=5.0, seed=1)
    assert model.evidence[0] is not None
    assert model.evidence[0].rows.sum() == split.judged.sum()
