"""Which stock a window is of: the channel ticker taken out of it, and codes' learnt vectors."""

import numpy as np
import torch
from torch import Tensor, nn

from rollsight.base.errors import RollsightError
from rollsight.signals.features.daily.bars import CODE
from rollsight.training.models.family import WindowData
from rollsight.training.networks.learner import StretchNetwork

TICKER = "ticker"
MOST = 4096  # codes with a vector of their own
HIDDEN = 0.1  # share of rows whose code is hidden in training, so that "unknown" is learnt


class Codes(nn.Module):
    """Takes the channel ticker out of windows, and gives each its code's vector.

    Codes are found in a table of the values that they have in the inputs, which are standardised:
    it is filled by `tell` before training. Row 0 of the vectors is that of unknown codes.

    Parameters
    ----------
    width
        numbers of a vector; 0 gives none
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.place: Tensor
        self.register_buffer("place", torch.tensor(-1))  # of the channel, -1 where there is none
        if width:
            self.value: Tensor
            self.near: Tensor
            self.register_buffer("value", torch.full((MOST,), torch.inf))  # ascending
            self.register_buffer("near", torch.zeros(()))  # half of what two codes differ by
            self.vector = nn.Embedding(MOST + 1, width)
            nn.init.zeros_(self.vector.weight)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return windows (n, channels, lookback) with ticker blank, and vectors [(n, width)]."""
        at = torch.arange(x.shape[1], device=x.device) == self.place
        blank = x.masked_fill(at[:, None], 0.0)
        return blank, [self.vector(self._row((x[..., -1] * at).sum(1)))] if self.width else []

    def _row(self, value: Tensor) -> Tensor:
        """Return the row of each code in the vectors, 0 where it is not known, (n,)."""
        place = torch.searchsorted(self.value, value.detach() - self.near).clamp(max=MOST - 1)
        known = (self.value[place] - value).abs() <= self.near
        known &= self.place >= 0
        if self.training:
            known &= torch.rand(value.shape, device=value.device) >= HIDDEN
        return torch.where(known, place + 1, 0)


def tell(network: StretchNetwork, data: WindowData) -> None:
    """Tell a network where the channel ticker is, and the codes of the train span.

    Raises
    ------
    RollsightError
        If codes are asked for, and their channel is not there, or not as it is.
    """
    codes = next((m for m in network.modules() if isinstance(m, Codes)), None)
    if codes is None:
        return
    names, own = data.samples.channels, data.samples.own
    if TICKER in names:
        codes.place.fill_(names.index(TICKER))
    if not codes.width:
        return
    place = int(codes.place)
    if place < 0:
        raise RollsightError(
            "model.ticker='embedding' needs the channel ticker: add it to features.stock, or set "
            "model.ticker='off'"
        )
    if own[place].unit != CODE:
        raise RollsightError(
            f"model.ticker='embedding' reads codes, and the channel ticker is a {own[place].unit}: "
            "add ticker to features.as_is"
        )
    rows = data.train
    numbers = np.unique(data.samples.stocks[rows.stock, rows.day, place])[:MOST, None]
    # The scaler takes channels from the first on: the column stands where ticker does.
    wide = np.repeat(numbers, place + 1, axis=1)
    value = np.unique(data.scaler.stocks(wide)[:, place])
    codes.value[: len(value)] = torch.from_numpy(value)
    codes.near.fill_(0.5 / float(data.scaler.std[place]))
