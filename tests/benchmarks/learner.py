"""What the learners find of what is there: gains over the class frequencies, planted markets."""

import time
from collections.abc import Iterable, Iterator
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from rollsight.backtests.chain.forecasts import forecast, usable_rows
from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.inference import log_loss
from rollsight.training.fitting.fit import fit
from rollsight.training.models.families import options_of
from rollsight.training.spec import ModelSpec, NetworkSpec, TrainingSpec
from tests.support.simulated.drivers import WINDOW, Kind, driven

CLIP, MARKETS, NETWORKS = 5.0, 10, 3
NETWORK = "network"
BASELINES = ("logistic", "boosting", "momentum", "reversal", "low_volatility")
LEARNERS: dict[str, ModelSpec] = {
    NETWORK: NetworkSpec(),
    **{name: options_of(name)(name=name) for name in BASELINES},
}
Found = tuple[float, float, float]


def learner(seeds: Iterable[int] = range(MARKETS)) -> dict[str, Any]:
    """Return, of each kind of market and learner, what it finds on 1,500 test sessions."""
    every = list(seeds)
    found = {kind: _each(kind, every) for kind in get_args(Kind)}
    return {kind: dict(_figures(of)) for kind, of in found.items()} | {
        "late_to_early": _gain(found["late index"]) / _gain(found["index"]),
    }


def _each(kind: Kind, seeds: list[int]) -> dict[str, npt.NDArray[np.float64]]:
    return {
        name: np.array([_found(kind, seed, spec) for seed in seeds])
        for name, spec in LEARNERS.items()
    }


def _figures(
    found: dict[str, npt.NDArray[np.float64]],
) -> Iterator[tuple[str, dict[str, float | str]]]:
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
    best = max(BASELINES, key=lambda name: _gain(found, name))
    ours, theirs = found[NETWORK][:, 0], found[best][:, 0]
    if theirs.mean() > 0:  # what loses is no yardstick
        yield (
            "network_to_best_baseline",
            {
                "baseline": best,
                "gain": float(ours.mean() / theirs.mean()),
                "markets_at_seven_tenths": float((ours >= 0.7 * theirs).mean()),
            },
        )


def _gain(found: dict[str, npt.NDArray[np.float64]], name: str = NETWORK) -> float:
    return float(found[name][:, 0].mean())


def _found(kind: Kind, seed: int, model: ModelSpec) -> Found:
    """Return the gain in log-loss, nats, the lift of precision, and the CPU seconds of the fit."""
    samples = driven(kind, seed=seed)
    networks = NETWORKS if model.name == "resnet" else 1
    training = TrainingSpec(seed=seed, seeds=networks)
    began = time.process_time()
    fitted = fit(samples, WINDOW, model=model, training=training, clip=CLIP)
    spent = time.process_time() - began
    forecasts = forecast(fitted, samples, WINDOW)
    rows = usable_rows(samples, WINDOW.test)
    label = samples.labels.label[rows.stock, rows.day]
    probability, label = forecasts.test[label >= 0], label[label >= 0]
    constant = np.broadcast_to(forecasts.frequencies, probability.shape)
    gain = log_loss(constant, label) - log_loss(probability, label)
    return gain, _lift(probability[:, Label.UP], label == Label.UP), spent


def _lift(p_up: npt.NDArray[np.float64], went_up: npt.NDArray[np.bool_]) -> float:
    """Return the precision of the tenth with the highest probability, less the base rate."""
    return float(went_up[p_up >= np.quantile(p_up, 0.9)].mean() - went_up.mean())
