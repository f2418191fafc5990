"""What several models say together of a row: the mean of their probabilities, or of their places.

A place is where a score stands among those that the same model gave to rows which it had not
learnt: of a model of which all dates are alike, as of one of ranks within the date, that is its
rank within the date. It follows from the row alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.signals.inputs.labels import Label

KNOTS = 101  # at which the distribution of a score is kept
SHARES = np.linspace(0, 1, KNOTS)
LEAST = 1e-7  # probability


def log_sum(logarithms: Tensor) -> Tensor:
    """Return the logarithm of the sum over the first dimension of what logarithms are given of.

    By an operation whose bits, and whose gradient's, are the same on processors of all makers, as
    those of torch's ``logsumexp`` are not.
    """
    return logarithms[0] - logarithms.log_softmax(0)[0]


def log_mean(each: Tensor) -> Tensor:
    """Return the logarithm (n, 3) of the mean of probabilities, of logarithms (models, n, 3)."""
    return log_sum(each) - float(np.log(len(each)))


@dataclass(frozen=True, eq=False)
class Places:
    """Where scores stood on rows that were not learnt: their values at even shares of the rows.

    Attributes
    ----------
    each
        (models, knots) of each model's p_up - p_down
    place
        (knots,) of the mean place
    pooled
        (knots,) of p_up - p_down of the mean probability
    """

    each: Tensor
    place: Tensor
    pooled: Tensor

    @classmethod
    def of(cls, each: Tensor) -> "Places":
        """Return those of the log-probabilities (models, n, 3) of some rows."""
        own = torch.stack([_knots(apart(one)) for one in each])
        mean = _mean_place(each, own)
        return cls(own, _knots(mean), _knots(apart(log_mean(each))))

    @classmethod
    def read(cls, weights: Mapping[str, npt.NDArray[np.float32]]) -> "Places":
        """Return those that `arrays` gave."""
        return cls(*(torch.from_numpy(np.array(weights[f"places.{n}"])) for n in cls.names()))

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the arrays."""
        return tuple(cls.__dataclass_fields__)

    def arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the arrays by name."""
        return {f"places.{name}": getattr(self, name).numpy() for name in self.names()}

    def log_mean(self, each: Tensor) -> Tensor:
        """Return log-probabilities (n, 3) whose p_up - p_down rises with the mean place.

        It takes the value that the mean probability had at that place; HOLD has its mean
        probability, so far as that leaves room.
        """
        mean = _mean_place(each, self.each)
        score = _at(self.pooled, _place(self.place, mean)).clamp(LEAST - 1, 1 - LEAST)
        hold = torch.minimum(log_mean(each)[:, Label.HOLD].exp(), 1 - score.abs())
        down, up = (1 - hold - score) / 2, (1 - hold + score) / 2
        return torch.stack([down, hold, up], dim=1).clamp(min=LEAST).log()


def apart(log_probability: Tensor) -> Tensor:
    """Return p_up - p_down (n,) of log-probabilities (n, 3)."""
    return log_probability[:, Label.UP].exp() - log_probability[:, Label.DOWN].exp()


def _knots(values: Tensor) -> Tensor:
    return torch.from_numpy(np.quantile(values.double().numpy(), SHARES).astype(np.float32))


def _mean_place(each: Tensor, knots: Tensor) -> Tensor:
    places = [_place(own, apart(one)) for one, own in zip(each, knots, strict=True)]
    return torch.stack(places).sum(0) / len(places)


def _place(knots: Tensor, values: Tensor) -> Tensor:
    """Return the shares of rows below values (n,), between knots and beyond on straight lines."""
    at = torch.searchsorted(knots[1:-1].contiguous(), values.contiguous())
    width = knots[at + 1] - knots[at]
    within = torch.where(width > 0, (values - knots[at]) / width, torch.zeros_like(values))
    return (at + within) / (len(knots) - 1)


def _at(knots: Tensor, place: Tensor) -> Tensor:
    """Return the values at shares (n,), as `_place` has them the other way round."""
    whole = place * (len(knots) - 1)
    at = whole.floor().clamp(0, len(knots) - 2).long()
    return knots[at] + (whole - at) * (knots[at + 1] - knots[at])
