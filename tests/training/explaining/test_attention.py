"""The profile of attention is that of the network, beside what each day does to its score."""

import numpy as np
import pytest
import torch

from rollsight.signals.inputs.labels import Label
from rollsight.training.explaining.attention import MOST, attention_profile
from rollsight.training.explaining.attribution import explain
from rollsight.training.fitting.fit import fit
from rollsight.training.fitting.rows import Rows, standardised
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.families import options_of
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import AttributionSpec, TrainingSpec
from tests.support.markets import random_samples

SAMPLES = random_samples(4, 120, lookback=8, c=2)
WINDOW = Window(0, Span(10, 70), Span(70, 95), Span(95, 110))
ROWS = Rows(np.array([0, 1, 3, 2]), np.array([96, 97, 101, 108]))


def fitted(name: str) -> FittedModel:
    spec = options_of(name)(name=name)
    training = TrainingSpec(epochs=3, seeds=2, l1=0)
    return fit(SAMPLES, WINDOW, model=spec, training=training, clip=5.0)


@pytest.mark.parametrize(("name", "heads"), [("attention", 1), ("transformer", 4)])
def test_each_day_has_its_weight_its_gradient_and_what_its_absence_does(
    name: str, heads: int
) -> None:
    model = fitted(name)
    found = attention_profile(model, SAMPLES, ROWS, "up_logit")
    assert found is not None
    assert found.heads.shape == (heads, 8)
    np.testing.assert_allclose(found.heads.sum(1), 1, rtol=1e-6)
    back = found.heads @ np.arange(8)[::-1]
    assert list(back) == sorted(back)  # the nearest look first
    maps = explain(model, SAMPLES, ROWS, spec=AttributionSpec(target="up_logit"))
    np.testing.assert_allclose(found.gradient, np.abs(maps.gradient).sum(1).mean(0), rtol=1e-4)
    x = torch.from_numpy(standardised(SAMPLES, model.scaler, ROWS))
    ensemble = load_networks(model)

    def score(inputs: torch.Tensor) -> np.ndarray:
        each = [network(inputs)[:, Label.UP, 0] for network in ensemble.networks]
        return torch.stack(each).mean(0).numpy()

    without = x.clone()
    without[:, :, 2] = 0
    moved = np.abs(score(without) - score(x)).mean()
    assert moved > 0
    np.testing.assert_allclose(found.occlusion[2], moved, rtol=1e-3)


def test_no_row_has_no_profile_and_many_are_stood_for_by_some() -> None:
    model, none = fitted("attention"), np.array([], dtype=np.int64)
    assert attention_profile(model, SAMPLES, Rows(none, none), "log_odds") is None
    day = np.repeat(np.arange(95, 110), 4)
    many = Rows(np.tile(np.arange(4), 15), day)
    wide = Rows(np.tile(many.stock, 2), np.tile(many.day, 2))
    assert len(wide) > MOST
    one = attention_profile(model, SAMPLES, wide, "log_odds")
    other = attention_profile(model, SAMPLES, wide.some(MOST), "log_odds")
    assert one is not None
    assert other is not None
    np.testing.assert_array_equal(one.heads, other.heads)
