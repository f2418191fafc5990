"""The choice anew in each window: what it took, and what that earned."""

from dataclasses import dataclass
from itertools import pairwise

from rollsight.backtests.account.statistics import sessions_per_year
from rollsight.backtests.trials.outcomes import Performance
from rollsight.reports.sweep.numbers.paths import Finished, Paths, beside_since, performance


@dataclass(frozen=True)
class RollingWindow:
    """A window, and the trial that it was traded by; None where it was only watched.

    Attributes
    ----------
    objective
        of the windows before it, for which the trial was taken
    """

    number: int
    test_start: str
    trial: int | None
    objective: float | None


@dataclass(frozen=True)
class RollingNumbers:
    """The choice anew in each window.

    Attributes
    ----------
    figures
        of its account
    switches
        how often the next window took another trial
    benchmark, median
        the figures of both over the sessions that are traded
    following
        number of the trial that the next window would take
    """

    windows: tuple[RollingWindow, ...]
    figures: Performance
    switches: int
    benchmark: Performance | None
    median: Performance | None
    burn_in: int
    following: int | None


def rolling_numbers(done: Finished, paths: Paths) -> RollingNumbers | None:
    """Return what the choice anew took and earned; None without one."""
    rolled = done.rolling
    if rolled is None:
        return None
    equity = rolled.traded.equity
    taken = [number for number in rolled.trials if number >= 0]
    year = sessions_per_year(paths.sessions)
    cash = None if rolled.risk_free is None else rolled.risk_free[1:]
    benchmark, median = beside_since(paths, equity["date"].iloc[0].to_numpy().astype("M8[D]"))
    windows = zip(
        done.plan.trainings[0].opens, rolled.trials, rolled.objectives.tolist(), strict=True
    )
    return RollingNumbers(
        windows=tuple(
            RollingWindow(n, start, *((trial, value) if trial >= 0 else (None, None)))
            for n, (start, trial, value) in enumerate(windows)
        ),
        figures=performance(equity["return"].to_numpy()[1:], year, cash),
        switches=sum(a != b for a, b in pairwise(taken)),
        benchmark=benchmark,
        median=median,
        burn_in=done.sweep.burn_in,
        following=None if rolled.following < 0 else rolled.following,
    )
