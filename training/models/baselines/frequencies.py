"""The family frequencies: every row has the class frequencies of the train span."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.training.models.baselines.classes import ABSENT, log_loss
from rollsight.training.models.family import Capabilities, Learnt, Predecessor, WindowData
from rollsight.training.models.model import Weights
from rollsight.training.spec import ModelSpec, TrainingSpec


@dataclass(frozen=True)
class Frequencies:
    """What is known of the classes without an input."""

    options: type[ModelSpec] = ModelSpec
    can: Capabilities = Capabilities(  # noqa: RUF009 - frozen
        seeded=False,
        training=frozenset(),
        sources=("models/baselines/classes.py", "models/baselines/frequencies.py"),
    )

    def fit(
        self,
        data: WindowData,
        options: ModelSpec,  # noqa: ARG002 - it has none
        training: TrainingSpec,  # noqa: ARG002 - nothing is trained
        *,
        seed: int,  # noqa: ARG002 - nothing is drawn
        before: Predecessor | None,  # noqa: ARG002 - it starts anew
    ) -> Learnt:
        """Return the logarithms of the frequencies."""
        share = log_shares(data)
        losses = [
            log_loss(np.tile(share, (len(rows), 1)), data.labels(rows))
            for rows in (data.train, data.validation)
        ]
        return Learnt({"log_share": share.astype(np.float32)}, losses[:1], losses[1:], 1)

    def restore(
        self,
        weights: Weights,
        channels: int,  # noqa: ARG002 - no input is looked at
        lookback: int,  # noqa: ARG002
        options: ModelSpec,  # noqa: ARG002
    ) -> Callable[[Tensor], Tensor]:
        """Return what gives every row the same."""
        share = torch.from_numpy(np.array(weights["log_share"]))
        return lambda x: share.repeat(len(x), 1)


FREQUENCIES = Frequencies()


def log_shares(data: WindowData) -> npt.NDArray[np.float64]:
    """Return the logarithm of each class's share of the train rows, (3,)."""
    counts = data.counts.astype(np.float64)
    return np.asarray(np.log(np.maximum(counts / counts.sum(), np.exp(ABSENT))))
