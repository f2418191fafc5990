"""What training costs: a sample's microseconds, and the time to the same validation loss."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.networks.heads import CURVES
from rollsight.training.networks.learner import Learner, shuffled, span_loss
from rollsight.training.networks.resnet import STEM
from rollsight.training.networks.stretches import Batch, Stretches, span_stretches
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.benchmarks.clock import seconds
from tests.support.markets import own_channels, shared_channels
from tests.support.networks import build_network

CHANNELS, LOOKBACK, CLIP = 12, 60, 5.0
STEP = 4_096  # samples a step, dense or window by window, one thread
OURS = NetworkSpec()
CLASSIC = NetworkSpec(name="resnet18")
WINDOW = Window(0, Span(71, 671), Span(671, 791), Span(791, 850))


def training() -> dict[str, Any]:
    """Return all figures of training, on one thread."""
    with one_thread():
        rate = matrix_rate()
        rows = per_sample()
        useful = rows.pop("dense_operations") / rows["dense_us"] / 1e3  # billions a second
        return {
            "matrix_gflops": rate / 1e9,
            **rows,
            "dense_gflops": useful,
            "share_of_matrix_rate": useful / (rate / 1e9),
            "to_equal_loss": to_equal_loss(),
        }


def matrix_rate(n: int = 1_024) -> float:
    """Return float32 operations a second of one core's matrix multiplication."""
    a, b = torch.randn(n, n), torch.randn(n, n)
    return 2 * n**3 / seconds(lambda: a @ b, repeats=9)


def per_sample() -> dict[str, float]:
    """Return microseconds a sample of forward, backward and step, width 16, 4,096 samples a step.

    ResNet-18 takes 256 a step, or its widest layers alone would fill the memory's caches.
    """
    spec = TrainingSpec()
    dense = _step_us(OURS, spec.stretch, STEP)
    alone, classic = _step_us(OURS, 1, STEP), _step_us(CLASSIC, 1, 256)
    return {
        "dense_us": dense,
        "per_window_us": alone,
        "resnet18_us": classic,
        "per_window_to_dense": alone / dense,
        "resnet18_to_dense": classic / dense,
        "dense_operations": operations(OURS, spec.stretch),
    }


def _step_us(model: NetworkSpec, stretch: int, size: int) -> float:
    learner = Learner(build_network(CHANNELS, LOOKBACK, model), TrainingSpec(), torch.ones(3))
    learner.network.train()
    n, days = size // stretch, LOOKBACK + stretch - 1
    # Stretches of four tiles; single windows have all their days to themselves.
    tiles = 4 if stretch > 1 else n
    batch = Batch(
        own=torch.randn(n, 1, days),
        shared=torch.randn(tiles, CHANNELS - 1, days),
        tile=torch.arange(n) % tiles,
        target=torch.randint(3, (n, stretch)),
    )
    return 1e6 * seconds(lambda: learner.step(batch)) / size


def operations(model: NetworkSpec, stretch: int) -> float:
    """Return useful float operations a sample: two for each product, the backward pass as two.

    The first convolution of the indices, which a tile's stocks share, is counted once a tile of
    four stretches.
    """
    inputs = 1 + (CHANNELS - 1) / (STEP // stretch / 4)
    days = LOOKBACK + stretch - STEM
    products = days * model.width * STEM * inputs
    products += (LOOKBACK + stretch - 1) * 2 * inputs * CURVES * 3 + stretch * LOOKBACK * CURVES * 3
    for dilation in (2**i for i in range(model.blocks)):
        for _ in range(2):
            days -= dilation * (model.kernel - 1)
            products += days * model.width**2 * model.kernel
    left = days - stretch + 1
    products += days * model.width * CURVES * 3 + stretch * left * CURVES * 3
    return 3 * 2 * products / stretch


@dataclass(frozen=True)
class Curve:
    """Validation loss by CPU seconds of training alone."""

    seconds: list[float]
    loss: list[float]

    @property
    def best(self) -> float:
        return min(self.loss)

    def time_to(self, loss: float) -> float:
        """Return the seconds to a loss; infinite where it was never reached."""
        return next((s for s, v in zip(self.seconds, self.loss, strict=True) if v <= loss), np.inf)


def to_equal_loss(seeds: Iterable[int] = range(3)) -> dict[str, Any]:
    """Return how long the same loss takes dense, window by window, and with ResNet-18.

    Equal means within 1 % of the better one's best. Of single windows the best of three settings
    counts for each seed, so that they are given every chance.
    """
    pairs = [_dense_and_alone(seed) for seed in seeds]
    goals = [1.01 * min(dense.best, alone.best) for dense, alone in pairs]
    ratios = [a.time_to(g) / d.time_to(g) for (d, a), g in zip(pairs, goals, strict=True)]
    dense = pairs[0][0]
    classic = curve(planted(0), CLASSIC, ALONE, limit=120, every=10)
    return {
        "dense_best": float(np.mean([d.best for d, _ in pairs])),
        "per_window_best": float(np.mean([a.best for _, a in pairs])),
        "dense_best_to_per_window": float(np.mean([d.best / a.best for d, a in pairs])),
        "dense_s": float(np.median([d.time_to(g) for (d, _), g in zip(pairs, goals, strict=True)])),
        "per_window_to_dense": float(np.median(ratios)),
        "per_window_to_dense_each": ratios,
        "resnet18_best": classic.best,
        "resnet18_s": classic.time_to(classic.best),
        "dense_to_resnet18_best_s": dense.time_to(classic.best),
        "resnet18_to_dense": classic.time_to(classic.best) / dense.time_to(classic.best),
    }


def _dense_and_alone(seed: int) -> tuple[Curve, Curve]:
    samples = planted(seed)
    dense = curve(samples, OURS, TrainingSpec(seed=seed), limit=3, every=5)
    alone = [
        curve(samples, OURS, _single(seed, size, rate), limit=6, every=5)
        for size, rate in ((64, 0.003), (128, 0.003), (256, 0.006))
    ]
    goal = 1.01 * min(c.best for c in (dense, *alone))
    return dense, min(alone, key=lambda c: (c.time_to(goal), c.best))


# An L1 penalty on its millions of weights would leave nothing of ResNet-18.
ALONE = TrainingSpec(stretch=1, batch=256, learning_rate=0.001, l1=0)


def _single(seed: int, size: int, rate: float) -> TrainingSpec:
    return TrainingSpec(seed=seed, stretch=1, batch=size, learning_rate=rate)


def curve(
    samples: SampleSet, model: NetworkSpec, spec: TrainingSpec, *, limit: float, every: int
) -> Curve:
    """Train for ``limit`` seconds, and look at the validation loss every so many steps."""
    scaler = fit_scaler(samples, WINDOW.train, CLIP)
    train, valid = (
        span_stretches(samples, span, before, scaler, length=length)
        for span, before, length in (
            (WINDOW.train, WINDOW.validation.start, spec.stretch),
            (WINDOW.validation, WINDOW.test.start, len(WINDOW.validation)),
        )
    )
    torch.manual_seed(spec.seed)
    learner = Learner(build_network(CHANNELS, LOOKBACK, model), spec, torch.ones(3))
    spent, found = 0.0, Curve([], [])
    began = time.process_time()
    for number, batch in enumerate(_endless(train, spec), start=1):
        learner.network.train()
        learner.step(batch)
        if number % every == 0:
            spent += time.process_time() - began
            found.seconds.append(spent)
            found.loss.append(span_loss(learner.network, valid))
            if spent > limit:
                return found
            began = time.process_time()
    raise AssertionError("an endless training ended")


def _endless(train: Stretches, spec: TrainingSpec) -> Iterator[Batch]:
    rng = np.random.default_rng(spec.seed)
    while True:
        yield from shuffled(train, spec.batch, rng)


def planted(seed: int, stocks: int = 60, days: int = 860, horizon: int = 3) -> SampleSet:
    """Return a market whose stocks follow their own last ten days, and one index of eleven.

    A forecast of the class frequencies fails there by some .06 nats.
    """
    rng = np.random.default_rng(seed)
    indices = 0.01 * rng.standard_normal((days, CHANNELS - 1))
    noise, change = rng.standard_normal((stocks, days)), np.zeros((stocks, days))
    for t in range(11, days):
        own = np.tanh(change[:, t - 10 : t].sum(axis=1) / np.sqrt(10))
        driver = indices[t - 3 : t, 0].sum() / 0.01 / np.sqrt(3)
        change[:, t] = 0.25 * own + 0.25 * driver + noise[:, t]
    change *= 0.015
    # Opens equal the close before: a label is the sum of the next sessions' changes.
    level = np.cumsum(change, axis=1)
    earned = np.full(change.shape, np.nan)
    earned[:, : -horizon - 1] = np.exp(level[:, horizon:-1] - level[:, : -horizon - 1]) - 1
    label = np.select([np.isnan(earned), earned >= 0.02, earned < -0.02], [-1, 2, 0], 1)
    settled = np.where(label >= 0, np.arange(days) + 1 + horizon, -1)
    usable = np.zeros(change.shape, dtype=bool)
    usable[:, WINDOW.train.start :] = True
    return SampleSet(
        stocks=change.astype(np.float32)[..., None],
        indices=indices.astype(np.float32),
        usable=usable,
        labels=Labels(label.astype(np.int8), earned, settled),
        lookback=LOOKBACK,
        own=own_channels("close"),
        shared=shared_channels(CHANNELS - 1),
    )
