"""What each family of a zoo forecast and earned, on the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.statistics import max_drawdown, total_return
from rollsight.backtests.directory.result import Result
from rollsight.backtests.ranks.coefficients import FEWEST_NAMES
from rollsight.backtests.ranks.information import information, rank_coefficients
from rollsight.backtests.ranks.ranked import Ranked, both_outcomes, ranked
from rollsight.base.resampling import mean_estimate
from rollsight.reports.run.baselines.facts import PROBABILITIES, ups_among_best
from rollsight.reports.statistics.calibration import frequencies_of
from rollsight.reports.statistics.judgement import Verdict
from rollsight.reports.zoo.numbers import Interval, Member, Segment, Spread
from rollsight.reports.zoo.ranks import Ranks, ranks_of
from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.inference import log_losses
from rollsight.training.regression.spec import task_of

Float64 = npt.NDArray[np.float64]

BEST = 10  # of each window's rows one in so many is bought, whatever the model's own threshold
AGAINST = ("logistic", "resnet")  # each model's log-loss is held against theirs, row by row


@dataclass(frozen=True, eq=False)
class Walked:
    """A family that was walked forward, as its run directory holds it.

    Attributes
    ----------
    verdict
        on its run alone
    seconds
        of training; None where they are not known
    parameters
        of one network
    gains
        of the networks of each seed alone, nats a row; empty where there is one
    """

    name: str
    result: Result
    verdict: Verdict
    seconds: float | None
    parameters: int
    gains: tuple[float, ...]


def common_rows(found: Sequence[Walked]) -> pd.DataFrame:
    """Return the labelled rows, which are every family's, with their date's position."""
    signals = found[0].result.signals
    at, _ = pd.factorize(signals["decided_at"], sort=True)
    return signals.assign(at=at.astype(np.int64))[signals["label"].notna()]


def members_of(found: Sequence[Walked], rows: pd.DataFrame) -> tuple[Member, ...]:
    """Return the figures of all families, the largest gain first."""
    label = rows["label"].to_numpy(np.int8)
    losses = {one.name: log_losses(_probability(one, rows), label) for one in found}
    members = [_member(one, rows, label, losses, tries=len(found)) for one in found]
    return tuple(sorted(members, key=lambda m: -(m.gain.value or 0)))


def window_ranks(found: Sequence[Walked], rows: pd.DataFrame) -> Ranks | None:
    """Return how the families rank by the log-loss of each window."""
    label, window = rows["label"].to_numpy(np.int8), rows["window"].to_numpy()
    means = {
        one.name: pd.Series(log_losses(_probability(one, rows), label)).groupby(window).mean()
        for one in found
    }
    return ranks_of(pd.DataFrame(means))


def segments_of(
    found: Sequence[Walked], rows: pd.DataFrame, *, segments: int = 8, length: int = 20
) -> tuple[Segment, ...]:
    """Return the same random stretches of decisions for every family; the draw is fixed."""
    sizes = rows.groupby("code", sort=True).size()
    codes = sizes.index[sizes >= length].to_numpy()
    rng = np.random.default_rng(0)
    chosen = []
    for code in rng.choice(codes, segments) if len(codes) else ():
        own = rows[rows["code"] == code].sort_values("decided_at")
        first = int(rng.integers(0, len(own) - length + 1))
        some = own.iloc[first : first + length]
        said = {}
        for one in found:
            p = one.result.signals.loc[some.index, PROBABILITIES].to_numpy()
            said[one.name] = tuple(map(float, p[:, Label.UP] - p[:, Label.DOWN]))
        dates = tuple(some["decided_at"].dt.date.astype(str))
        chosen.append(Segment(str(code), dates, tuple(map(float, some["label_return"])), said))
    return tuple(chosen)


def agreement_of(shares: dict[str, tuple[float, ...]]) -> float | None:
    """Return the mean rank correlation of all pairs of models' shares."""
    if len(shares) < 2:
        return None
    ranks = np.corrcoef([pd.Series(share).rank() for share in shares.values()])
    pairs = ranks[np.triu_indices(len(shares), 1)]
    return None if np.isnan(pairs).all() else float(np.nanmean(pairs))


def _member(
    one: Walked,
    rows: pd.DataFrame,
    label: npt.NDArray[np.int8],
    losses: dict[str, Float64],
    *,
    tries: int,
) -> Member:
    result, span = one.result, one.result.spec.label.horizon + 1
    p, at = _probability(one, rows), rows["at"].to_numpy()
    frequencies = log_losses(frequencies_of(rows, result.windows), label)
    own = losses[one.name]
    returns = result.equity["return"].to_numpy()
    bought = _best(p[:, Label.UP], label, rows["window"].to_numpy())
    last = result.windows.iloc[-1]
    both = _ranked(p[:, Label.UP] - p[:, Label.DOWN], rows, span)
    return Member(
        name=one.name,
        word=one.verdict.among(tries * one.verdict.tries).word,
        networks=len(result.manifest["seeds"]),
        gain=_interval(frequencies - own, at, span),
        against={
            name: _interval(losses[name] - own, at, span)
            for name in AGAINST
            if name in losses and name != one.name
        },
        coefficient=information(rank_coefficients(rows.assign(p_up=p[:, Label.UP])), span=span),
        matched=None if both is None else both.matched,
        accuracy=float((p.argmax(axis=1) == label).mean()),
        buys=round(sum(bought.values())),
        precision=_share(bought, Label.UP),
        crucial_fail=_share(bought, Label.DOWN),
        soso_fail=_share(bought, Label.HOLD),
        total_return=total_return(returns),
        drawdown=max_drawdown(returns),
        trades=len(result.trades),
        seeds={"gain": _spread(one.gains)} | _seeds(result, rows, label),
        seconds=one.seconds,
        parameters=one.parameters,
        losses=(_curve(last["train_loss"]), _curve(last["validation_loss"])),
        squared=task_of(result.spec.model) is not None,
    )


def _probability(one: Walked, rows: pd.DataFrame) -> Float64:
    return one.result.signals.loc[rows.index, PROBABILITIES].to_numpy()


def _interval(values: Float64, at: npt.NDArray[np.int64], span: int) -> Interval:
    found = mean_estimate(values, at, span=span)
    return Interval(found.value, found.low, found.high)


def _best(
    score: Float64, label: npt.NDArray[np.int8], window: npt.NDArray[np.int64]
) -> dict[Label, float]:
    """Return how many of each class are among the best of each window; equal ones on the mean."""
    found = dict.fromkeys(Label, 0.0)
    for number in np.unique(window):
        own = window == number
        count = max(int(own.sum()) // BEST, 1)
        for kind in Label:
            found[kind] += ups_among_best(score[own], label[own] == kind, count)
    return found


def _share(bought: dict[Label, float], kind: Label) -> float | None:
    every = sum(bought.values())
    return bought[kind] / every if every else None


def _ranked(score: Float64, rows: pd.DataFrame, span: int) -> Ranked | None:
    at = rows["at"].to_numpy(np.int64)
    if np.bincount(at).max(initial=0) < FEWEST_NAMES:
        return None
    made, volatility = (rows[name].to_numpy(np.float64) for name in ("label_return", "volatility"))
    return ranked("all", score, both_outcomes(made, volatility, at), span=span)


def _seeds(result: Result, rows: pd.DataFrame, label: npt.NDArray[np.int8]) -> dict[str, Spread]:
    """Return the spread of three figures over the networks of single seeds."""
    alone = [one for one in result.manifest["seed_accounts"] if len(one["networks"]) == 1]
    found: dict[str, list[float]] = {"coefficient": [], "precision": [], "total_return": []}
    for one in alone:
        score = result.seeds[str(one["networks"][0])].to_numpy(np.float64)
        own = score[rows.index.to_numpy()]
        table = rank_coefficients(rows.assign(p_up=own))
        found["coefficient"].append(float(table["coefficient"].mean()))
        best = _best(own, label, rows["window"].to_numpy())
        found["precision"].append(_share(best, Label.UP) or 0.0)
        found["total_return"].append(float(one["total_return"]))
    return {name: _spread(values) for name, values in found.items()}


def _spread(values: Sequence[float]) -> Spread:
    if len(values) < 2 or not np.isfinite(values).all():
        return Spread(None, None)
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)))


def _curve(losses: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Return the losses of a window's first network."""
    return tuple(map(float, losses[0]))
