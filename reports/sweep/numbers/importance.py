"""Which keys of a sweep matter: what each explains, and what each pair of them comes to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

import numpy as np
import numpy.typing as npt

from rollsight.reports.sweep.numbers.levels import Level, Levels, levels
from rollsight.reports.sweep.numbers.trials import TrialNumbers, done

Float64 = npt.NDArray[np.float64]
Matrix = tuple[tuple[float | None, ...], ...]

SHUFFLES, MOST_PAIRS = 500, 15


@dataclass(frozen=True)
class Explained:
    """The share of an outcome's variance that a key explains, beside chance.

    Attributes
    ----------
    chance, chance_high
        mean and 95 % quantile of the share when the settings are shuffled over the trials
    p_value
        share of shuffles that reach it
    """

    share: float
    chance: float
    chance_high: float
    p_value: float


@dataclass(frozen=True)
class LevelMedians:
    """Median objective on validation, and median Sharpe ratio on test, of a key's level."""

    value: Level
    n: int
    validation: float | None
    test: float | None


@dataclass(frozen=True)
class KeyImportance:
    """What a key explains of the objective on validation, and of the Sharpe ratio on test."""

    key: str
    validation: Explained | None
    test: Explained | None
    levels: tuple[LevelMedians, ...]


@dataclass(frozen=True)
class Heatmap:
    """Medians by the levels of two keys, the first one's in rows.

    Attributes
    ----------
    n
        trials of each cell
    validation, test
        median objective, and median Sharpe ratio; None without trials
    """

    keys: tuple[str, str]
    rows: tuple[Level, ...]
    columns: tuple[Level, ...]
    n: tuple[tuple[int, ...], ...]
    validation: Matrix
    test: Matrix


@dataclass(frozen=True)
class Heatmaps:
    """The maps of the most important pairs of keys, of so many pairs that there are."""

    of: int
    pairs: tuple[Heatmap, ...]


@dataclass(frozen=True)
class _Outcomes:
    """(n_trials,) objective on validation and Sharpe ratio on test, NaN where there is none."""

    validation: Float64
    test: Float64


def importance(trials: Sequence[TrialNumbers], keys: Sequence[str]) -> list[KeyImportance]:
    """Return how much of the variance over trials each key explains by itself.

    The share of a key is the variance of its values' means over that of all trials: the
    first-order Sobol index [1]_, the main effect of a functional analysis of variance [2]_.

    References
    ----------
    .. [1] Sobol (2001), Global sensitivity indices for nonlinear mathematical models,
       Mathematics and Computers in Simulation 55.
    .. [2] Hutter, Hoos, Leyton-Brown (2014), An efficient approach for assessing hyperparameter
       importance, ICML.
    """
    outcomes = _outcomes(trials)
    return [_importance(key, _split(trials, key), outcomes) for key in keys]


def explained(level: npt.NDArray[np.int64], outcome: Float64) -> Explained | None:
    """Return the share of an outcome's variance that levels explain, beside chance.

    Parameters
    ----------
    level
        (n,) the level of each trial
    outcome
        (n,) NaN where a trial has none; None is returned where nothing varies
    """
    known = np.isfinite(outcome)
    level, outcome = level[known], outcome[known]
    if len(outcome) < 3 or len(set(level)) < 2 or np.ptp(outcome) == 0:
        return None
    share = _share(level, outcome)
    random = np.random.default_rng(0)
    shuffled = np.array([_share(level, random.permutation(outcome)) for _ in range(SHUFFLES)])
    return Explained(
        share=share,
        chance=float(shuffled.mean()),
        chance_high=float(np.quantile(shuffled, 0.95)),
        p_value=float((1 + np.sum(shuffled >= share - 1e-12)) / (1 + SHUFFLES)),
    )


def heatmaps(
    trials: Sequence[TrialNumbers], keys: Sequence[str], *, most: int = MOST_PAIRS
) -> Heatmaps:
    """Return for pairs of keys the medians over all other keys, the most important pairs first."""
    outcomes = _outcomes(trials)
    split = {key: _split(trials, key) for key in keys}
    weight = {key: _excess(split[key].of, outcomes.validation) for key in keys}
    pairs = [p for p in combinations(keys, 2) if all(len(split[key].names) > 1 for key in p)]
    chosen = sorted(pairs, key=lambda pair: -weight[pair[0]] - weight[pair[1]])[:most]
    return Heatmaps(len(pairs), tuple(_heatmap(pair, split, outcomes) for pair in chosen))


def _split(trials: Sequence[TrialNumbers], key: str) -> Levels:
    return levels([trial.settings.get(key) for trial in done(trials)])


def _outcomes(trials: Sequence[TrialNumbers]) -> _Outcomes:
    ran = done(trials)
    return _Outcomes(
        np.array([None if t.validation is None else t.validation.objective for t in ran], float),
        np.array([None if t.test is None else t.test.sharpe for t in ran], float),
    )


def _importance(key: str, split: Levels, outcomes: _Outcomes) -> KeyImportance:
    medians = (_medians(name, split.of == at, outcomes) for at, name in enumerate(split.names))
    return KeyImportance(
        key,
        explained(split.of, outcomes.validation),
        explained(split.of, outcomes.test),
        tuple(medians),
    )


def _medians(level: Level, own: npt.NDArray[np.bool_], outcomes: _Outcomes) -> LevelMedians:
    over = (_median(values[own]) for values in (outcomes.validation, outcomes.test))
    return LevelMedians(level, int(own.sum()), *over)


def _share(level: npt.NDArray[np.int64], outcome: Float64) -> float:
    gap = outcome - outcome.mean()
    sums, counts = np.bincount(level, gap), np.bincount(level)
    between = np.sum(sums[counts > 0] ** 2 / counts[counts > 0])
    return float(between / np.sum(gap**2))


def _excess(level: npt.NDArray[np.int64], outcome: Float64) -> float:
    found = explained(level, outcome)
    return 0.0 if found is None else max(found.share - found.chance, 0.0)


def _heatmap(keys: tuple[str, str], split: dict[str, Levels], outcomes: _Outcomes) -> Heatmap:
    rows, columns = (split[key] for key in keys)
    cells = defaultdict(list)
    for trial, place in enumerate(zip(rows.of.tolist(), columns.of.tolist(), strict=True)):
        cells[place].append(trial)
    places = [[(r, c) for c in range(len(columns.names))] for r in range(len(rows.names))]

    def medians(outcome: Float64) -> Matrix:
        return tuple(tuple(_median(outcome[cells[place]]) for place in row) for row in places)

    return Heatmap(
        keys=keys,
        rows=rows.names,
        columns=columns.names,
        n=tuple(tuple(len(cells[place]) for place in row) for row in places),
        validation=medians(outcomes.validation),
        test=medians(outcomes.test),
    )


def _median(values: Float64) -> float | None:
    known = values[np.isfinite(values)]
    return float(median(known.tolist())) if len(known) else None
