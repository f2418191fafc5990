"""What the learners find of what is there: gains over the class frequencies, planted markets."""

import time
from collections.abc import Iterable, Iterator
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.inference import log_loss, predict
from rollsight.training.fitting.fit import fit
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.windows import known_rows
from rollsight.training.models.families import options_of
from rollsight.training.spec import ModelSpec, NetworkSpec, TrainingSpec
from tests.support.simulated.drivers import WINDOW, Kind, driven

CLIP, SEEDS = 5.0, 10
BASELINES = ("logistic", "boosting", "momentum", "reversal", "low_volatility")
LEARNERS: dict[str, ModelSpec] = {
    "network": NetworkSpec(),
    **{name: options_of(name)(name=name) for name in BASELINES},
}
Found = tuple[float, float, float]


def learner(seeds: Iterable[int] = range(SEEDS)) -> dict[str, Any]:
    """Return, of each kind of market and learner, what it finds on 1,500 test sessions."""
    every = list(seeds)
    return {kind: dict(_figures(kind, every)) for kind in get_args(Kind)}


def _figures(kind: Kind, seeds: list[int]) -> Iterator[tuple[str, dict[str, float]]]:
    found = {name: np.array([_found(kind, seed, spec) for seed in seeds])
             for name, spec in LEARNERS.items()}  # fmt: skip
    for name, each in found.items():
        gain, lift, spent = each.T
        yield (
            name,
            {
                "gain": float(gain.mean()),
                "worst_gain": float(gain.min()),
                "lift_of_the_top_tenth": float(lift.mean()),
                "seconds": float(spent.mean()),
            },
        )
    best = max(BASELINES, key=lambda name: found[name][:, 0].mean())
    ours, theirs = found["network"][:, 0], found[best][:, 0]
    if theirs.mean() > 0:  # what loses is no yardstick
        yield (
            f"network_to_{best}",
            {
                "gain": float(ours.mean() / theirs.mean()),
                "markets_at_seven_tenths": float((ours >= 0.7 * theirs).mean()),
            },
        )


def _found(kind: Kind, seed: int, model: ModelSpec) -> Found:
    """Return the gain in log-loss, nats, the lift of precision, and the CPU seconds of the fit."""
    samples = driven(kind, seed=seed)
    began = time.process_time()
    fitted = fit(samples, WINDOW, model=model, training=TrainingSpec(seed=seed), clip=CLIP)
    spent = time.process_time() - began
    rows = rows_of(known_rows(samples, WINDOW.test, samples.usable.shape[1]), WINDOW.test.start)
    probability = predict(fitted, samples, rows)
    label = samples.labels.label[rows.stock, rows.day]
    constant = np.broadcast_to(np.array(fitted.frequencies), probability.shape)
    gain = log_loss(constant, label) - log_loss(probability, label)
    return gain, _lift(probability[:, Label.UP], label == Label.UP), spent


def _lift(p_up: npt.NDArray[np.float64], went_up: npt.NDArray[np.bool_]) -> float:
    """Return the precision of the tenth with the highest probability, less the base rate."""
    return float(went_up[p_up >= np.quantile(p_up, 0.9)].mean() - went_up.mean())
