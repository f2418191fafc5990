"""What the trials of a sweep say: of its keys, of the trial chosen, of the maps of its networks."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Float64 = npt.NDArray[np.float64]
Trial = dict[str, Any]

MOST_LEVELS = 12  # distinct values of a key that are looked at one by one
BINS = 5  # of a key that has more of them, all numbers
SHUFFLES, MOST_PAIRS = 500, 15
OUTCOMES = {"validation": ("validation", "objective"), "test": ("test", "sharpe")}


@dataclass(frozen=True, eq=False)
class Levels:
    """The values of a key, or ranges of them where they are many.

    Attributes
    ----------
    names
        of each level its one value, or its lowest and its highest
    of
        (n_trials,) which level each trial has
    """

    names: list[list[Any]]
    of: npt.NDArray[np.int64]


def done(trials: Iterable[Trial]) -> list[Trial]:
    """Return the trials that came to an end with figures."""
    return [trial for trial in trials if trial["state"] == "done"]


def traded(trials: Iterable[Trial]) -> list[Trial]:
    """Return the trials that are done and made a trade on the test sessions."""
    return [trial for trial in done(trials) if figure_of(trial, "test", "trades")]


def figure_of(trial: Trial, span: str, name: str) -> float | None:
    """Return a figure of a trial on a span, validation or test; None where there is none."""
    found: float | None = (trial[span] or {}).get(name)
    return found


def distinct(values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """Return the values in order, and the place of each: unset, numbers by size, others as given.

    >>> distinct([10, 2, None, 2, "b", True, "a"])
    ([None, 2, 10, 'b', True, 'a'], [2, 1, 0, 1, 3, 4, 5])
    """
    found = {_name(value): value for value in values}
    numbers = sorted((value, name) for name, value in found.items() if is_number(value))
    others = [name for name, value in found.items() if not is_number(value)]
    names = [
        *(name for name in others if found[name] is None),
        *(name for _, name in numbers),
        *(name for name in others if found[name] is not None),
    ]
    place = {name: at for at, name in enumerate(names)}
    return [found[name] for name in names], [place[_name(value)] for value in values]


def is_number(value: object) -> bool:
    """Return whether a value is a number, which true and false are not here."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def levels(values: Sequence[Any]) -> Levels:
    """Return the distinct values in order; more than a dozen numbers go into five even ranges."""
    known, places = distinct(values)
    if len(known) <= MOST_LEVELS or not all(map(is_number, known)):
        return Levels([[value] for value in known], np.array(places, dtype=np.int64))
    numbers = np.array(values, dtype=float)
    edges = np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1])
    _, binned = np.unique(np.searchsorted(edges, numbers), return_inverse=True)
    ranges = [numbers[binned == at] for at in range(binned.max() + 1)]
    return Levels([[float(r.min()), float(r.max())] for r in ranges], binned.astype(np.int64))


def importance(trials: Sequence[Trial], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return how much of the variance over trials each key explains by itself.

    The share of a key is the variance of its values' means over that of all trials: the
    first-order Sobol index [1]_, the main effect of a functional analysis of variance [2]_.
    ``chance`` and ``chance_high`` are the mean and the 95 % quantile of what it is when the
    settings are shuffled over the trials; ``p_value`` the share of shuffles that reach it.

    Returns
    -------
    list of dict
        A key each, in their order: ``key``; ``validation`` (of the objective) and ``test`` (of
        the Sharpe ratio), each with ``share``, ``chance``, ``chance_high`` and ``p_value``, or
        None; ``levels``: each with ``value`` (one, or the ends of a range), ``n``, and the
        medians ``validation`` and ``test``.

    References
    ----------
    .. [1] Sobol (2001), Global sensitivity indices for nonlinear mathematical models,
       Mathematics and Computers in Simulation 55.
    .. [2] Hutter, Hoos, Leyton-Brown (2014), An efficient approach for assessing hyperparameter
       importance, ICML.
    """
    ran = done(trials)
    values = {name: _outcome(ran, name) for name in OUTCOMES}
    found = []
    for key in keys:
        split = levels([trial["settings"].get(key) for trial in ran])
        shares = {name: explained(split.of, outcome) for name, outcome in values.items()}
        found.append({"key": key, **shares, "levels": _medians(split, values)})
    return found


def explained(level: npt.NDArray[np.int64], outcome: Float64) -> dict[str, float] | None:
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
    return {
        "share": share,
        "chance": float(shuffled.mean()),
        "chance_high": float(np.quantile(shuffled, 0.95)),
        "p_value": float((1 + np.sum(shuffled >= share - 1e-12)) / (1 + SHUFFLES)),
    }


def heatmaps(
    trials: Sequence[Trial], keys: Sequence[str], *, most: int = MOST_PAIRS
) -> dict[str, Any]:
    """Return for pairs of keys the medians over all other keys, the most important pairs first.

    Returns
    -------
    dict
        ``of``: how many pairs there are; ``pairs``: at most ``most`` of them, each with ``keys``,
        the levels' values of both, ``rows`` and ``columns``, and matrices (rows of the first key)
        of ``n``, ``validation`` (median objective) and ``test`` (median Sharpe ratio).
    """
    ran = done(trials)
    values = {name: _outcome(ran, name) for name in OUTCOMES}
    split = {key: levels([trial["settings"].get(key) for trial in ran]) for key in keys}
    weight = {key: _excess(split[key].of, values["validation"]) for key in keys}
    pairs = [p for p in combinations(keys, 2) if all(len(split[key].names) > 1 for key in p)]
    chosen = sorted(pairs, key=lambda pair: -weight[pair[0]] - weight[pair[1]])[:most]
    return {
        "of": len(pairs),
        "pairs": [
            {"keys": [one, other], **_heatmap(split[one], split[other], values)}
            for one, other in chosen
        ],
    }


def distribution(trials: Sequence[Trial], figure: str) -> dict[str, Any] | None:
    """Return how a test figure is spread over trials, and where the chosen one stands.

    Returns
    -------
    dict or None
        ``values`` in ascending order, ``median``, ``low`` and ``high`` (quartiles); ``chosen``
        and its ``rank`` (1 the best), None where it has none. None where no trial has the figure.
    """
    ran = [t for t in traded(trials) if figure_of(t, "test", figure) is not None]
    if not ran:
        return None
    values = sorted(figure_of(t, "test", figure) or 0.0 for t in ran)
    own = [figure_of(t, "test", figure) for t in ran if t["chosen"]]
    chosen = own[0] if own else None
    low, middle, high = (float(v) for v in np.quantile(values, [0.25, 0.5, 0.75]))
    return {
        "values": values, "low": low, "median": middle, "high": high, "chosen": chosen,
        "rank": None if chosen is None else 1 + sum(v > chosen for v in values),
    }  # fmt: skip


def agreement(saliency: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return how alike the trainings rank the channels by their share of saliency.

    Only trainings with skilled windows count: the maps of others explain nothing. Channels that
    two trainings do not share are left out between them.

    Returns
    -------
    dict or None
        ``trainings``; ``matrix`` of Spearman's rank correlations, None where fewer than three
        channels are shared; ``mean`` of each training with the others; ``overall``, the mean over
        pairs. None for fewer than two such trainings.
    """
    skilled = [s for s in saliency if s["skilled"] and s["share"] is not None]
    if len(skilled) < 2:
        return None
    shares = pd.DataFrame(
        {s["training"]: dict(zip(s["channels"], s["share"], strict=True)) for s in skilled}
    ).astype(float)
    matrix = shares.corr(method="spearman", min_periods=3).to_numpy(copy=True)
    np.fill_diagonal(matrix, np.nan)
    return {
        "trainings": [s["training"] for s in skilled],
        "matrix": [[_known(v) for v in row] for row in matrix],
        "mean": [_mean(row) for row in matrix],
        "overall": _mean(matrix[np.triu_indices(len(skilled), 1)]),
    }


def sampled(trials: Sequence[Trial], most: int) -> list[Trial]:
    """Return all trials that are done, or as many of them drawn at random, the chosen one too.

    The draw is the same each time; every so-many-th of a grid would leave out whole values.
    """
    ran = done(trials)
    if len(ran) <= most:
        return ran
    drawn = set(np.random.default_rng(0).choice(len(ran), most, replace=False).tolist())
    return [trial for at, trial in enumerate(ran) if at in drawn or trial["chosen"]]


def _name(value: Any) -> str:
    """Return what tells values apart; 1 and 1.0 are one value, 1 and true are not."""
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    return json.dumps(plain, sort_keys=True, default=str)


def _outcome(trials: Sequence[Trial], name: str) -> Float64:
    found = [figure_of(trial, *OUTCOMES[name]) for trial in trials]
    return np.array([np.nan if v is None else v for v in found], dtype=float)


def _share(level: npt.NDArray[np.int64], outcome: Float64) -> float:
    gap = outcome - outcome.mean()
    sums, counts = np.bincount(level, gap), np.bincount(level)
    between = np.sum(sums[counts > 0] ** 2 / counts[counts > 0])
    return float(between / np.sum(gap**2))


def _excess(level: npt.NDArray[np.int64], outcome: Float64) -> float:
    found = explained(level, outcome)
    return 0.0 if found is None else max(found["share"] - found["chance"], 0.0)


def _medians(split: Levels, values: dict[str, Float64]) -> list[dict[str, Any]]:
    return [
        {
            "value": name,
            "n": int(np.sum(split.of == at)),
            **{key: _median(v[split.of == at]) for key, v in values.items()},
        }
        for at, name in enumerate(split.names)
    ]


def _heatmap(rows: Levels, columns: Levels, values: dict[str, Float64]) -> dict[str, Any]:
    cells = defaultdict(list)
    for trial, place in enumerate(zip(rows.of.tolist(), columns.of.tolist(), strict=True)):
        cells[place].append(trial)
    places = [[(r, c) for c in range(len(columns.names))] for r in range(len(rows.names))]
    return {
        "rows": rows.names,
        "columns": columns.names,
        "n": [[len(cells[place]) for place in row] for row in places],
        **{
            name: [[_median(outcome[cells[place]]) for place in row] for row in places]
            for name, outcome in values.items()
        },
    }


def _median(values: Float64) -> float | None:
    known = values[np.isfinite(values)]
    return float(median(known.tolist())) if len(known) else None


def _mean(values: Float64) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
