"""The networks of a run: independent tasks in parallel, each stored as soon as it is fitted."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from joblib import delayed

from rollsight.backtests.parallel import parallel
from rollsight.backtests.spec import RunSpec
from rollsight.signals.errors import RollsightError
from rollsight.signals.progress import Progress
from rollsight.signals.samples import SampleSet
from rollsight.training.fit import fit_network
from rollsight.training.model import FittedModel, joined
from rollsight.training.spec import ModelSpec, TrainingSpec
from rollsight.training.store import fit_key, load_model, network_path, save_model
from rollsight.training.windows import Window


class _How(TypedDict):
    model: ModelSpec
    training: TrainingSpec
    clip: float
    seed: int


Network = tuple[FittedModel, bool]  # a network, and whether it was read from the store


def networks(
    samples: SampleSet,
    windows: Sequence[Window],
    spec: RunSpec,
    *,
    store: Path | None,
    jobs: int,
    progress: Progress,
) -> list[Network]:
    """Return each window's networks as one model, and whether all were read from the store.

    Parameters
    ----------
    store : folder of networks, or None to keep nothing
    jobs : networks fitted at the same time; no bit depends on it
    """
    if store is not None:
        store.mkdir(parents=True, exist_ok=True)
    seeds = spec.training.network_seeds
    tasks = (delayed(network)(samples, w, spec, seed, store) for w in windows for seed in seeds)
    found: list[Network] = []
    progress("train networks", 0, len(windows) * len(seeds))
    for one in parallel(tasks, jobs=jobs):
        found.append(one)
        # What is read costs no time, and would spoil the estimate of the time left.
        fitted = sum(not reused for _, reused in found)
        progress("train networks", fitted, len(windows) * len(seeds) - len(found) + fitted)
    parts = [found[i : i + len(seeds)] for i in range(0, len(found), len(seeds))]
    return [(joined([n for n, _ in part]), all(r for _, r in part)) for part in parts]


def network(
    samples: SampleSet, window: Window, spec: RunSpec, seed: int, store: Path | None
) -> Network:
    """Fit one network and store it, or read it where it is stored already."""
    how = _How(model=spec.model, training=spec.training, clip=spec.features.clip, seed=seed)
    key = fit_key(samples, window, **how)
    path = None if store is None else network_path(store, window.number, seed)
    stored = None if path is None else _stored(path, key)
    if stored is not None:
        return stored, True
    model = fit_network(samples, window, **how, key=key)
    if path is not None:
        save_model(model, path)
    return model, False


def _stored(path: Path, key: str) -> FittedModel | None:
    if not path.is_file():
        return None
    try:
        stored = load_model(path)
    except RollsightError:
        return None  # a damaged file is fitted anew and written over
    return stored if stored.keys == (key,) else None
