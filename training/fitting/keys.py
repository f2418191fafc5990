"""Keys of fitted models: digests of all that a fit sees, by which its result is stored."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from rollsight.base.arithmetic import LIBRARIES, instructions
from rollsight.base.digests import code_of
from rollsight.base.errors import RollsightError
from rollsight.base.named import source_of
from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.spec import DEFAULTS
from rollsight.training.fitting.scaler import Scaling
from rollsight.training.fitting.softtargets import soft_targets
from rollsight.training.fitting.windows import Window, known_rows, spaced
from rollsight.training.models.families import family_of, parts_of
from rollsight.training.networks.torchfamily import TorchFamily
from rollsight.training.regression.spec import task_of
from rollsight.training.spec import ModelSpec, TrainingSpec

# Part of every key: what turns tensors and spec into weights, of any family, and of torch's.
SHARED = (
    "fitting/fit.py", "fitting/scaler.py", "models/family.py", "models/model.py",
    "models/shrinkage.py",
)  # fmt: skip
LOOP = (
    "networks/continual.py", "networks/learner.py", "networks/leftout.py", "networks/losses.py",
    "networks/stopping.py", "networks/stretches.py", "networks/torchfamily.py", "models/blocks.py",
    "fitting/rows.py", "fitting/softtargets.py", "regression/residuals.py", "regression/spec.py",
    "regression/targets.py",
)  # fmt: skip
# Of the loop's keys: what a network trained from scratch knows nothing of.
NO_PART = {"seed", "seeds", "mode", "replay", "distillation", "fine_tune_rate", "shrink"}


def digest(parts: Iterable[npt.NDArray[Any] | str]) -> str:
    """Return the SHA-256 of arrays (bytes, shape, type) and strings, in order."""
    out = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            out.update(part.encode())
        else:
            array = np.ascontiguousarray(part)
            out.update(f"{array.shape}{array.dtype.str}".encode())
            out.update(array.reshape(-1).view(np.uint8).data)  # no copy of what may be gigabytes
        out.update(b"|")
    return out.hexdigest()


@cache
def _shared_code() -> str:
    versions = (torch.__version__, np.__version__)
    return digest([*versions, *_code(SHARED)])


def code_digest(name: str, parts: Iterable[str] = ()) -> str:
    """Return the digest of the code that fits a window of a family, and of how it computes.

    That is libraries' versions and the instructions that they use. Neither comments nor docstrings
    are part of it, see `code_of`.
    """
    family = family_of(name)
    loop = LOOP if isinstance(family, TorchFamily) else ()
    # Torch's networks depend on numpy's rounding by their inputs alone, which keys hold.
    used = [instructions(name) for name in (("torch",) if loop else LIBRARIES)]
    own = _code((*loop, *family.can.sources))
    within = [code_digest(part) for part in parts]
    return digest([_shared_code(), *used, *own, source_of("family", name), *within])


@cache  # a key asks for it, of which a sweep has thousands
def _code(files: tuple[str, ...]) -> list[str]:
    folder = Path(__file__).parents[1]
    return [code_of(folder / name) for name in files]


def fit_key(
    samples: SampleSet,
    window: Window,
    *,
    model: ModelSpec,
    training: TrainingSpec,
    clip: float,
    scaling: Scaling = "standard",
    seed: int,
) -> str:
    """Return the digest of all that a network's fit from scratch sees, whatever the mode.

    Sessions after the window's validation span change nothing.
    """
    samples = spaced(samples, window, training.every)
    start, stop = window.train.start, window.validation.stop
    inputs = slice(max(start - samples.lookback + 1, 0), stop)
    spec = json.dumps(
        [code_digest(model.name, model.parts), DEFAULTS, model.chosen(),
         _training_part(training, model), seed,
         clip if scaling == "standard" else [clip, scaling], samples.lookback, samples.channels,
         start - inputs.start, len(window.train), len(window.validation)],
        sort_keys=True,
    )  # fmt: skip
    train = known_rows(samples, window.train, window.validation.start)
    valid = known_rows(samples, window.validation, window.test.start)
    label = samples.labels.label[:, start:stop]
    known = np.where(np.concatenate([train, valid], axis=1), label, -1)
    # Stocks that give no row, such as those listed later, are no part of the fit.
    usable = samples.usable[:, window.train.start : window.train.stop]
    own = usable.any(axis=1) | (known >= 0).any(axis=1)
    if samples.lookback == 1:  # no row sees another day: what lies between is not read
        rows = known >= 0
        rows[:, : len(window.train)] |= usable
        stock, day = np.nonzero(rows)
        seen = samples.stocks[stock, start + day]
    else:
        seen = samples.stocks[own, inputs]
    parts: list[npt.NDArray[Any] | str] = [
        spec,
        seen,
        samples.indices[inputs],
        usable[own],
        known[own],
    ]
    if any(task_of(m) is not None for m in (model, *parts_of(model))):
        returns = np.where(known >= 0, samples.labels.label_return[:, start:stop], np.nan)
        changes = samples.changes[own, start:stop]
        parts += [repr(samples.labels.limits), returns[own], changes]
    soft = soft_targets(samples, window)
    if soft is not None:  # all of the teacher that the fit sees
        parts += [repr((soft.alpha, soft.temperature)), soft.probability[own]]
    return digest(parts)


def _training_part(training: TrainingSpec, model: ModelSpec) -> dict[str, Any]:
    used = family_of(model.name).can.training
    chosen = training.chosen(exclude=NO_PART)
    return chosen if used is None else {k: v for k, v in chosen.items() if k in used}


def require_capable(training: TrainingSpec, model: ModelSpec) -> None:
    """Raise where a family cannot be trained as is asked for."""
    if training.chained and family_of(model.name).can.units is None:
        raise RollsightError(
            f"training.mode={training.mode!r} cannot move model.name={model.name!r} to another "
            "window's units: take "
            "model.name='resnet', or training.mode='retrain'"
        )
    if training.seeds > 1 and not family_of(model.name).can.seeded:
        raise RollsightError(
            f"training.seeds={training.seeds}: model.name={model.name!r} fits the same model with "
            "every seed: set training.seeds=1"
        )


def require_returns(labels: Labels, model: ModelSpec, training: TrainingSpec) -> None:
    """Raise where a family forecasts returns that say nothing of classes, or not as is asked."""
    for own in (model, *parts_of(model)):
        if task_of(own) is None:
            continue
        if labels.limits is None:
            raise RollsightError(
                f"model.task='regress' (model.name={own.name!r}): a forecast return has the "
                "classes of fixed bands alone: set label.band='fixed', or model.task='classify'"
            )
        if training.class_weights == "balanced":
            raise RollsightError(
                f"training.class_weights='balanced': model.name={own.name!r} learns returns, and "
                "no classes: set training.class_weights='none', or model.task='classify'"
            )


def fit_keys(
    samples: SampleSet,
    windows: Sequence[Window],
    *,
    model: ModelSpec,
    training: TrainingSpec,
    clip: float,
    scaling: Scaling = "standard",
    seed: int,
) -> list[str]:
    """Return the keys of a seed's networks, each window's from data alone.

    Where networks start from those before, the windows must be the run's first ones, in order: a
    key then holds the key before it and the mode. The first network is the same in every mode.
    """
    own = [
        fit_key(samples, w, model=model, training=training, clip=clip, scaling=scaling, seed=seed)
        for w in windows
    ]
    if not training.chained:
        return own
    keys = own[:1]
    for key in own[1:]:
        keys.append(digest([key, keys[-1], _options(training)]))
    return keys


def _options(training: TrainingSpec) -> str:
    if training.mode == "warm-start":
        return training.mode
    return repr((training.mode, training.replay, training.distillation, training.fine_tune_rate))
