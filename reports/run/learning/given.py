"""What cannot be known of signals that were given, and learnt by nobody here."""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, TypeVar

from rollsight.reports.run.learning.modelage import AgeSlope
from rollsight.reports.run.learning.modes import GIVEN
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.scores.scorefacts import Accuracy, Scores

S = TypeVar("S", bound=Scores)
JUDGED = ("accuracy", "accuracy_thresholded", "log_loss")  # of probabilities


def known_of_given(numbers: RunNumbers) -> RunNumbers:
    """Return a run's numbers without those that its signals cannot have.

    Given signals have no sessions since training. Scores are an order and no probabilities: what
    rests on these, as log-loss, skill and the most probable class, is None of them.
    """
    mode = numbers.training.mode
    if mode not in GIVEN:
        return numbers
    age = replace(numbers.model_age, bins=(), slope=AgeSlope(None, None, None, None))
    aged = replace(numbers, model_age=age)
    return _ordered(aged) if mode == "scores" else aged


def _ordered(numbers: RunNumbers) -> RunNumbers:
    beside, verdict = numbers.baselines, numbers.verdict
    own = _none(("log_loss", "gain", "gain_low", "gain_high"))
    lead = _none(("lead", "lead_low", "lead_high"))
    skill = _none({field.name for field in fields(numbers.skill)} - {"windows", "trading"})
    window = _none(("skilled", *(f"{s}_{j}" for s in ("validation", "test") for j in JUDGED)))
    return replace(
        numbers,
        verdict=replace(
            verdict, evidence=tuple(e for e in verdict.evidence if e.against != "baseline")
        ),
        baselines=replace(
            beside,
            model=replace(beside.model, **own),
            others=tuple(replace(one, **lead) for one in beside.others),
        ),
        skill=replace(numbers.skill, **skill),
        calibration=(),
        overall=_scores(numbers.overall),
        years=tuple(_scores(year) for year in numbers.years),
        windows=tuple(replace(_scores(w), **window) for w in numbers.windows),
    )


def _scores(of: S) -> S:
    unknown = Accuracy(**_none(field.name for field in fields(Accuracy)))
    return replace(of, figures=replace(of.figures, **_none(JUDGED)), accuracy=unknown)


def _none(names: Iterable[str]) -> dict[str, Any]:
    return dict.fromkeys(names)
