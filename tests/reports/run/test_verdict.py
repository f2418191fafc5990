"""The sentences at the top of the page follow from the intervals beside them."""

from dataclasses import replace
from typing import Any

import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.run.account.moneyfacts import Step
from rollsight.reports.run.saliency.attribution import LeftOut
from rollsight.reports.run.verdict import STAGES, verdict
from rollsight.workflows.run import Run


def said_of(finished: Run, part: str, changes: dict[str, Any]) -> tuple[str, str]:
    """Return the verdict of a run whose skill (0) or buys (1) are changed."""
    numbers = finished.numbers
    if part == "skill":
        skill = replace(numbers.skill, **changes)
        return verdict(replace(numbers, skill=skill), speak("en"))[0]
    buys = replace(numbers.overall.all_buys, **changes)
    overall = replace(numbers.overall, all_buys=buys)
    return verdict(replace(numbers, overall=overall), speak("en"))[1]


@pytest.mark.parametrize(("part", "key"), [("skill", "gain"), ("buys", "edge")])
@pytest.mark.parametrize(
    ("low", "high", "tone", "words"),
    [
        (-0.01, 0.02, "bad", "within luck"),
        (0.01, 0.02, "good", "more than luck alone explains"),
        (-0.02, -0.01, "bad", "worse than"),
    ],
)
def test_a_verdict_follows_its_interval(
    finished: Run, part: str, key: str, low: float, high: float, tone: str, words: str
) -> None:
    found = said_of(finished, part, {f"{key}_low": low, f"{key}_high": high})
    assert found[0] == tone
    assert words in found[1]


def test_without_an_interval_nothing_is_judged(finished: Run) -> None:
    tone, sentence = said_of(finished, "buys", {"edge_low": None, "edge_high": None})
    assert tone == ""
    assert sentence.endswith("Too few dates for an interval.")


def test_random_buys_the_waterfall_and_the_maps_are_summed_up(finished: Run) -> None:
    numbers = finished.numbers
    steps = tuple(Step(key, 0.0, 0.01, 0.0, 1) for key in sum(STAGES.values(), ()))
    left = LeftOut(windows=5, failed=3, reasons={})
    about = replace(numbers.attribution, left_out=left)
    changed = replace(
        numbers, money=replace(numbers.money, steps=steps, made_share=0.12), attribution=about
    )
    said = " ".join(sentence for _, sentence in verdict(changed, speak("en")))
    assert numbers.overall.all_buys.random_buys is not None
    p = numbers.overall.all_buys.random_buys.precision.p_value
    assert f"{100 * p:.1f} % reached this precision" in said
    # One per cent a step: one of labels, two of choice, four of execution, three costs, two stakes.
    assert "promised +1.0 %; which of them there was room for changed that by +2.0 %, " in said
    assert "execution by +4.0 %, costs by +3.0 %, the size of the stakes by +2.0 %: +12.0 %" in said
    assert "The maps of 2 of 5 windows passed" in said
    none = replace(changed, attribution=replace(about, left_out=replace(left, failed=5)))
    assert ("bad", "In none of 5 windows") in [
        (tone, text[:20]) for tone, text in verdict(none, speak("en"))
    ]
