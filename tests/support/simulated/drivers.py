"""Samples of which it is known what drives the labels, and how much of it is known in time."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.windows import Span, Window
from tests.support.markets import own_channels, shared_channels

Kind = Literal["index", "late index", "momentum", "absolute", "product", "volume", "noise"]
Float64 = npt.NDArray[np.float64]

LOOKBACK, HORIZON = 60, 10
FOLLOWING = 10  # sessions that a driver's value moves stocks in
LATE = 40  # sessions after which a late index begins to
FIRST = 200
WINDOW = Window(0, Span(FIRST, 700), Span(700, 820), Span(820, 2320))
STOCKS, INDICES, DAYS = 24, 7, WINDOW.test.stop + HORIZON + 1


def driven(kind: Kind, *, seed: int, correlation: float = 0.39, common: float = 0.1) -> SampleSet:
    """Return the samples of a market in which one thing drives all stocks.

    A value of the driver that is known at the close of session t moves every stock alike in each
    of the sessions t + 1 to t + 10, or 40 sessions later. Opens equal the close before.

    Parameters
    ----------
    kind
        what drives: the change of the first index, its absolute value, the product of the first
        two, each stock's own news, or its own volume, which is a channel then; in ``noise`` nothing
        does
    correlation
        of what is known of it at the decision with the label's return
    common
        share of the news' variance that all stocks of a session have in common
    """
    rng = np.random.default_rng(seed)
    index = rng.standard_normal((DAYS, INDICES))
    news = np.sqrt(1 - common) * rng.standard_normal((STOCKS, DAYS))
    news += np.sqrt(common) * rng.standard_normal(DAYS)
    volume = rng.standard_normal(news.shape) if kind == "volume" else None
    strength = 0.0 if kind == "noise" else strength_of(kind, correlation)
    drive = _followed(
        _driver(kind, index, news) if volume is None else volume,
        LATE if kind == "late index" else 0,
    )
    change = strength * drive + news
    change *= 0.015 / change.std()
    return _samples(change, 0.01 * index, volume)


def strength_of(kind: Kind, correlation: float) -> float:
    """Return what the driver's sum is multiplied by beside news of variance 1.

    The label's return is s (K + U) + E: what is known of the driver, what comes after the
    decision, and the news. Its variance and its covariance with K follow from how many of the
    label's sessions each value of the driver moves.
    """
    late = LATE if kind == "late index" else 0
    moved: dict[int, int] = {}  # sessions of the label, by how many before the decision it was
    for session in range(1, HORIZON + 1):
        for after in range(1, FOLLOWING + 1):
            age = after + late - session
            moved[age] = moved.get(age, 0) + 1
    known = sum(n**2 for age, n in moved.items() if age >= 0) / FOLLOWING
    whole = sum(n**2 for n in moved.values()) / FOLLOWING
    # A stock's own news of the label's sessions move it at once, and again as its driver.
    both = sum(n for age, n in moved.items() if age < 0) / np.sqrt(FOLLOWING)
    both = both if kind == "momentum" else 0.0
    square = correlation**2
    roots = np.roots([known - square * whole, -2 * square * both, -square * HORIZON])
    return float(roots.real.max())


def _driver(kind: Kind, index: Float64, news: Float64) -> Float64:
    """Return values of mean 0 and variance 1, (n_days,) or (n_stocks, n_days)."""
    first, second = index[:, 0], index[:, 1]
    if kind == "momentum":
        return news
    if kind == "absolute":
        return np.asarray((np.abs(first) - np.sqrt(2 / np.pi)) / np.sqrt(1 - 2 / np.pi))
    return np.asarray(first * second if kind == "product" else first)


def _followed(driver: Float64, late: int) -> Float64:
    """Return the sum of the ten values before each session, over the root of ten."""
    padded = np.concatenate([np.zeros((*driver.shape[:-1], FOLLOWING + late)), driver], axis=-1)
    views = np.lib.stride_tricks.sliding_window_view(padded, FOLLOWING, axis=-1)
    return np.asarray(views[..., : driver.shape[-1], :].sum(axis=-1) / np.sqrt(FOLLOWING))


def _samples(change: Float64, index: Float64, volume: Float64 | None) -> SampleSet:
    level = np.cumsum(change, axis=1)
    earned = np.full(change.shape, np.nan)
    earned[:, : -HORIZON - 1] = np.exp(level[:, HORIZON:-1] - level[:, : -HORIZON - 1]) - 1
    label = np.select([np.isnan(earned), earned >= 0.02, earned < -0.02], [-1, 2, 0], 1)
    usable = np.zeros(change.shape, dtype=np.bool_)
    usable[:, FIRST - LOOKBACK :] = True
    stocks = [change] if volume is None else [change, volume]
    return SampleSet(
        stocks=np.stack(stocks, axis=-1).astype(np.float32),
        indices=index.astype(np.float32),
        usable=usable,
        labels=Labels(
            label=label.astype(np.int8),
            label_return=earned,
            settled_at=np.where(label >= 0, np.arange(change.shape[1]) + 1 + HORIZON, -1),
            limits=(-0.02, 0.02),
        ),
        lookback=LOOKBACK,
        own=own_channels("close", "volume")[: len(stocks)],
        shared=shared_channels(INDICES),
    )
