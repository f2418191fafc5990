"""The map is the gradient of the log-odds of UP, and exactly that."""

import numpy as np
import pytest
import torch
from captum.attr import Saliency
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import predict, windows
from rollsight.training.explaining.attribution import explain, saliency, shares
from rollsight.training.explaining.target import Scores, log_odds
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel

ROWS = rows_of(np.ones((4, 68), dtype=bool), 12)  # more than one batch holds


class Linear(nn.Module):
    """Three scores linear in the input, as log-probabilities."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)

    def forward(self, x: Tensor) -> Tensor:
        score = torch.einsum("ncl,jcl->nj", x, self.weight) + self.bias
        return score.log_softmax(-1)


def odds(ensemble: nn.Module) -> Scores:
    return Scores(ensemble, "log_odds")


def linear(seed: int = 0) -> Linear:
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(3, 2, 4, dtype=torch.float64, generator=generator)
    return Linear(weight, torch.randn(3, dtype=torch.float64, generator=generator))


def inputs(n: int = 5) -> Tensor:
    generator = torch.Generator().manual_seed(9)
    return torch.randn(n, 2, 4, dtype=torch.float64, generator=generator)


def test_log_odds_are_those_of_up_against_the_rest() -> None:
    probability = torch.tensor([[0.25, 0.25, 0.5], [0.1, 0.1, 0.8], [0.5, 0.4, 0.1]])
    expected = np.log([1, 4, 1 / 9])
    np.testing.assert_allclose(log_odds(probability.log())[:, Label.UP], expected, atol=1e-6)


def test_the_gradient_of_a_linear_model_is_worked_out_by_hand() -> None:
    model, x = linear(), inputs()
    gradient, contribution = saliency(odds(model), x)
    w = model.weight.detach().numpy()
    score = np.einsum("ncl,jcl->nj", x.numpy(), w) + model.bias.detach().numpy()
    # d(z_up - log(exp z_down + exp z_hold)) = w_up - (p w_down + q w_hold), p + q = 1
    p = np.exp(score[:, 0]) / (np.exp(score[:, 0]) + np.exp(score[:, 1]))
    for row in range(5):
        expected = w[2] - (p[row] * w[0] + (1 - p[row]) * w[1])
        np.testing.assert_allclose(gradient[row], expected, rtol=1e-12)
        np.testing.assert_allclose(contribution[row], expected * x[row].numpy(), rtol=1e-12)


def test_equal_rivals_leave_the_difference_to_up() -> None:
    weight = torch.zeros(3, 2, 4, dtype=torch.float64)
    weight[2, 1, 3] = 2.0
    gradient, _ = saliency(odds(Linear(weight, torch.zeros(3, dtype=torch.float64))), inputs(1))
    expected = np.zeros((2, 4))
    expected[1, 3] = 2.0
    assert gradient[0].tolist() == expected.tolist()


def test_a_shift_common_to_all_scores_changes_nothing() -> None:
    model, x = linear(), inputs()
    common = torch.randn(2, 4, dtype=torch.float64)
    shifted = Linear(model.weight.detach() + common, model.bias.detach() + 7)
    for found, expected in zip(saliency(odds(shifted), x), saliency(odds(model), x), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_neither_the_weights_nor_the_input_are_touched() -> None:
    model, x = linear(), inputs()
    model.bias.requires_grad_(requires_grad=False)
    before = [p.detach().clone() for p in model.parameters()], x.clone()
    gradient, contribution = saliency(odds(model), x)
    assert all(torch.equal(a, b) for a, b in zip(before[0], model.parameters(), strict=True))
    assert [p.requires_grad for p in model.parameters()] == [True, False]
    assert all(p.grad is None for p in model.parameters())
    assert torch.equal(x, before[1])
    assert not x.requires_grad
    assert x.grad is None
    assert not gradient.requires_grad
    assert not contribution.requires_grad
    assert gradient.shape == contribution.shape == x.shape


def test_the_map_of_a_fitted_model_is_its_central_difference(
    fitted: FittedModel, samples: SampleSet
) -> None:
    ensemble = load_networks(fitted).double()
    _, x = next(windows(fitted, samples, Rows(np.array([0, 3]), np.array([30, 60]))))
    x, step = x[:2].double(), 1e-6
    gradient, _ = saliency(odds(ensemble), x)
    nudges = step * torch.eye(36, dtype=torch.float64).reshape(36, 3, 12)  # one input each
    difference = torch.stack(
        [
            (odds(ensemble)(row + nudges) - odds(ensemble)(row - nudges))[:, Label.UP] / (2 * step)
            for row in x
        ]
    ).reshape(2, 3, 12)
    assert gradient.abs().max() > 1e-3
    torch.testing.assert_close(gradient, difference, atol=1e-7, rtol=1e-5)
    single = explain(fitted, samples, Rows(np.array([0, 3]), np.array([30, 60])))
    np.testing.assert_allclose(single.gradient, difference, atol=1e-5)


def test_captum_finds_the_same_map(fitted: FittedModel, samples: SampleSet) -> None:
    ensemble = load_networks(fitted)
    _, x = next(windows(fitted, samples, ROWS))
    found, _ = saliency(odds(ensemble), x)
    captums = Saliency(odds(ensemble)).attribute(
        x.requires_grad_(), target=int(Label.UP), abs=False
    )
    torch.testing.assert_close(found, captums)


def test_maps_have_exactly_the_shape_of_their_inputs(
    fitted: FittedModel, samples: SampleSet
) -> None:
    maps = explain(fitted, samples, ROWS)
    assert maps.gradient.shape == maps.contribution.shape == (272, 3, 12)
    assert maps.gradient.dtype == np.float32
    x = np.concatenate([x.numpy() for _, x in windows(fitted, samples, ROWS)])[:272]
    np.testing.assert_array_equal(maps.contribution, maps.gradient * x)
    none = np.array([], dtype=np.int64)
    assert explain(fitted, samples, Rows(none, none)).gradient.shape == (0, 3, 12)


def test_a_map_is_the_same_alone_and_among_others(fitted: FittedModel, samples: SampleSet) -> None:
    maps = explain(fitted, samples, ROWS)
    for row in (0, 255, 271):
        alone = explain(fitted, samples, Rows(ROWS.stock[[row]], ROWS.day[[row]]))
        assert alone.gradient[0].tobytes() == maps.gradient[row].tobytes()


def test_explaining_changes_neither_model_nor_forecast(
    fitted: FittedModel, samples: SampleSet
) -> None:
    before = predict(fitted, samples, ROWS).tobytes()
    weights = [w[name].copy() for w in fitted.weights for name in w]
    explain(fitted, samples, ROWS)
    after = [w[name] for w in fitted.weights for name in w]
    assert all(np.array_equal(a, b) for a, b in zip(weights, after, strict=True))
    assert predict(fitted, samples, ROWS).tobytes() == before
    assert not any(p.requires_grad for p in load_networks(fitted).parameters())


def test_shares_are_summed_absolute_gradients() -> None:
    gradient = np.zeros((2, 3, 4), np.float32)
    gradient[0, 0] = [1, -1, 1, -1]  # signed sums would cancel
    gradient[1, 2] = [3, 0, -9, 0]
    assert shares(gradient).tolist() == [0.25, 0, 0.75]
    assert shares(np.zeros((2, 3, 4), np.float32)).tolist() == [0, 0, 0]
    assert shares(gradient).sum() == pytest.approx(1)
