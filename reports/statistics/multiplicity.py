"""How many intervals and p-values a page draws, and how many of them luck alone leads astray."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollsight.reports.page.html import number
from rollsight.reports.page.language import Say
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.scorefacts import Scores
from rollsight.reports.sweep.numbers.importance import KeyImportance

TWENTY = 20  # one in so many intervals misses, and p-values of nothing are below 0.05
METHOD = "gradient"  # whose differences the page draws


@dataclass(frozen=True)
class Drawn:
    """What a page draws that luck leads astray once in twenty times.

    Attributes
    ----------
    intervals
        of 95 %; a p-value of the same estimate is no other chance to err
    p_values
        by themselves, none of them adjusted for their number
    q_values
        adjusted for the number of channels that are looked at together
    marks
        of what chance passes once in twenty times, for each key of a sweep
    """

    intervals: int = 0
    p_values: int = 0
    q_values: int = 0
    marks: int = 0


def drawn_by_run(numbers: RunNumbers) -> Drawn:
    """Return how many a run's page draws; each once, wherever it stands."""
    maps = [s for s in numbers.saliency if s.method == METHOD]
    whole = [s for s in maps if s.period == "all" and s.outcome in {"profit", "success"}]
    periods = [s for s in maps if s.period != "all" and s.outcome == "profit"]
    return Drawn(
        intervals=sum(low is not None for low in _lows(numbers))
        + sum(_known(s.low) for s in whole),
        p_values=sum(1 for _ in _p_values(numbers)),
        q_values=sum(_known(s.q_value) for s in [*whole, *periods]),
    )


def drawn_by_trials(importance: Sequence[KeyImportance]) -> Drawn:
    """Return how many a sweep's page draws: its tests of many tries count the tries themselves."""
    shares = [share for key in importance for share in (key.validation, key.test)]
    return Drawn(marks=sum(share is not None for share in shares))


def strays(found: Drawn, say: Say) -> str | None:
    """Return how many are expected to stray by luck alone, None where the page draws none."""
    said = []
    if found.intervals:
        said.append(
            say(
                "This page draws {n} intervals at 95 %: about {strays} of them would miss the "
                "truth by luck alone.",
                n=number(found.intervals),
                strays=number(found.intervals / TWENTY, 1),
            )
        )
    if found.p_values:
        said.append(
            say(
                "{n} p-values of it are not adjusted for their number: were nothing there, about "
                "{strays} of them would be below 0.05.",
                n=number(found.p_values),
                strays=number(found.p_values / TWENTY, 1),
            )
        )
    if found.q_values:
        said.append(
            say(
                "{n} q-values of it are adjusted: about one in twenty of those below 0.05 would be "
                "luck.",
                n=number(found.q_values),
            )
        )
    if found.marks:
        said.append(
            say(
                "{n} bars of keys are held against a mark that chance passes once in twenty times: "
                "about {strays} of them would pass it by luck alone.",
                n=number(found.marks),
                strays=number(found.marks / TWENTY, 1),
            )
        )
    return " ".join(said) or None


def _lows(numbers: RunNumbers) -> Iterator[float | None]:
    """Yield the lower ends of the intervals on the page, None where there are too few dates."""
    years: list[Scores] = [*numbers.years, numbers.overall]
    yield from (numbers.skill.gain_low, numbers.skill.brier_gain_low)
    for of in (scores.all_buys for scores in [*years, *numbers.windows]):
        yield from (of.precision_low, of.edge_low, of.crucial_fail_low)
    for scores in years:
        yield from (scores.accuracy.low, scores.accuracy.edge_low, scores.information.low)
    yield from (tenth.low for tenth in numbers.calibration)
    for age in numbers.model_age.bins:
        yield from (age.gain_low, age.edge_low, age.net_return_low)
    yield numbers.model_age.slope.low


def _p_values(numbers: RunNumbers) -> Iterator[float]:
    """Yield those of the run beside random buys, by year and by window."""
    for scores in [*numbers.years, numbers.overall, *numbers.windows]:
        for beside in (scores.all_buys.random_buys, scores.taken.random_buys):
            if beside is not None:
                yield from (beside.precision.p_value, beside.net_return.p_value)


def _known(values: dict[str, float | None] | None) -> int:
    return sum(value is not None for value in (values or {}).values())
