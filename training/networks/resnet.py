"""The family resnet: an unpadded 1D-ResNet, trained on stretches in one dense pass."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from rollsight.training.models.family import CamLayer, Capabilities, Days
from rollsight.training.models.product import product
from rollsight.training.networks.activations import ACTIVATIONS
from rollsight.training.networks.heads import LagHead
from rollsight.training.networks.learner import StretchNetwork
from rollsight.training.networks.torchfamily import TorchFamily, initialise
from rollsight.training.spec import NetworkSpec

STEM = 5  # days that the first convolution spans
# Of the absolute value of a standard normal.
MEAN, STD = float(np.sqrt(2 / np.pi)), float(np.sqrt(1 - 2 / np.pi))


class Conv(nn.Conv1d):
    """A convolution over days whose values lie channel beside channel, day after day.

    That is the layout in which the libraries below are fastest with few channels; their
    one-dimensional convolution has no such form, the two-dimensional one of height 1 has.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, out channels, days - reach) of (n, in channels, days)."""
        return _convolved(x, self.weight, self.bias, self.dilation[0])


def _convolved(x: Tensor, weight: Tensor, bias: Tensor | None, dilation: int = 1) -> Tensor:
    if len(x) == 1:
        # Of one alone torch takes a convolution that rounds by the processor's maker.
        return _convolved(functional.pad(x, (0, 0, 0, 0, 0, 1)), weight, bias, dilation)[:1]
    beside = x.transpose(1, 2).contiguous().transpose(1, 2)
    # Squeezed and not indexed, whose gradient would be laid out anew.
    flat = functional.conv2d(beside.unsqueeze(2), weight.unsqueeze(2), bias, dilation=(1, dilation))
    return flat.squeeze(2)


def _newest(x: Tensor, days: int) -> Tensor:
    """Return the last days of (n, channels, days), a slice whose gradient keeps x's layout."""
    return x.transpose(1, 2)[:, -days:].transpose(1, 2)


class Dropout(nn.Module):
    """Dropout that draws eight values' fates with each random number.

    A share is rounded to 256ths; what is kept is scaled by exactly what was dropped.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.dropped = min(round(256 * share), 255)

    def forward(self, x: Tensor) -> Tensor:
        """Return x with values set to 0 at random; in eval mode, x."""
        if not self.training or not self.dropped:
            return x
        draws = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device)
        fates = draws.random_(-(2**63), None).view(torch.int8)[: x.numel()]
        kept = fates.float().ge_(self.dropped - 128).mul_(256 / (256 - self.dropped))
        n, channels, days = x.shape
        return x * kept.view(n, days, channels).transpose(1, 2)


class Block(nn.Module):
    """Two dilated convolutions beside a skip that keeps the newest days."""

    def __init__(self, spec: NetworkSpec, dilation: int) -> None:
        super().__init__()
        self.act = ACTIVATIONS[spec.activation]()
        self.first = Conv(spec.width, spec.width, spec.kernel, dilation=dilation)
        self.second = Conv(spec.width, spec.width, spec.kernel, dilation=dilation)
        self.drop = Dropout(spec.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, width, days - reach) of (n, width, days)."""
        h = self.second(self.drop(self.act(self.first(x))))  # (n, width, days - reach)
        out: Tensor = self.act(_newest(x, h.shape[-1]) + h)
        return out


class ResNet(StretchNetwork):
    """Unpadded 1D-ResNet beside a linear path: scores of every window of a stretch in one pass.

    Without padding or per-window statistics the network commutes with shifts in time: on a stretch
    of ``lookback + k - 1`` days it gives the very scores that it would give to each of the k
    windows alone. A score is the sum of two heads, each of which weighs days instead of averaging
    over them, so *when* something happened is not lost: on the inputs and their absolute values,
    over the whole lookback; and on the last block.

    Attributes
    ----------
    units
        (2, channels) what inputs are multiplied by, and what is then added
    """

    def __init__(self, channels: int, lookback: int, spec: NetworkSpec) -> None:
        super().__init__()
        dilations = [2**i for i in range(spec.blocks)]
        left = lookback - (STEM - 1) - 2 * (spec.kernel - 1) * sum(dilations)
        if left < 1:
            raise RollsightError(
                f"features.lookback={lookback} is shorter than the {lookback - left + 1} days that "
                f"model.blocks={spec.blocks} with model.kernel={spec.kernel} span: lengthen it, "
                "or take fewer blocks"
            )
        self.units: Tensor
        self.register_buffer("units", torch.stack([torch.ones(channels), torch.zeros(channels)]))
        self.act = ACTIVATIONS[spec.activation]()
        self.stem = Conv(channels, spec.width, STEM)
        self.blocks = nn.ModuleList(Block(spec, d) for d in dilations)
        self.drop = Dropout(spec.dropout)
        self.linear = LagHead(2 * channels, lookback)
        self.last = LagHead(spec.width, left)
        self.bias = nn.Parameter(torch.zeros(len(Label)))

    @property
    def base(self) -> nn.Parameter:
        """The bias."""
        return self.bias

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3, k) of a stretch (n, channels, lookback + k - 1)."""
        x = self._in_units(x)
        return self._scores(self._weighted(x), self.stem(x))

    def dense(
        self,
        own: Tensor,
        shared: Tensor,
        tile: Tensor,
        target: Tensor | None = None,  # noqa: ARG002 - all are scored in the same pass
    ) -> Tensor:
        """Return scores (n, 3, k) of stretches, as `StretchNetwork.dense`."""
        if not shared.shape[1]:  # of no channels torch's convolution makes nothing
            return self.forward(own)
        weight, stem, c = self.stem.weight, self.stem, own.shape[1]
        own, shared = self._in_units(own), self._in_units(shared, c)
        seen = own.unfold(2, STEM, 1).transpose(1, 2).flatten(2)  # (n, days - 4, 5 c)
        first = product(seen, weight[:, :c].flatten(1).T)  # (n, days - 4, width)
        others = _convolved(shared, weight[:, c:], stem.bias)[tile]
        weighted = self._weighted(own) + self._weighted(shared, c)[tile]
        return self._scores(weighted, first.transpose(1, 2) + others)

    def _in_units(self, x: Tensor, first: int = 0) -> Tensor:
        scale, shift = self.units[:, first : first + x.shape[1], None]
        return torch.addcmul(shift, x, scale)

    def _weighted(self, x: Tensor, first: int = 0) -> Tensor:
        absolute, channels = (x.abs() - MEAN) / STD, self.units.shape[1]
        return self.linear.weighted(x, first) + self.linear.weighted(absolute, channels + first)

    def _scores(self, weighted: Tensor, h: Tensor) -> Tensor:
        h = self.act(h)  # (n, width, days - 4)
        linear = self.linear.over_lags(weighted) + self.bias[:, None]
        for block in self.blocks:
            h = block(h)
        last: Tensor = self.last(self.drop(h))  # (n, width, left + k - 1) -> (n, 3, k)
        return linear + last


def build(channels: int, lookback: int, spec: NetworkSpec) -> ResNet:
    """Return an initialised network; its weights follow torch's current random state.

    The last convolution of each residual branch starts at zero, so that every block starts as
    the identity, and so do the heads: the network starts as what its bias says.
    """
    network = ResNet(channels, lookback, spec)
    zero = [m.second.weight for m in network.modules() if isinstance(m, Block)]
    heads = [m.weight for m in network.modules() if isinstance(m, LagHead)]
    initialise(network, spec.init, zero=[*zero, *heads])
    return network


def newest_days(outputs: int, lookback: int) -> Days:
    """Return the day of the input that each of a block's outputs is on: the newest, one by one."""
    return np.arange(lookback - outputs, lookback)


RESNET = TorchFamily(
    options=NetworkSpec,
    build=build,
    can=Capabilities(
        differentiable=True,
        units="units",
        # The oldest days have no output of their own: 0 there says nothing of them.
        cam=CamLayer((Block,), newest_days, oldest=0.0),
        relu_only="activation",
        sources=(
            "models/basis.py",
            "models/product.py",
            "networks/activations.py",
            "networks/heads.py",
            "networks/resnet.py",
        ),
    ),
)
