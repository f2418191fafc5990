"""The family autoencoder: an encoder that first learns to rebuild inputs, and a linear layer."""

import torch
from pydantic import Field, field_validator
from torch import Tensor, nn

from rollsight.training.gate.autoencoder import Autoencoder, Encoder
from rollsight.training.gate.rebuild import rebuild
from rollsight.training.gate.spec import require_widths
from rollsight.training.models.family import Capabilities, WindowData
from rollsight.training.models.product import linear
from rollsight.training.networks.learner import StretchNetwork
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise
from rollsight.training.regression.spec import TaskSpec


class AutoencoderSpec(TaskSpec):
    """The encoder of an autoencoder, and a linear layer."""

    layers: tuple[int, ...] = Field(
        (128, 32, 8), min_length=1, description="units of each layer down to the code"
    )
    pretraining: int = Field(
        20,
        ge=0,
        description="epochs without labels at most, in which the encoder learns with a decoder to "
        "rebuild the train inputs; 0 has none",
    )

    @field_validator("layers")
    @classmethod
    def _of_some_width(cls, layers: tuple[int, ...]) -> tuple[int, ...]:
        return require_widths(layers)


class Encoded(nn.Module):
    """An encoder of flattened windows, and a layer that is linear in the code."""

    def __init__(self, inputs: int, spec: AutoencoderSpec) -> None:
        super().__init__()
        self.spec, self.encoder = spec, Encoder((inputs, *spec.layers))
        self.last = nn.Linear(spec.layers[-1], spec.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3), or returns, of windows (n, channels, lookback)."""
        return linear(self.encoder(x.flatten(1)), self.last)

    def penalised(self) -> list[Tensor]:
        """Return the last layer's weights alone: the encoder's were learnt without labels."""
        return [self.last.weight]


def build(channels: int, lookback: int, spec: AutoencoderSpec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.
    """
    network = Encoded(channels * lookback, spec)
    nn.init.zeros_(network.last.weight)
    nn.init.zeros_(network.last.bias)
    return Windowwise(network, lookback, bias=network.last.bias)


def pretrain(network: StretchNetwork, data: WindowData) -> None:
    """Have the encoder learn to rebuild the inputs of a window's train rows, without labels.

    Inputs of train dates that are left out of the fit with labels are among them.
    """
    assert isinstance(network, Windowwise)
    own = network.network
    assert isinstance(own, Encoded)
    if not own.spec.pretraining:
        return
    whole = Autoencoder(len(data.samples.channels) * data.samples.lookback, own.spec.layers)
    whole.encoder = own.encoder
    seed = int(torch.randint(2**31, ()))
    epochs = own.spec.pretraining
    rebuild(whole, data.samples, data.scaler, data.train, epochs=epochs, seed=seed)


AUTOENCODER = TorchFamily(
    options=AutoencoderSpec,
    build=build,
    can=Capabilities(
        differentiable=True,
        sources=(
            "models/product.py",
            "gate/autoencoder.py",
            "gate/error.py",
            "gate/rebuild.py",
            "architectures/autoencoder.py",
        ),
    ),
    tell=pretrain,
)
