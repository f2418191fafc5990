"""How many intervals and p-values the page of a run draws."""

from collections.abc import Iterator

from rollsight.reports.run.baselines.facts import FREQUENCIES
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.ranking.facts import Ranking
from rollsight.reports.run.saliency.attribution import first_method, method_by_period
from rollsight.reports.run.scores.judgement import deciding
from rollsight.reports.run.scores.scorefacts import Scores
from rollsight.reports.statistics.multiplicity import Drawn


def drawn_by_run(numbers: RunNumbers) -> Drawn:
    """Return how many a run's page draws; each once, wherever it stands."""
    method = method_by_period(numbers.saliency)
    maps = [s for s in numbers.saliency if s.method in {first_method(numbers.saliency), method}]
    whole = [s for s in maps if s.period == "all" and s.outcome in {"profit", "success"}]
    periods = [
        s for s in maps if s.method == method and s.period != "all" and s.outcome == "profit"
    ]
    ranking = numbers.ranking
    return Drawn(
        intervals=sum(low is not None for low in _lows(numbers))
        + sum(_known(s.low) for s in whole),
        p_values=sum(1 for _ in _p_values(numbers)),
        q_values=sum(_known(s.q_value) for s in [*whole, *periods])
        + sum(f.q_value is not None for f in (ranking.features if ranking else ())),
    )


def _lows(numbers: RunNumbers) -> Iterator[float | None]:
    """Yield the lower ends of the intervals on the page, None where there are too few dates."""
    years: list[Scores] = [*numbers.years, numbers.overall]
    yield from (lead.low for lead in deciding(numbers.verdict))
    yield from (numbers.skill.gain_low, numbers.skill.brier_gain_low)
    for other in numbers.baselines.others:
        # What the model adds to the frequencies is its gain, which is counted.
        if other.name != FREQUENCIES:
            yield from (other.gain_low, other.lead_low, other.information.low)
    for of in (scores.all_buys for scores in [*years, *numbers.windows]):
        yield from (of.precision_low, of.edge_low, of.crucial_fail_low)
    for scores in years:
        yield from (scores.accuracy.low, scores.accuracy.edge_low, scores.information.low)
    yield from (tenth.low for tenth in numbers.calibration)
    yield from _of_ranking(numbers.ranking)
    for age in numbers.model_age.bins:
        yield from (age.gain_low, age.edge_low, age.net_return_low)
    yield numbers.model_age.slope.low


def _of_ranking(found: Ranking | None) -> Iterator[float | None]:
    for ranked in () if found is None else found.groups:
        yield from (ranked.plain.low, ranked.matched.low)
    if found is not None:
        yield from (found.deciles.spread.low, found.deciles.spread.of_all_low)
    for beside in () if found is None else found.excess:
        yield from (beside.excess.low, beside.alpha.low, beside.beta.low)


def _p_values(numbers: RunNumbers) -> Iterator[float]:
    """Yield those of the run beside random buys, by year and by window."""
    for scores in [*numbers.years, numbers.overall, *numbers.windows]:
        for beside in (scores.all_buys.random_buys, scores.taken.random_buys):
            if beside is not None:
                yield from (beside.precision.p_value, beside.net_return.p_value)
    # That of the lead over stocks is one of the whole run's, above.
    days = (lead.as_good for lead in deciding(numbers.verdict) if lead.against == "days")
    yield from (p for p in days if p is not None)


def _known(values: dict[str, float | None] | None) -> int:
    return sum(value is not None for value in (values or {}).values())
