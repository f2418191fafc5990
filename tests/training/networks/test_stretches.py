"""Stretches hold every row that may be learnt once, with the input of its own window."""

import numpy as np
import pytest
import torch

from rollsight.signals.inputs.labels import NO_LABEL
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, known_rows
from rollsight.training.networks.stretches import Stretches, span_stretches

TRAIN, BEFORE = Span(15, 50), 50


def cut(samples: SampleSet, length: int) -> Stretches:
    return span_stretches(samples, TRAIN, BEFORE, fit_scaler(samples, TRAIN, 5.0), length=length)


@pytest.mark.parametrize(
    ("length", "tiles", "equal"), [(1, 35, 1), (8, 5, 7), (12, 3, 12), (35, 1, 35), (99, 1, 35)]
)
def test_tiles_are_equal_and_no_longer_than_asked_for(
    samples: SampleSet, length: int, tiles: int, equal: int
) -> None:
    found = cut(samples, length)
    assert found.target.shape[1:] == (tiles, equal)
    assert found.own.shape[1:] == (tiles, 1, samples.lookback + equal - 1)
    assert found.shared.shape == (tiles, 2, samples.lookback + equal - 1)


@pytest.mark.parametrize("length", [1, 8, 12, 35])
def test_every_row_that_may_be_learnt_is_there_once_with_its_own_input(
    samples: SampleSet, length: int
) -> None:
    scaler, found = fit_scaler(samples, TRAIN, 5.0), cut(samples, length)
    batch = found.batch(torch.arange(len(found)))
    seen = 0
    for (stock, tile), own, at, target in zip(
        found.held.tolist(), batch.own, batch.tile, batch.target, strict=True
    ):
        for place in (target != NO_LABEL).nonzero()[:, 0].tolist():
            day = TRAIN.start + tile * len(target) + place
            days = slice(day - samples.lookback + 1, day + 1)
            within = slice(place, place + samples.lookback)
            assert target[place] == samples.labels.label[stock, day]
            np.testing.assert_array_equal(
                own[:, within].T, scaler.stocks(samples.stocks[stock, days])
            )
            np.testing.assert_array_equal(
                batch.shared[at, :, within].T, scaler.indices(samples.indices[days])
            )
            seen += 1
    assert seen == known_rows(samples, TRAIN, BEFORE).sum() > 0


def test_what_is_left_of_the_rows_is_what_was_asked_for(samples: SampleSet) -> None:
    found = cut(samples, 12)
    rows = np.zeros((len(found.target), 35), dtype=bool)
    rows[1, 13] = True  # the second tile's second decision
    only = found.only(rows)
    assert only.held.tolist() == [[1, 1]]
    assert (only.target != NO_LABEL).nonzero().tolist() == [[1, 1, 1]]
    assert len(found.only(~rows)) == len(found)
