"""The families rnn, lstm and gru: a recurrent network that reads each window by itself."""

from collections.abc import Callable
from functools import partial
from typing import Self

from pydantic import Field, model_validator
from torch import Tensor, nn

from rollsight.training.architectures.scaling import SequenceSpec, scaled
from rollsight.training.models.family import Capabilities
from rollsight.training.models.product import linear
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise

Layers = Callable[..., nn.Module]
CELLS: dict[str, Layers] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class RecurrentSpec(SequenceSpec):
    """The recurrent network."""

    hidden: int = Field(32, ge=1, le=512, description="units of each layer's state")
    layers: int = Field(1, ge=1, le=2, description="recurrent layers, one upon the other")
    dropout: float = Field(
        0.1, ge=0, lt=1, description="share of the last state's units dropped in training"
    )
    steps: int = Field(
        1,
        ge=1,
        le=60,
        description="regress: returns that are forecast, over so many parts of the horizon; the "
        "last is the trade's",
    )

    @property
    def horizons(self) -> int:
        """Returns that are forecast, the last of them the trade's."""
        return self.steps

    @model_validator(mode="after")
    def _of_returns(self) -> Self:
        if self.steps > 1 and self.task == "classify":
            raise ValueError(f"steps={self.steps} are of returns: set task='regress', or steps=1")
        return self


class Recurrent(nn.Module):
    """Recurrent layers over the days of a window, whose last state is weighed.

    Elman (Finding Structure in Time, 1990), Hochreiter and Schmidhuber (Long Short-Term Memory,
    1997), Cho et al. (Learning Phrase Representations using RNN Encoder-Decoder, 2014). No state
    goes from one window to the next: a window's score is the same wherever it stands.
    """

    def __init__(self, cell: Layers, channels: int, spec: RecurrentSpec) -> None:
        super().__init__()
        self.scaling = spec.scaling
        self.body = cell(channels, spec.hidden, spec.layers, batch_first=True)
        self.drop = nn.Dropout(spec.dropout)
        self.last = nn.Linear(spec.hidden, spec.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3), or returns (n, steps), of windows (n, channels, lookback)."""
        states, _ = self.body(scaled(x, self.scaling).transpose(1, 2))  # (n, lookback, hidden)
        return linear(self.drop(states[:, -1]), self.last)


def build(cell: str, channels: int, lookback: int, spec: RecurrentSpec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.
    """
    network = Recurrent(CELLS[cell], channels, spec)
    nn.init.zeros_(network.last.weight)
    nn.init.zeros_(network.last.bias)
    return Windowwise(network, lookback, bias=network.last.bias)


RNN, LSTM, GRU = (
    TorchFamily(
        options=RecurrentSpec,
        build=partial(build, cell),
        can=Capabilities(
            differentiable=True,
            sources=("models/product.py", "architectures/recurrent.py", "architectures/scaling.py"),
        ),
    )
    for cell in CELLS
)
