"""Perceptrons of all kinds equal plain ones, and what no linear layer can learn they can."""

import numpy as np
import pytest
import torch
from torch import nn

from rollsight.training.architectures.mlp import MLP, LinearSpec, MLPSpec, build
from rollsight.training.architectures.scaling import SequenceSpec, scaled
from rollsight.training.models.families import family_of
from rollsight.training.models.loading import window_scores
from rollsight.training.networks.activations import ACTIVATIONS
from rollsight.training.networks.torchfamily import INITS, initialise

FORMULAS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "arctan": np.arctan,
    "relu": lambda z: np.maximum(z, 0),
    "prelu": lambda z: np.where(z > 0, z, 0.25 * z),  # as it starts
    "elu": lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softplus": lambda z: np.log1p(np.exp(z)),
}


@pytest.mark.parametrize("activation", FORMULAS)
@pytest.mark.parametrize("inputs", ["last", "window"])
def test_it_equals_the_layers_written_out(activation: str, inputs: str) -> None:
    spec = MLPSpec.model_validate({"hidden": (7, 5), "activation": activation, "inputs": inputs})
    torch.manual_seed(1)
    network = build(3, 6, spec).eval()
    for p in network.parameters():
        if p.ndim == 2:
            nn.init.normal_(p)
    x = torch.randn(9, 3, 6)
    (mlp,) = (m for m in network.modules() if isinstance(m, MLP))
    h = (x.flatten(1) if inputs == "window" else x[..., -1]).double().numpy()
    for layer in mlp.layers:
        assert isinstance(layer, nn.Linear)
        h = h @ layer.weight.detach().double().numpy().T + layer.bias.detach().numpy()
        h = h if layer is mlp.last else FORMULAS[activation](h)
    np.testing.assert_allclose(window_scores(network, x).detach(), h, rtol=1e-4, atol=1e-5)


def test_every_activation_is_there_with_its_formula() -> None:
    assert set(FORMULAS) | {"gelu"} == set(ACTIVATIONS)
    z = torch.linspace(-3, 3, 7)
    for name, formula in FORMULAS.items():
        np.testing.assert_allclose(ACTIVATIONS[name]()(z).detach(), formula(z.numpy()), rtol=1e-5)
    exact = [0.5 * t * (1 + torch.erf(t / 2**0.5)) for t in z]  # Hendrycks and Gimpel, 2016
    np.testing.assert_allclose(ACTIVATIONS["gelu"]()(z), exact, atol=1e-6)


@pytest.mark.parametrize("init", INITS)
def test_initial_weights_are_as_wide_as_their_scheme_says(init: str) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(400, 100)
    initialise(layer, init, zero=())
    width = {"normal": 0.05, "truncated": 0.044, "kaiming": (2 / 400) ** 0.5,
             "xavier": (2 / 500) ** 0.5, "orthogonal": 0.05}[init]  # fmt: skip
    weight = layer.weight.detach()
    assert float(weight.std()) == pytest.approx(width, rel=0.03)
    assert not layer.bias.any()
    if init == "truncated":
        assert float(weight.abs().max()) <= 0.1
    if init == "orthogonal":
        np.testing.assert_allclose(weight @ weight.T, np.eye(100), atol=1e-5)


def loss_of(name: str, **options: object) -> float:
    """Return the least mean log-loss of the four points of an exclusive or, in nats."""
    family = family_of(name)
    spec = family.options.model_validate({"name": name, **options})
    torch.manual_seed(3)
    network = build(2, 1, spec).eval()  # type: ignore[arg-type]
    x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])[..., None] * 2 - 1
    label = torch.tensor([0, 2, 2, 0])
    optimiser = torch.optim.SGD(network.parameters(), lr=0.5)
    for _ in range(300):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(window_scores(network, x), label)
        torch.autograd.backward(loss)
        optimiser.step()
    return float(loss.detach())


def test_an_exclusive_or_is_beyond_a_linear_layer_and_not_beyond_a_hidden_one() -> None:
    assert loss_of("linear") > 0.69  # ln 2: as good as a coin (Minsky and Papert, 1969)
    assert loss_of("mlp", hidden=[4], activation="tanh") < 0.05


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("activation", "step", "'step' has a gradient of 0 wherever it has one"),
        ("init", "constant", "'constant' starts all units of a layer alike"),
        ("scaling", "minmax", "inputs='last' reads one"),
    ],
)
def test_what_could_not_learn_is_refused(key: str, value: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        MLPSpec.model_validate({key: value})


@pytest.mark.parametrize("name", ["linear", "mlp", "gru", "attention", "transformer", "cnn1d"])
@pytest.mark.parametrize("how", ["standard", "minmax"])
def test_a_window_in_its_own_units_is_the_same_whatever_it_is_multiplied_by(
    name: str, how: str
) -> None:
    family = family_of(name)
    more = {"inputs": "window"} if name == "mlp" else {}
    spec = family.options.model_validate({"name": name, "scaling": how, **more})
    assert isinstance(spec, SequenceSpec)
    torch.manual_seed(0)
    network = family.build(3, 16, spec).eval()  # type: ignore[attr-defined]
    for p in network.parameters():
        if p.ndim > 1:
            nn.init.normal_(p, std=0.2)
    x = torch.randn(5, 3, 16)
    one, other = window_scores(network, x), window_scores(network, 3 * x + 2)
    np.testing.assert_allclose(one.detach(), other.detach(), rtol=1e-3, atol=1e-4)
    assert float((one[0] - one[1]).detach().abs().max()) > 1e-3


def test_a_window_is_scaled_by_its_own_days() -> None:
    x = torch.randn(4, 2, 30) * 5 + 3
    x[0, 1] = 7.1
    standard, minmax = scaled(x, "standard"), scaled(x, "minmax")
    assert not standard[0, 1].any()
    assert not minmax[0, 1].any()
    np.testing.assert_allclose(standard[1:].mean(-1), 0, atol=1e-5)
    np.testing.assert_allclose(standard[1:].std(-1, correction=0), 1, rtol=1e-4)
    np.testing.assert_allclose(minmax[1:].amin(-1), -1, rtol=1e-5)
    np.testing.assert_allclose(minmax[1:].amax(-1), 1, rtol=1e-5)
    assert torch.equal(scaled(x, "span"), x)


def test_a_linear_layer_of_the_last_day_reads_no_other() -> None:
    network = build(3, 6, LinearSpec(inputs="last"))
    assert [tuple(p.shape) for p in network.parameters()] == [(3, 3), (3,)]
    assert tuple(next(build(3, 6, LinearSpec()).parameters()).shape) == (3, 18)
