"""A page counts its own chances to err, as a hand does."""

import re
from dataclasses import replace
from typing import Any, TypeVar

from rollsight.reports.compare.numbers import Gain
from rollsight.reports.compare.page import drawn_by_comparison
from rollsight.reports.page.html import number
from rollsight.reports.page.language import speak
from rollsight.reports.run.learning.modelage import AgeSlope, ModelAge
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.saliency.attribution import Saliency
from rollsight.reports.run.scores.judgement import deciding
from rollsight.reports.run.scores.multiplicity import drawn_by_run
from rollsight.reports.run.scores.scorefacts import Scores
from rollsight.reports.run.verdict import verdict
from rollsight.reports.statistics.judgement import Evidence
from rollsight.reports.statistics.multiplicity import Drawn, strays
from rollsight.reports.statistics.randombuys import Beside, BesideFigure
from rollsight.reports.sweep.numbers.importance import Explained, KeyImportance
from rollsight.reports.sweep.page.keys import drawn_by_trials
from rollsight.reports.sweep.page.verdict import verdict as verdict_of_sweep
from rollsight.workflows.run import Run
from tests.support.sweeps.numbers import few

T = TypeVar("T", bound=Scores)
EN, KO = speak("en"), speak("ko")


FIGURE = BesideFigure(
    value=0.1,
    mean=0.1,
    low=0.0,
    high=0.2,
    ahead=0.0,
    ahead_low=-0.1,
    ahead_high=0.1,
    p_value=0.3,
    as_bad=0.7,
)


def buys(*known: str, drawn: bool = False) -> dict[str, Any]:
    """Return the intervals of buys, and two p-values where random ones were drawn."""
    names = ("precision", "soso_fail", "crucial_fail", "edge")
    found: dict[str, Any] = {f"{n}_low": -0.1 if n in known else None for n in names}
    return found | {"random_buys": Beside(FIGURE, FIGURE) if drawn else None}


def scores(of: T, all_buys: dict[str, Any], taken: dict[str, Any], **known: float) -> T:
    return replace(
        of,
        all_buys=replace(of.all_buys, **all_buys),
        taken=replace(of.taken, **taken),
        accuracy=replace(of.accuracy, low=known.get("accuracy"), edge_low=known.get("edge")),
        information=replace(of.information, low=known.get("information")),
    )


def channel(period: str, outcome: str, low: float | None, method: str = "gradient") -> Saliency:
    none = {"close": None, "KS11": None}
    return Saliency(
        method=method, period=period, outcome=outcome, trades=9, passed=True, reason="",
        share=none, contribution=none, difference=none, low={"close": low, "KS11": low}, high=none,
        p_value=none, q_value={"close": 0.2, "KS11": low},
    )  # fmt: skip


def small(of: RunNumbers) -> RunNumbers:
    """Return numbers of one year, one window, two tenths, one age and two channels."""
    year = buys("precision", "edge", "crucial_fail", "soso_fail", drawn=True)
    whole = buys("precision")
    (one, other), age = of.calibration[:2], of.model_age.bins[0]
    logistic, constant = of.baselines.others
    no_rank = replace(logistic.information, low=None)
    leads = (
        Evidence("stocks", 0.1, -0.1, 0.3, 0.5, 0.4, 0.6),
        Evidence("days", 0.1, -0.1, 0.3, 0.5, 0.4, 0.6),
    )
    return replace(
        of,
        verdict=replace(of.verdict, word="luck", evidence=leads),
        skill=replace(of.skill, gain_low=-0.01, brier_gain_low=None),
        baselines=replace(
            of.baselines,
            others=(
                replace(logistic, gain_low=0.1, lead_low=0.0, information=no_rank),
                replace(constant, lead_low=-0.01),
            ),
        ),
        years=(scores(of.years[0], year, buys(drawn=True), edge=0.1),),
        overall=scores(of.overall, whole, whole, accuracy=0.3, information=0.01),
        windows=(scores(of.windows[0], buys(drawn=True), buys(), accuracy=0.1),),
        calibration=(replace(one, low=0.1), replace(other, low=None)),
        model_age=ModelAge(
            bin=10,
            bins=(replace(age, gain_low=0.1, edge_low=None, net_return_low=0.0),),
            slope=AgeSlope(slope=0.2, low=0.1, high=0.3, p_value=0.01),
        ),
        saliency=(
            channel("all", "profit", 0.1),
            channel("all", "success", None),
            channel("all", "all", 0.1),
            channel("year 2020", "profit", 0.1),
            channel("all", "profit", 0.1, method="integrated_gradients"),
        ),
    )


def test_the_count_is_that_of_a_hand(finished: Run) -> None:
    # Intervals: the verdict 2; skill 1, which the frequencies repeat; the baseline 2; the year's
    # buys 3 (that of soso-fail is not drawn) and its accuracy's edge 1; of the whole, precision 1,
    # accuracy 1, information 1; tenths 1; age 2 and its slope 1; channels of profit less loss 2. Of
    # trades taken and a window's accuracy none is drawn.
    # p-values: the year 2 and 2, the window 2, the days 1. q-values: profit 2, success 1, year 2.
    assert drawn_by_run(small(finished.numbers)) == Drawn(intervals=18, p_values=7, q_values=5)


def test_the_page_draws_as_many_as_are_counted(finished: Run) -> None:
    found = drawn_by_run(finished.numbers)
    columns = 0
    for html in re.findall(r"<table>.*?</table>", finished.html, re.DOTALL):
        heads = re.findall(r'<th(?: class="(?!group)[^"]*")?>(.*?)</th>', html)
        rows = re.findall(r"<tr>(?:<td.*?</td>)+</tr>", html)
        at = [n for n, head in enumerate(heads) if head in {"Interval", "95 % interval"}]
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
        columns += sum(row[n] != "\N{EN DASH}" for row in cells for n in at)
    # Beside the tables: the leads that the verdict names, the tenths of the reliability figure,
    # log-loss and Brier score. This run has too few windows for a slope, and no map that passed.
    # Beside its baselines the run's own gain and rank coefficient stand again, and its gain once
    # more as its lead on the frequencies.
    tenths = sum(tenth["low"] is not None for tenth in finished.metrics["calibration"])
    told = len(deciding(finished.numbers.verdict))
    assert columns > 10
    assert told > 0
    own, constant = finished.numbers.baselines.model, finished.numbers.baselines.others[-1]
    assert None not in {own.gain_low, own.information.low, constant.lead_low}
    assert found.intervals == columns + tenths + told + 2 - 3


def test_what_strays_by_luck_is_said_where_the_verdict_is(finished: Run) -> None:
    found = drawn_by_run(finished.numbers)
    said = [text for _, text in verdict(finished.numbers, EN)]
    own = (
        f"This page draws {found.intervals} intervals at 95 %: about "
        f"{number(found.intervals / 20, 1)} of them would miss the truth by luck alone."
    )
    assert any(text.startswith(own) for text in said)


def test_each_kind_is_said_apart() -> None:
    assert strays(Drawn(), EN) is None
    assert strays(Drawn(intervals=140, p_values=30, q_values=12), EN) == (
        "This page draws 140 intervals at 95 %: about 7.0 of them would miss the truth by luck "
        "alone. 30 p-values of it are not adjusted for their number: were nothing there, about "
        "1.5 of them would be below 0.05. 12 q-values of it are adjusted: about one in twenty of "
        "those below 0.05 would be luck."
    )
    assert str(strays(Drawn(intervals=140), KO)).startswith("이 페이지에는 95 % 신뢰구간이 140개")


def test_a_sweep_and_a_comparison_count_theirs() -> None:
    share = Explained(share=0.1, chance=0.05, chance_high=0.15, p_value=0.2)
    keys = (
        KeyImportance("a", validation=share, test=None, levels=()),
        KeyImportance("b", validation=share, test=share, levels=()),
    )
    assert drawn_by_trials(keys) == Drawn(marks=3)
    data = replace(few(), importance=keys)
    assert any(text.startswith("3 bars of keys") for _, text in verdict_of_sweep(data, EN))
    assert drawn_by_comparison([Gain(0.2, None, None, 9), Gain(0.2, 0.1, 0.3, 900)]) == Drawn(
        intervals=1
    )
