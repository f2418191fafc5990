"""One model of one window: fitted, and one thread and one device to do it on."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import Scaling, fit_scaler
from rollsight.training.fitting.windows import Window, require_rows, spaced
from rollsight.training.models.families import family_of
from rollsight.training.models.family import Predecessor, WindowData
from rollsight.training.models.model import FittedModel, joined
from rollsight.training.spec import ModelSpec, TrainingSpec


def fit(
    samples: SampleSet,
    window: Window,
    *,
    model: ModelSpec,
    training: TrainingSpec,
    clip: float,
    scaling: Scaling = "standard",
) -> FittedModel:
    """Return the window's networks, one a seed, trained from scratch."""
    return joined(
        [
            fit_network(
                samples,
                window,
                model=model,
                training=training,
                clip=clip,
                scaling=scaling,
                seed=seed,
            )
            for seed in training.network_seeds
        ]
    )


def fit_network(
    samples: SampleSet,
    window: Window,
    *,
    model: ModelSpec,
    training: TrainingSpec,
    clip: float,
    scaling: Scaling = "standard",
    seed: int,
    key: str = "",
    before: Predecessor | None = None,
) -> FittedModel:
    """Return one network of the window, or one model of another family.

    Parameters
    ----------
    before
        what the network goes on from, as ``training.mode`` says; None starts anew

    Raises
    ------
    RollsightError
        If train or validation has no row whose label settled in time, or the loss diverges.
    """
    samples = spaced(samples, window, training.every)
    require_rows(samples, window)
    data = WindowData(samples, window, fit_scaler(samples, window.train, clip, scaling))
    with one_thread():
        learnt = family_of(model.name).fit(data, model, training, seed=seed, before=before)
        down, hold, up = (torch.from_numpy(data.counts) / data.counts.sum()).tolist()
    if not learnt.weights:
        raise RollsightError(
            f"window {window.number}: the loss was not a number from the first epoch on: lower "
            f"training.learning_rate={training.learning_rate}"
        )
    return FittedModel(
        keys=(key,),
        channels=samples.channels,
        lookback=samples.lookback,
        spec=model,
        scaler=data.scaler,
        weights=(learnt.weights,),
        train_loss=(tuple(learnt.train_loss),),
        validation_loss=(tuple(learnt.validation_loss),),
        best_epoch=(learnt.best_epoch,),
        frequencies=(down, hold, up),
        evidence=(learnt.evidence,),
    )


@contextmanager
def one_thread() -> Iterator[None]:
    """Run with one torch thread, and choose no algorithm by the clock: both change bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            yield
    finally:
        torch.set_num_threads(before)


def require_device(training: TrainingSpec) -> None:
    """Raise where networks cannot be trained on the device that is asked for."""
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there[training.device]:
        have = ", ".join(name for name, found in there.items() if found)
        raise RollsightError(
            f"training.device={training.device!r} is not to be had here: take one of {have}, or "
            "install the PyTorch that is built for it"
        )
