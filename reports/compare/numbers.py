"""Runs side by side: what differs in their specs, and in what they predicted and earned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from rollsight.backtests.directory.differences import differing
from rollsight.base.errors import RollsightError
from rollsight.base.resampling import mean_estimate
from rollsight.reports.compare.compared import Compared
from rollsight.reports.compare.figures import Figure, Unit
from rollsight.reports.compare.modes import Modes, modes_data, modes_rows
from rollsight.reports.page.html import percent
from rollsight.reports.page.language import Say, speak
from rollsight.reports.run.baselines.sentence import best_baseline
from rollsight.reports.run.holdout.sentence import holdout_said
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.judgement import among, judged


def _added(of: RunNumbers) -> float | None:
    best = best_baseline(of.baselines)
    return None if best is None else best.lead


def _of_seeds(of: RunNumbers, place: int) -> float | None:
    ends = of.seeds.range("total_return")
    return None if ends is None else ends[place]


FIGURES: tuple[tuple[str, Unit, Callable[[RunNumbers], float | None]], ...] = (
    ("Windows with skill", "count", lambda of: of.skill.skilled),
    ("Log-loss of all test rows", "nats", lambda of: of.skill.log_loss),
    ("Log-loss of the class frequencies", "nats", lambda of: of.skill.frequency_log_loss),
    ("Log-loss gained on the best baseline", "nats", _added),
    ("Accuracy", "percent", lambda of: of.overall.figures.accuracy),
    ("Buys", "count", lambda of: of.overall.all_buys.buys),
    ("Precision of buys", "percent", lambda of: of.overall.all_buys.precision),
    ("Precision less base rate", "percent", lambda of: of.overall.all_buys.edge),
    ("Crucial-fail of buys", "percent", lambda of: of.overall.all_buys.crucial_fail),
    ("Soso-fail of buys", "percent", lambda of: of.overall.all_buys.soso_fail),
    ("Mean net return of a buy", "percent", lambda of: of.overall.all_buys.net_return),
    ("Trades", "count", lambda of: of.headline.trades),
    ("Mean net return of a trade", "percent", lambda of: of.overall.taken.net_return),
    ("Total return, net", "percent", lambda of: of.headline.strategy.total_return),
    ("Total return, lowest of other seeds", "percent", partial(_of_seeds, place=0)),
    ("Total return, highest of other seeds", "percent", partial(_of_seeds, place=1)),
    ("A year, net", "percent", lambda of: of.headline.strategy.annual_return),
    ("Sharpe ratio", "ratio", lambda of: of.headline.strategy.sharpe),
    ("Deepest drawdown", "percent", lambda of: of.headline.strategy.max_drawdown),
)


@dataclass(frozen=True)
class Difference:
    """A key in which the runs' specs differ, and its value in each."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Gain:
    """The mean daily return of a run less the first's, over the sessions that both have.

    Attributes
    ----------
    low, high
        95 % interval; None of too few sessions, and where one of them never traded
    """

    value: float | None
    low: float | None
    high: float | None
    sessions: int


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Runs side by side; the first is the one that the others are held against.

    Attributes
    ----------
    modes
        None where all networks were trained in the same way
    gains
        of each run but the first
    """

    runs: tuple[Compared, ...]
    spec: tuple[Difference, ...]
    figures: tuple[Figure, ...]
    modes: Modes | None
    gains: tuple[Gain, ...]

    @property
    def labels(self) -> list[str]:
        """The name of each run."""
        return [run.label for run in self.runs]

    @property
    def same_data(self) -> bool:
        """All runs were made on one market."""
        return len({run.data_digest for run in self.runs}) == 1

    @property
    def same_span(self) -> bool:
        """All runs were tested over the same sessions."""
        return len({run.span for run in self.runs}) == 1

    def __repr__(self) -> str:
        return "\n".join(compare_lines(self))


def compare_data(runs: Sequence[Compared]) -> Comparison:
    """Return what differs between runs.

    Raises
    ------
    RollsightError
        If there are fewer than two runs.
    """
    if len(runs) < 2:
        raise RollsightError(f"compare was given {len(runs)} run: name two or more directories")
    return Comparison(
        runs=tuple(runs),
        spec=_spec_differences(runs),
        figures=tuple(
            Figure(title, unit, tuple(of(run.numbers) for run in runs))
            for title, unit, of in FIGURES
        ),
        modes=modes_data(runs),
        gains=tuple(_gain(run, runs[0]) for run in runs[1:]),
    )


def compare_lines(data: Comparison) -> list[str]:
    """Return a comparison as lines of text."""
    names, say = data.labels, speak("en")
    rows = [["", *names], *([s.key, *s.values] for s in data.spec)]
    rows += [["", *[""] * len(names)]]
    rows += [figure.row(say) for figure in data.figures]
    rows += [["A day, less the first", "", *map(gained, data.gains)]]
    if data.modes is not None:
        rows += [[""] * (len(names) + 1), *modes_rows(data.modes, say)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(names) + 1)]
    lines = [
        *verdicts(data, say), "",
        *(f"{row[0]:<{widths[0]}}  "
        + "  ".join(f"{cell:>{w}}" for cell, w in zip(row[1:], widths[1:], strict=True))
        for row in rows)
    ]  # fmt: skip
    return [*(line.rstrip() for line in lines), *remarks(data, say)]


def verdicts(data: Comparison, say: Say) -> list[str]:
    """Return the verdict on each run, one of so many, and what that means."""
    tries = len(data.runs)
    own = [f"{run.label}: {judged(among(run.numbers, tries), say)}" for run in data.runs]
    return [*own, luckiest(tries, say)]


def luckiest(tries: int, say: Say) -> str:
    """Return what it means that so many runs are looked at together."""
    return say(
        "Of {n} runs the luckiest looks better than one alone: each of these verdicts asks {n} "
        "times as much as the run's own page.",
        n=tries,
    )


def remarks(data: Comparison, say: Say) -> list[str]:
    """Return what keeps the runs from being compared figure by figure.

    A run that never traded is ahead of others that lost, by no skill.
    """
    said = [
        f"{run.label}: {one}" for run in data.runs for one in holdout_said(run.numbers.holdout, say)
    ]
    if not data.same_data:
        said.append(say("The runs were made on different data: figures differ by that too."))
    if not data.same_span:
        said.append(
            say("The runs were tested over different sessions: figures differ by that too.")
        )
    if len({_rate(run.numbers) for run in data.runs}) > 1:
        said.append(
            say("The runs take off different risk-free rates: Sharpe ratios differ by that too.")
        )
    return said + [
        say("{run} made no trade: its figures are those of cash, and it is tested against none.",
            run=run.label)
        for run in data.runs if not run.numbers.headline.trades
    ]  # fmt: skip


def _rate(numbers: RunNumbers) -> str | float | None:
    """Return the rate that ratios are above: a series by its name, whatever its average was."""
    rate = numbers.headline.risk_free
    return None if rate is None else rate.series or rate.annual


def gained(gain: Gain) -> str:
    """Return a run's gain over the first as text, with its interval where there is one."""
    if gain.value is None:
        return percent(None)
    said = percent(gain.value, 3, sign=True)
    if gain.low is None:
        return said
    return f"{said} ({percent(gain.low, 3, sign=True)} … {percent(gain.high, 3, sign=True)})"


def _spec_differences(runs: Sequence[Compared]) -> tuple[Difference, ...]:
    found = differing([run.spec for run in runs])
    return tuple(Difference(k, tuple(map(_said, v))) for k, v in found.items() if k != "name")


def _said(value: object) -> str:
    return "none" if value is None else str(value)


def _gain(run: Compared, first: Compared) -> Gain:
    own, other = (_returns(r.numbers) for r in (run, first))
    # The first return of either is the start's 0.
    gain = (own.iloc[1:] - other.iloc[1:]).dropna().to_numpy()
    found = mean_estimate(gain, np.arange(len(gain)), span=run.spec.label.horizon + 1)
    both_traded = run.numbers.headline.trades and first.numbers.headline.trades
    low, high = (found.low, found.high) if both_traded else (None, None)
    return Gain(found.value, low, high, len(gain))


def _returns(numbers: RunNumbers) -> pd.Series:
    equity = numbers.equity
    return pd.Series(np.array(equity.return_, dtype=float), pd.DatetimeIndex(equity.date))
