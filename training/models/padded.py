"""The padded ResNet-18-1D, which strides and is applied window by window."""

import torch
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.training.spec import ModelSpec

STRIDE = 2**5  # days from one output of the last block to the next


class PaddedBlock(nn.Module):
    """A basic block of ResNet-18: padding, batch norm, stride."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.scale = nn.BatchNorm1d(outer)
        self.body = nn.Sequential(
            nn.Conv1d(inner, outer, 3, stride, padding=1, bias=False),
            nn.BatchNorm1d(outer),
            nn.ReLU(),
            nn.Conv1d(outer, outer, 3, padding=1, bias=False),
            self.scale,
        )
        self.act = nn.ReLU()
        self.skip: nn.Module = nn.Identity()
        if stride > 1 or inner != outer:
            self.skip = nn.Sequential(
                nn.Conv1d(inner, outer, 1, stride, bias=False), nn.BatchNorm1d(outer)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, outer, days / stride) of (n, inner, days)."""
        out: Tensor = self.act(self.body(x) + self.skip(x))
        return out


class ResNet18(nn.Module):
    """ResNet-18 with 1D convolutions (He et al., 2016), applied window by window."""

    def __init__(self, channels: int, lookback: int, spec: ModelSpec) -> None:
        super().__init__()
        self.lookback = lookback
        widths = [4 * spec.width * 2**i for i in range(4)]
        blocks, inner = [], widths[0]
        for outer in widths:
            blocks += [PaddedBlock(inner, outer, 1 if outer == inner else 2)]
            blocks += [PaddedBlock(outer, outer, 1)]
            inner = outer
        self.body = nn.Sequential(
            nn.Conv1d(channels, widths[0], 7, 2, padding=3, bias=False),
            nn.BatchNorm1d(widths[0]),
            nn.ReLU(),
            nn.MaxPool1d(3, 2, padding=1),
            *blocks,
        )
        self.drop = nn.Dropout(spec.dropout)
        self.last = nn.Linear(inner, len(Label))

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3, k) of a stretch (n, channels, lookback + k - 1)."""
        windows = self._windows(x)
        n, k = windows.shape[:2]
        return self._score(windows.flatten(0, 1)).reshape(n, k, len(Label)).transpose(1, 2)

    def dense(
        self, own: Tensor, shared: Tensor, tile: Tensor, target: Tensor | None = None
    ) -> Tensor:
        """Return scores (n, 3, k) of stretches, as `ResNet.dense`; 0 where none is asked for.

        What is no row to learn, such as the zeros that fill a stretch up, is no part of the
        statistics of a batch.
        """
        x = torch.cat([own, shared[tile]], dim=1)
        if target is None:
            return self(x)  # type: ignore[no-any-return]
        asked = target >= 0
        rows = self._windows(x)[asked]
        # One row alone has no variance over a last block of one day.
        found = self._score(rows if len(rows) > 1 else rows.expand(2, -1, -1))[: len(rows)]
        return (
            found.new_zeros(*asked.shape, len(Label))
            .masked_scatter(asked[..., None], found)
            .transpose(1, 2)
        )

    def _windows(self, x: Tensor) -> Tensor:
        """Return (n, k, channels, lookback), a view."""
        return x.unfold(-1, self.lookback, 1).transpose(1, 2)

    def _score(self, x: Tensor) -> Tensor:
        """Return scores (n, 3) of windows (n, channels, lookback)."""
        score: Tensor = self.last(self.drop(self.body(x).mean(-1)))
        return score
