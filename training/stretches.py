"""Standardised inputs of a span, and the stretches that the loop trains on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.signals.labels import NO_LABEL
from rollsight.signals.samples import SampleSet
from rollsight.training.scaler import Scaler
from rollsight.training.windows import Span, known_rows


@dataclass(frozen=True, eq=False)
class SpanTensors:
    """Inputs and targets of a span, padded by ``pad`` sessions on both sides.

    Column ``pad + lookback - 1 + p`` of the inputs and column ``pad + p`` of the targets belong to
    the p-th decision of the span.

    Attributes
    ----------
    stocks : (n, pad + lookback - 1 + len(span) + pad) float32, standardised
    indices : (k, the same) float32, standardised
        of the n stocks that have a target
    target : (n, pad + len(span) + pad) int64, a class, or -1 where nothing may be learnt
    """

    stocks: Tensor
    indices: Tensor
    target: Tensor
    lookback: int

    def gather(self, stock: Tensor, start: Tensor, length: int) -> tuple[Tensor, Tensor]:
        """Return inputs (n, channels, lookback + length - 1) and targets (n, length)."""
        days = start[:, None] + torch.arange(self.lookback + length - 1)  # (n, days)
        own = self.stocks[stock[:, None], days][:, None]  # (n, 1, days)
        shared = self.indices[:, days].transpose(0, 1)  # (k, n, days) -> (n, k, days)
        target = self.target[stock[:, None], start[:, None] + torch.arange(length)]
        return torch.cat([own, shared], dim=1), target

    def tiles(self, length: int, offset: int) -> tuple[Tensor, Tensor]:
        """Return (stock, start) of the stretches that tile the span and hold a target."""
        width = self.target.shape[1]
        start = torch.arange(offset, width - length + 1, length)
        holds = (self.target.unfold(1, length, 1)[:, start] != NO_LABEL).any(-1)
        stock, tile = holds.nonzero(as_tuple=True)
        return stock, start[tile]


def span_tensors(
    samples: SampleSet, span: Span, before: int, scaler: Scaler, *, pad: int
) -> SpanTensors:
    """Return the tensors of a span whose labels settled before session ``before``."""
    lookback = samples.lookback
    first = span.start - lookback + 1
    lead = max(0, -first)  # sessions before the data began: never part of a usable row
    days = slice(max(first, 0), span.stop)
    known = known_rows(samples, span, before)
    # A stock that gives no row must leave no trace, or one listed later would change the model.
    own = known.any(axis=1)
    target = np.where(known, samples.labels.label[:, span.start : span.stop], NO_LABEL)[own]
    stocks = np.pad(scaler.stocks(samples.stocks[own, days]), ((0, 0), (pad + lead, pad)))
    indices = np.pad(scaler.indices(samples.indices[days]), ((pad + lead, pad), (0, 0)))
    return SpanTensors(
        stocks=torch.from_numpy(stocks),
        indices=torch.from_numpy(np.ascontiguousarray(indices.T)),
        target=torch.from_numpy(
            np.pad(target.astype(np.int64), ((0, 0), (pad, pad)), constant_values=NO_LABEL)
        ),
        lookback=lookback,
    )


def batches(
    span: SpanTensors, length: int, offset: int, size: int, order: npt.NDArray[np.int64] | None
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield inputs and targets of the stretches that tile a span, ``size`` stretches at a time."""
    stock, start = span.tiles(length, offset)
    if order is not None:
        shuffled = torch.from_numpy(order[order < len(stock)])
        stock, start = stock[shuffled], start[shuffled]
    for i in range(0, len(stock), size):
        yield span.gather(stock[i : i + size], start[i : i + size], length)
