"""The networks of a run: independent tasks in parallel, each stored as soon as it is fitted."""

import threading
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TypedDict

from rollsight.backtests.spec import RunSpec
from rollsight.backtests.workers.executors import Executor
from rollsight.backtests.workers.results import SERIAL, results
from rollsight.base.progress import Progress
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.keys import fit_key, fit_keys
from rollsight.training.fitting.scaler import Scaling
from rollsight.training.fitting.store import Store
from rollsight.training.fitting.windows import Window
from rollsight.training.gate.fit import fit_gated, gated_keys
from rollsight.training.models.family import Predecessor
from rollsight.training.models.model import FittedModel, joined
from rollsight.training.spec import ModelSpec, TrainingSpec


class _How(TypedDict):
    model: ModelSpec
    training: TrainingSpec
    clip: float
    scaling: Scaling
    seed: int


# Training draws on random numbers that are the process's own: no two threads may do it at once.
_TRAINING = threading.Lock()

Network = tuple[FittedModel, bool]  # a network, and whether it was read from the store


def networks(
    samples: SampleSet,
    windows: Sequence[Window],
    spec: RunSpec,
    *,
    store: Store,
    progress: Progress,
    running: Executor = SERIAL,
    seeds: Sequence[int] | None = None,
) -> list[Network]:
    """Return each window's networks as one model, and whether all were read from the store.

    Parameters
    ----------
    windows
        where networks start from those before, the run's first ones, in order
    running
        what fits them; no bit depends on how many at the same time
    seeds
        of the networks; None is all of the spec's
    """
    store.make()
    seeds = spec.training.network_seeds if seeds is None else seeds
    each = _chained if spec.training.chained else _independent
    found: list[Network] = []
    progress("train networks", 0, len(windows) * len(seeds))
    for one in each(samples, windows, spec, seeds, store, running):
        found.append(one)
        # What is read costs no time, and would spoil the estimate of the time left.
        fitted = sum(not reused for _, reused in found)
        progress("train networks", fitted, len(windows) * len(seeds) - len(found) + fitted)
    parts = [found[i : i + len(seeds)] for i in range(0, len(found), len(seeds))]
    return [(joined([n for n, _ in part]), all(r for _, r in part)) for part in parts]


def network(
    samples: SampleSet,
    window: Window,
    spec: RunSpec,
    seed: int,
    store: Store,
    *,
    chained: tuple[str, Predecessor | None] | None = None,
) -> Network:
    """Fit one network and store it, or read it where it is stored already.

    Parameters
    ----------
    chained
        its key and what it goes on from, where networks start from those before
    """
    how = _how(spec, seed)
    if chained is None:
        (key,), before = _gated([fit_key(samples, window, **how)], samples, [window], spec), None
    else:
        key, before = chained
    stored = store.read(key, window.number, seed)
    if stored is not None:
        return stored, True
    with _TRAINING:
        model = fit_gated(samples, window, gate=spec.gate, **how, key=key, before=before)
    store.write(model, window.number, seed)
    return model, False


def keys(samples: SampleSet, windows: Sequence[Window], spec: RunSpec, seed: int) -> list[str]:
    """Return the keys of a seed's networks, by which they are stored; nothing is trained."""
    return _gated(fit_keys(samples, windows, **_how(spec, seed)), samples, windows, spec)


def _gated(
    found: Sequence[str], samples: SampleSet, windows: Sequence[Window], spec: RunSpec
) -> list[str]:
    return gated_keys(
        found, samples, windows, gate=spec.gate, seed=spec.training.seed, clip=spec.features.clip
    )


def lineage(windows: Sequence[Window], number: int, training: TrainingSpec) -> tuple[Window, ...]:
    """Return the windows without which a window's networks cannot be had, itself the last."""
    return tuple(windows[0 if training.chained else number : number + 1])


def _how(spec: RunSpec, seed: int) -> _How:
    features = spec.features
    return _How(
        model=spec.model,
        training=spec.training,
        clip=features.clip,
        scaling=features.scaling,
        seed=seed,
    )


def _independent(
    samples: SampleSet,
    windows: Sequence[Window],
    spec: RunSpec,
    seeds: Sequence[int],
    store: Store,
    running: Executor,
) -> Iterator[Network]:
    tasks = (partial(network, samples, w, spec, seed, store) for w in windows for seed in seeds)
    yield from results(running, tasks)


def _chained(
    samples: SampleSet,
    windows: Sequence[Window],
    spec: RunSpec,
    seeds: Sequence[int],
    store: Store,
    running: Executor,
) -> Iterator[Network]:
    """Yield the networks window by window, the seeds of each in parallel."""
    known = [keys(samples, windows, spec, seed) for seed in seeds]
    before: list[Predecessor | None] = [None] * len(seeds)
    for number, window in enumerate(windows):
        tasks = (
            partial(network, samples, window, spec, seed, store, chained=(of[number], one))
            for seed, of, one in zip(seeds, known, before, strict=True)
        )
        found: list[Network] = list(results(running, tasks))
        yield from found
        before = [Predecessor(window, model) for model, _ in found]
