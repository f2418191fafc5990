"""Each further method is what its paper says, on a fitted ensemble of two networks."""

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from torch import Tensor, nn

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import predict, windows
from rollsight.training.explaining.attribution import explain
from rollsight.training.explaining.methods import METHODS, integrated_gradients, require_methods
from rollsight.training.explaining.target import Scores, gradient_of
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.families import family_of
from rollsight.training.models.loading import Ensemble, load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import AttributionSpec, NetworkSpec
from tests.support.networks import build_network

ROWS = Rows(np.array([0, 3, 1]), np.array([30, 60, 44]))
ROW = 2  # its Grad-CAM is not all clipped away
UP = torch.tensor([int(Label.UP)])


@pytest.fixture
def scores(fitted: FittedModel) -> Scores:
    return Scores(load_networks(fitted), "log_odds")


@pytest.fixture
def x(fitted: FittedModel, samples: SampleSet) -> Tensor:
    _, x = next(windows(fitted, samples, ROWS))
    return x[ROW : ROW + 1].clone().requires_grad_()


def up(scores: Scores, x: Tensor) -> Tensor:
    with torch.no_grad():
        return scores(x)[:, Label.UP]


@pytest.mark.parametrize("network", ["resnet", "resnet18"])
@pytest.mark.parametrize("kind", ["log_odds", "up_logit", "predicted"])
@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_map_has_its_inputs_shape(network: str, kind: str, name: str) -> None:
    torch.manual_seed(0)
    spec = NetworkSpec.model_validate({"name": network, "width": 2, "blocks": 1})
    built = [build_network(3, 16, spec).eval() for _ in range(2)]
    for module in built:
        for parameter in module.parameters():
            nn.init.normal_(parameter, std=0.4)
    scores = Scores(Ensemble(list(built), family_of(network).can.cam), kind)  # type: ignore[arg-type]
    x = torch.randn(1, 3, 16, requires_grad=True)
    found = METHODS[name](scores, x, scores.target(x))  # type: ignore[index]
    assert found.shape == x.shape
    assert torch.isfinite(found).all()
    assert found.abs().max() > 0


@pytest.mark.parametrize("together", [2, 8])
def test_integrated_gradients_are_captums(
    fitted: FittedModel, samples: SampleSet, scores: Scores, together: int
) -> None:
    _, x = next(windows(fitted, samples, ROWS))
    x, target = x[: len(ROWS)], UP.repeat(len(ROWS))
    ours = integrated_gradients(scores, x, target, steps=8, together=together)
    theirs = IntegratedGradients(scores).attribute(
        x, target=target, n_steps=8, internal_batch_size=together * len(ROWS)
    )
    assert torch.equal(ours, theirs)


def test_integrated_gradients_are_complete(scores: Scores, x: Tensor) -> None:
    found = METHODS["integrated_gradients"](scores, x, UP)
    gap = up(scores, x) - up(scores, torch.zeros_like(x))
    assert gap.abs() > 1e-2
    torch.testing.assert_close(found.sum().reshape(1), gap, atol=2e-3, rtol=0.02)


def test_occlusion_of_a_channel_is_what_its_removal_takes(scores: Scores, x: Tensor) -> None:
    found = METHODS["occlusion"](scores, x, UP)
    for channel in range(3):
        without = x.detach().clone()
        without[0, channel] = 0
        lost = up(scores, x) - up(scores, without)
        torch.testing.assert_close(found[0, channel], lost.expand(12) / 12, atol=1e-6, rtol=1e-4)


def cam_by_hand(network: nn.Module, x: Tensor, *, older: bool = False) -> Tensor:
    """Return Grad-CAM on the 12 days; those before the oldest position are 0, or like it."""
    (block,) = network.blocks  # type: ignore[misc, union-attr]
    kept = []
    handle = block.register_forward_hook(lambda _m, _i, out: kept.append(out))
    score = Scores(Ensemble([network]), "log_odds")(x)[0, Label.UP]
    handle.remove()
    (slope,) = torch.autograd.grad(score, kept[0])
    weight = slope.mean(-1, keepdim=True)  # one a feature: its mean gradient over the days
    days = (weight * kept[0]).sum(1).relu()[0].detach()
    assert len(days) == 4  # 12 less 4 of the stem and 4 of the block: the newest ones
    return torch.cat([days[:1].expand(8) if older else torch.zeros(8), days])


def test_grad_cam_lies_on_the_newest_days_and_is_averaged(scores: Scores, x: Tensor) -> None:
    found = METHODS["grad_cam"](scores, x, UP)
    each = torch.stack([cam_by_hand(n, x) for n in scores.ensemble.networks])
    assert each.max() > 0
    torch.testing.assert_close(found[0], each.mean(0).expand(3, 12), atol=1e-6, rtol=1e-4)


class Guided(torch.autograd.Function):
    """ReLU that hands back only what is positive (Springenberg et al., 2015)."""

    @staticmethod
    def forward(ctx, x):  # type: ignore[no-untyped-def]
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, slope):  # type: ignore[no-untyped-def]
        (x,) = ctx.saved_tensors
        return slope.clamp(min=0) * (x > 0)


class GuidedModule(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return Guided.apply(x)


def test_guided_grad_cam_is_guided_backpropagation_times_grad_cam(
    scores: Scores, x: Tensor
) -> None:
    found = METHODS["guided_grad_cam"](scores, x, UP)
    maps = []
    for network in scores.ensemble.networks:
        cam = cam_by_hand(network, x, older=True)
        for module in (network, *network.blocks):
            module.act = GuidedModule()
        maps.append(gradient_of(Scores(Ensemble([network]), "log_odds"), x, UP)[0] * cam)
    expected = torch.stack(maps).mean(0)
    assert expected.abs().max() > 0
    torch.testing.assert_close(found[0], expected, atol=1e-6, rtol=1e-4)


def test_temporal_rescaling_is_the_papers_two_loops(scores: Scores, x: Tensor) -> None:
    def changed(masked: Tensor) -> float:
        own, there = (gradient_of(scores, v, UP).abs() for v in (x, masked))
        return float((own - there).abs().sum())

    expected = torch.zeros(3, 12)
    for t in range(12):
        without_day = x.detach().clone()
        without_day[0, :, t] = 0
        of_day = changed(without_day)
        for c in range(3):
            without = x.detach().clone()
            without[0, c, t] = 0
            expected[c, t] = of_day * changed(without)
    assert expected.max() > 0
    found = METHODS["temporal_rescaling"](scores, x, UP)[0]
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-3)


def test_each_target_is_explained_by_its_own_score(fitted: FittedModel, samples: SampleSet) -> None:
    ensemble = load_networks(fitted)
    _, x = next(windows(fitted, samples, ROWS))
    x = x[:3]
    likely = predict(fitted, samples, ROWS).argmax(axis=1)
    for kind, column in (("log_odds", [2, 2, 2]), ("up_logit", [2, 2, 2]), ("predicted", likely)):
        maps = explain(fitted, samples, ROWS, spec=AttributionSpec.model_validate({"target": kind}))
        wanted = x.clone().requires_grad_()
        raw = torch.stack([n(wanted)[..., 0] for n in ensemble.networks])
        p = raw.softmax(-1).mean(0)
        score = raw.mean(0) if kind == "up_logit" else (p / (1 - p)).log()
        (expected,) = torch.autograd.grad(score[torch.arange(3), list(column)].sum(), wanted)
        np.testing.assert_allclose(maps.gradient, expected, atol=1e-6)


def test_further_maps_are_the_same_alone_and_among_others_and_leave_no_hook(
    fitted: FittedModel, samples: SampleSet
) -> None:
    spec = AttributionSpec(methods=tuple(METHODS))
    before = predict(fitted, samples, ROWS).tobytes()
    maps = explain(fitted, samples, ROWS, spec=spec)
    alone = explain(fitted, samples, Rows(ROWS.stock[1:2], ROWS.day[1:2]), spec=spec)
    for name in METHODS:
        assert maps.others[name].dtype == np.float32
        assert alone.others[name][0].tobytes() == maps.others[name][1].tobytes()
    assert predict(fitted, samples, ROWS).tobytes() == before


def test_guided_grad_cam_is_refused_without_relu() -> None:
    with pytest.raises(RollsightError, match=r"needs ReLU.*model.activation='tanh'"):
        require_methods(["guided_grad_cam"], NetworkSpec(activation="tanh"))
    require_methods(["guided_grad_cam"], NetworkSpec(activation="relu"))
    require_methods(["grad_cam"], NetworkSpec(activation="tanh"))
    # The padded network has no other activation than ReLU, whatever the spec says.
    require_methods(["guided_grad_cam"], NetworkSpec(name="resnet18", activation="tanh"))
