"""The sentences below the verdict state the facts that it and its reader rest on."""

from dataclasses import replace

import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.run.account.moneyfacts import Step
from rollsight.reports.run.saliency.attribution import LeftOut
from rollsight.reports.run.verdict import STAGES, verdict
from rollsight.workflows.run import Run
from tests.reports.run.account.test_waterfall import steps_of
from tests.support.panels import ROOMY, flat, panel


def test_without_an_interval_none_is_stated(finished: Run) -> None:
    numbers = finished.numbers
    for low, said in ((0.01, "95 % interval of the edge: +1.00 % to +2.00 %."),
                      (None, "Too few dates for an interval.")):  # fmt: skip
        buys = replace(numbers.overall.all_buys, edge_low=low, edge_high=0.02)
        changed = replace(numbers, overall=replace(numbers.overall, all_buys=buys))
        assert verdict(changed, speak("en"))[1][1].endswith(said)


def test_facts_judge_nothing(finished: Run) -> None:
    assert {tone for tone, _ in verdict(finished.numbers, speak("en"))[:2]} == {""}


def test_random_buys_the_waterfall_and_the_maps_are_summed_up(finished: Run) -> None:
    numbers = finished.numbers
    steps = tuple(Step(key, 0.0, 0.01, 0.0, 1) for key in sum(STAGES.values(), ()))
    left = LeftOut(windows=5, failed=3, reasons={})
    about = replace(numbers.attribution, left_out=left)
    changed = replace(
        numbers, money=replace(numbers.money, steps=steps, made_share=0.13), attribution=about
    )
    said = " ".join(sentence for _, sentence in verdict(changed, speak("en")))
    assert numbers.overall.all_buys.random_buys is not None
    p = numbers.overall.all_buys.random_buys.precision.p_value
    assert f"{100 * p:.1f} % reached this precision" in said
    # One per cent a step: one of labels, two of choice, five of execution, three costs, two stakes.
    assert "promised +1.0 %; which of them there was room for changed that by +2.0 %, " in said
    assert (
        "exits and execution by +5.0 %, costs by +3.0 %, the size of the stakes by +2.0 %: +13.0 %"
        in said
    )
    assert "The maps of 2 of 5 windows passed" in said
    none = replace(changed, attribution=replace(about, left_out=replace(left, failed=5)))
    assert ("bad", "In none of 5 windows") in [
        (tone, text[:20]) for tone, text in verdict(none, speak("en"))
    ]


@pytest.mark.parametrize("rule", ["hold", "rank", "tests.support.toys.rules:fading"])
def test_every_step_from_label_to_profit_is_of_a_stage(rule: str) -> None:
    spec = ROOMY.model_copy(update={"rule": rule})
    money = steps_of(panel(flat(2, 8)), [(0, 0, 0.9), (1, 1, 0.8)], spec=spec)
    assert {step.step for step in money.steps} <= set(sum(STAGES.values(), ()))
