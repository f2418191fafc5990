"""Features of a row are means of its inputs, and a fit on them is a linear map of its inputs."""

import numpy as np
import torch

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Window
from rollsight.training.models.baselines.logistic import LOGISTIC, LogisticSpec
from rollsight.training.models.baselines.means import means_of
from rollsight.training.models.basis import raised_cosines
from rollsight.training.models.family import WindowData
from rollsight.training.spec import TrainingSpec


def data_of(samples: SampleSet, window: Window) -> WindowData:
    return WindowData(samples, window, fit_scaler(samples, window.train, 5.0))


def test_a_rows_features_are_the_means_of_its_inputs(samples: SampleSet, window: Window) -> None:
    data = data_of(samples, window)
    rows, basis = data.validation, raised_cosines(samples.lookback, 4)
    inputs = data.inputs(rows).astype(np.float64)
    by_hand = (inputs @ basis).reshape(len(rows), -1)  # (n, channels * 4), a channel's together
    np.testing.assert_allclose(means_of(data, 4).of(rows), by_hand, atol=1e-6)
    sizes = (np.abs(inputs) @ basis).reshape(len(rows), -1)
    np.testing.assert_allclose(means_of(data, 4, absolute=True).of(rows), sizes, atol=1e-6)


def test_the_map_of_all_inputs_scores_as_the_fit_on_means_did(
    samples: SampleSet, window: Window
) -> None:
    data = data_of(samples, window)
    learnt = LOGISTIC.fit(data, LogisticSpec(l2=(0.3,)), TrainingSpec(), seed=0, before=None)
    channels = len(samples.channels)
    linear = LOGISTIC.restore(learnt.weights, channels, samples.lookback, LogisticSpec())
    with torch.no_grad():
        score = linear(torch.from_numpy(data.inputs(data.validation)))
    loss = torch.nn.functional.cross_entropy(score, torch.from_numpy(data.labels(data.validation)))
    np.testing.assert_allclose(float(loss), learnt.validation_loss[0], atol=1e-5)
