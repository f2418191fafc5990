"""A network of returns learns what they depend on, and gives classes by its residuals."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rollsight.signals.inputs.labels import Label, classify
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.spec import LabelSpec
from rollsight.training.architectures.mlp import MLPSpec
from rollsight.training.deciding.inference import log_loss, predict
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.keys import fit_key, require_returns
from rollsight.training.fitting.rows import rows_of, standardised
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.models.loading import load_networks
from rollsight.training.networks.learner import StretchNetwork
from rollsight.training.regression.residuals import Forecasting
from rollsight.training.regression.spec import TaskSpec
from rollsight.training.regression.targets import span_targets
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples

WINDOW = Window(0, Span(15, 215), Span(215, 255), Span(255, 296))
FAST = TrainingSpec(epochs=20, l1=0, averaging=0.8)
RETURNS = MLPSpec(name="mlp", hidden=(16,), dropout=0, task="regress")


@pytest.fixture(scope="module")
def driven() -> SampleSet:
    """Samples whose return is half of one channel of the last day, and noise as large."""
    drawn = random_samples(12, 300, lookback=4, c=2)
    noise = np.random.default_rng(5).standard_normal(drawn.stocks.shape[:2])
    outcome = 0.03 * drawn.stocks[..., 0] / drawn.stocks[..., 0].std() + 0.03 * noise
    none = drawn.labels.label < 0
    label = np.where(none, -1, classify(outcome, LabelSpec())).astype(np.int8)
    labels = replace(
        drawn.labels,
        label=label,
        label_return=np.where(none, np.nan, outcome),
        limits=(-0.02, 0.02),
    )
    return replace(drawn, labels=labels)


def test_it_forecasts_what_the_return_depends_on_and_gives_the_classes_of_it(
    driven: SampleSet,
) -> None:
    model = fit_network(driven, WINDOW, model=RETURNS, training=FAST, clip=5.0, seed=0)
    rows = rows_of(known_rows(driven, WINDOW.test, 300), WINDOW.test.start)
    outcome = driven.labels.label_return[rows.stock, rows.day]
    (network,) = load_networks(model).networks
    assert isinstance(network, Forecasting)
    x = torch.from_numpy(standardised(driven, model.scaler, rows))
    forecast = network.expected(x)[:, 0].numpy()
    assert np.corrcoef(forecast, outcome)[0, 1] > 0.6
    assert np.polyfit(forecast, outcome, 1)[0] == pytest.approx(1, abs=0.2)
    label = driven.labels.label[rows.stock, rows.day]
    constant = np.broadcast_to(np.array(model.frequencies), (len(rows), 3))
    gain = log_loss(constant, label) - log_loss(predict(model, driven, rows), label)
    assert gain > 0.15
    assert model.evidence[0] is not None


def test_a_class_is_as_probable_as_residuals_put_the_return_there() -> None:
    class Given(StretchNetwork):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, :1, -1:]

    rng = np.random.default_rng(0)
    network = Forecasting(Given(), torch.tensor([-0.2, 0.2]), 10.0)
    network.take(0.3 * rng.standard_normal(100_000))
    found = network(torch.tensor([[[0.1]], [[-5.0]]])).exp()[..., 0]
    normal = torch.distributions.Normal(0.1, 0.3)
    down, up = normal.cdf(torch.tensor(-0.2)), 1 - normal.cdf(torch.tensor(0.2))
    assert torch.allclose(found[0], torch.stack([down, 1 - down - up, up]), atol=0.02)
    assert found[1, Label.DOWN] > 0.999
    assert network.expected(torch.tensor([[[0.1]]])).item() == pytest.approx(0.01)


def test_shorter_steps_are_changes_of_the_close_that_end_before_the_label(
    driven: SampleSet,
) -> None:
    class Two(TaskSpec):
        @property
        def horizons(self) -> int:
            return 2

    found = span_targets(driven, WINDOW.train, Two(task="regress", label_scale=1))
    stock, day = (int(a[0]) for a in np.nonzero(driven.labels.label[:, 15:215] >= 0))
    row = slice(day + 16, day + 18)  # of a horizon of three the first step is two sessions
    assert driven.labels.settled_at[stock, day + 15] == day + 15 + 1 + 3
    first = np.prod(1 + driven.changes[stock, row]) - 1
    assert found[stock, day, 0] == pytest.approx(first, rel=1e-4)
    assert found[stock, day, 1] == pytest.approx(driven.labels.label_return[stock, day + 15])


def test_another_return_is_another_key_where_returns_are_learnt(driven: SampleSet) -> None:
    labels = driven.labels
    other = replace(driven, labels=replace(labels, label_return=labels.label_return * 1.001))

    def key(samples: SampleSet, model: MLPSpec) -> str:
        return fit_key(samples, WINDOW, model=model, training=FAST, clip=5.0, seed=0)

    assert key(driven, RETURNS) != key(other, RETURNS)
    classes = RETURNS.model_copy(update={"task": "classify"})
    assert key(driven, classes) == key(other, classes)


def test_classes_of_a_date_follow_from_no_forecast(driven: SampleSet) -> None:
    labels = replace(driven.labels, limits=None)
    with pytest.raises(Exception, match=r"set label\.band='fixed', or model.task='classify'"):
        require_returns(labels, RETURNS, FAST)
    balanced = FAST.model_copy(update={"class_weights": "balanced"})
    with pytest.raises(Exception, match="learns returns, and no classes"):
        require_returns(driven.labels, RETURNS, balanced)
