"""Families of boosted trees begin with the frequencies, whoever grows the trees."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Window
from rollsight.training.models.families import family_of
from rollsight.training.models.family import Learnt, WindowData
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples
from tests.support.skips import skip_without

each_family = pytest.mark.parametrize("name", ["boosting", "lightgbm"])


def learnt(
    name: str, samples: SampleSet, window: Window, training: TrainingSpec | None = None
) -> Learnt:
    skip_without(name)
    data = WindowData(samples, window, fit_scaler(samples, window.train, 5.0))
    family = family_of(name)
    options = family.options.model_validate({"rounds": 3})
    return family.fit(data, options, training or TrainingSpec(), seed=0, before=None)


@each_family
def test_before_the_first_round_it_says_the_frequencies(name: str, window: Window) -> None:
    samples = random_samples(4, 80)
    found = learnt(name, samples, window)
    assert len(found.validation_loss) == len(found.train_loss) + 1 == 4
    data = WindowData(samples, window, fit_scaler(samples, window.train, 5.0))
    target = data.labels(data.validation)
    share = torch.softmax(torch.from_numpy(found.weights["start"]), 0).numpy()
    assert found.validation_loss[0] == pytest.approx(-np.log(share[target]).mean(), abs=1e-6)


@each_family
def test_balanced_classes_begin_nearly_alike(name: str, window: Window) -> None:
    samples = random_samples(4, 80)
    label = samples.labels.label.copy()
    label[1:][label[1:] == Label.UP] = Label.HOLD  # UP is left to one stock of four
    seldom = replace(samples, labels=replace(samples.labels, label=label))
    starts = (
        learnt(name, seldom, window, TrainingSpec(class_weights=weights)).weights["start"]
        for weights in ("none", "balanced")
    )
    plain, balanced = (float(np.ptp(start)) for start in starts)
    assert balanced < plain / 3


@each_family
def test_of_one_class_alone_no_tree_is_grown(name: str, window: Window) -> None:
    samples = random_samples(4, 80)
    label = np.where(samples.labels.label >= 0, Label.UP, -1).astype(np.int8)
    found = learnt(name, replace(samples, labels=replace(samples.labels, label=label)), window)
    assert found.weights["start"].tolist() == [-20, -20, 0]
    assert (len(found.weights["value"]), found.best_epoch) == (0, 0)
