"""The family ensemble: other families, each with its default keys, and what they say together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from pydantic import Field, field_validator
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.family import (
    Capabilities,
    Family,
    Learnt,
    Predecessor,
    Scoring,
    WindowData,
)
from rollsight.training.models.model import Weights
from rollsight.training.models.pooling import Places, log_mean
from rollsight.training.spec import ModelSpec, TrainingSpec

NAME = "ensemble"
JUDGES = 10_000  # rows whose scores are looked at, at most
BATCH = 256  # rows scored at a time


class EnsembleSpec(ModelSpec):
    """The ensemble."""

    members: tuple[str, ...] = Field(
        ("mlp", "boosting"),
        min_length=2,
        description="families of models, each with its default keys",
    )
    average: Literal["probability", "rank"] = Field(
        "probability",
        description="what is averaged: probabilities; or where each member's p_up - p_down stands "
        "among those of the validation span, whatever their scale",
    )

    @field_validator("members")
    @classmethod
    def _each_once(cls, members: tuple[str, ...]) -> tuple[str, ...]:
        for at, name in enumerate(members):
            if name == NAME or name in members[:at]:
                raise ValueError(f"{name!r} is no member here: name each other family once")
        return members

    @property
    def parts(self) -> tuple[str, ...]:
        """The members."""
        return self.members


@dataclass(frozen=True)
class EnsembleFamily:
    """Families that learn the same window side by side.

    Attributes
    ----------
    family_of
        a family by its name
    """

    family_of: Callable[[str], Family]
    options: type[ModelSpec] = EnsembleSpec
    can: Capabilities = Capabilities(  # noqa: RUF009 - frozen
        sources=("fitting/rows.py", "models/ensemble.py", "models/pooling.py"),
    )

    def fit(
        self,
        data: WindowData,
        options: ModelSpec,
        training: TrainingSpec,
        *,
        seed: int,
        before: Predecessor | None,  # noqa: ARG002 - it starts anew
    ) -> Learnt:
        """Return what all members learn, and where their scores stand on validation."""
        assert isinstance(options, EnsembleSpec)
        weights: dict[str, np.ndarray] = {}
        for name in options.members:
            family = self.family_of(name)
            own = family.fit(data, family.options(name=name), training, seed=seed, before=None)
            if not own.weights:
                return own  # its loss diverged
            weights |= {f"{name}.{key}": array for key, array in own.weights.items()}
        channels, lookback = len(data.samples.channels), data.samples.lookback
        scoring = self._each(weights, channels, lookback, options)
        train, judged = data.train.some(JUDGES), data.validation.some(JUDGES)
        each = _scored(scoring, data, judged)
        places = Places.of(each)
        if options.average == "rank":
            weights |= places.arrays()
        pool = _pool(options, places)
        losses = [
            _loss(pool(found), data.labels(rows))
            for rows, found in ((train, _scored(scoring, data, train)), (judged, each))
        ]
        return Learnt(weights, losses[:1], losses[1:], 1)

    def restore(
        self, weights: Weights, channels: int, lookback: int, options: ModelSpec
    ) -> Scoring:
        """Return what pools the members' probabilities of a row."""
        assert isinstance(options, EnsembleSpec)
        scoring = self._each(weights, channels, lookback, options)
        pool = _pool(options, Places.read(weights) if options.average == "rank" else None)
        return lambda x: pool(scoring(x))

    def _each(
        self, weights: Weights, channels: int, lookback: int, options: EnsembleSpec
    ) -> Scoring:
        """Return what maps inputs to each member's log-probabilities, (members, n, 3)."""
        members = []
        for name in options.members:
            family, start = self.family_of(name), f"{name}."
            own = {k.removeprefix(start): a for k, a in weights.items() if k.startswith(start)}
            found = family.restore(own, channels, lookback, family.options(name=name))
            if isinstance(found, nn.Module):
                found.eval().requires_grad_(requires_grad=False)
            members.append(found)
        return lambda x: torch.stack(
            [member(x).reshape(len(x), len(Label)).log_softmax(-1) for member in members]
        )


def _pool(options: EnsembleSpec, places: Places | None) -> Scoring:
    """Return what maps members' log-probabilities (members, n, 3) to those of all, (n, 3)."""
    if options.average == "probability":
        return log_mean
    assert places is not None
    return places.log_mean


def _scored(scoring: Scoring, data: WindowData, rows: Rows) -> Tensor:
    x = torch.from_numpy(data.inputs(rows))
    with torch.no_grad():
        parts = [scoring(x[at : at + BATCH]) for at in range(0, len(x), BATCH)]
    return torch.cat(parts, dim=1)


def _loss(log_probability: Tensor, target: np.ndarray) -> float:
    own = log_probability.double().log_softmax(-1).numpy()[np.arange(len(target)), target]
    return float(-own.mean())
