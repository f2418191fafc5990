"""What the page of a sweep says in words, whatever its trials came to."""

import re
from dataclasses import replace
from typing import Any

import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.page.words import verdict_name
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.trials import TrialNumbers
from rollsight.reports.sweep.numbers.worth import sweep_word
from rollsight.reports.sweep.page import saliency as sweepsaliency
from rollsight.reports.sweep.page.page import render_page
from rollsight.reports.sweep.page.verdict import judged, verdict
from tests.support.sweeps.numbers import (
    ROWS,
    VALUES,
    account,
    few,
    figures,
    grid,
    rolling,
    saliency,
    sweep_data,
    trial,
)

EN = speak("en")


def lost() -> list[TrialNumbers]:
    """Return trials of which none came to an end."""
    states = ("failed", "abandoned")
    return [
        replace(t, state=states[n % 2], validation=None, test=None, error=f"why {n}")
        for n, t in enumerate(grid(6))
    ]


def alike() -> list[TrialNumbers]:
    """Return trials that are done, of one setting and without figures."""
    settings = {key: values[0] for key, values in VALUES.items()}
    return [trial(n, settings, validation=figures(None), test=figures(None)) for n in range(4)]


def alone() -> SweepNumbers:
    """Return a sweep without a benchmark."""
    data = few(benchmark_name=None)
    gone = ("benchmark", "universe", "spa", "reality_check", "beat_benchmark", "deflated_ahead")
    return replace(data, statistics=replace(data.statistics, **dict.fromkeys(gone)))


def stands(html: str) -> bool:
    """Return whether no number that does not exist is written out."""
    body = re.sub(r"<(style|script|svg).*?</\1>", "", html, flags=re.DOTALL)
    return not re.search(r"\b(?:nan|NaN|null|undefined)\b|\bNone\b(?! of)", body)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (alone, "There is no benchmark to hold it against."),
        (lambda: few(chosen=None, select="rolling", rolling=rolling(few())), "with 5 switches"),
        (lambda: few(objective="log_loss_gain"), "Log-loss gain"),
    ],
    ids=["no benchmark", "rolling", "nats"],
)
def test_the_page_says_what_is_missing(data: Any, said: str) -> None:
    html = render_page(data(), EN)
    assert said in html
    assert stands(html)


def test_trainings_without_skill_are_grey_and_agree_with_nobody() -> None:
    html = sweepsaliency.saliency(few(saliency=saliency((0, 3, 5))), EN)
    assert "2 of 3 distinct trainings have windows with skill" in html
    assert html.count('<td class="soft text">0</td>') == 1
    assert html.count("<svg") == 2
    blind = sweepsaliency.saliency(few(saliency=saliency((0, 0))), EN)
    assert "None of 2 distinct trainings has a window with skill" in blind
    assert blind.count("<svg") == 1
    assert "No trial computed saliency" in sweepsaliency.saliency(few(saliency=()), EN)


@pytest.mark.parametrize(
    ("trials", "said"),
    [
        (lost(), "No trial came to an end"),
        (grid(1), "One trial alone was done"),
        (alike(), "The trials do not differ enough to tell."),
    ],
    ids=["all failed", "one", "no figures"],
)
def test_the_list_stands_whatever_the_trials(
    trials: list[TrialNumbers], said: str, show: Any
) -> None:
    html = render_page(sweep_data(trials), EN)
    assert stands(html)
    page = show(html)
    page.locator("#triallist").scroll_into_view_if_needed()
    page.wait_for_selector(ROWS)
    assert page.locator(ROWS).count() == len(trials)
    assert said in (page.text_content("main") or "")
    assert page.complaints == []
    page.close()


def test_one_trial_beside_those_of_before_is_held_against_them() -> None:
    data = sweep_data(grid(1))
    told = replace(data, statistics=replace(data.statistics, expected_best=0.5))
    assert "One trial alone was done" in render_page(data, EN)
    assert "One trial alone was done" not in render_page(told, EN)


def test_the_verdict_follows_the_numbers() -> None:
    data = few()

    def said(**changes: Any) -> dict[str, str]:
        found = verdict(replace(data, statistics=replace(data.statistics, **changes)), EN)
        return {sentence[:40]: tone for tone, sentence in found}

    split = "Picking the best of these trials on one half"[:40]
    assert [said(pbo=p)[split] for p in (0.049, 0.05, 0.49, 0.5)] == ["good", "", "", "bad"]
    blind = "Validation chose no better than blindly: across"[:40]
    assert blind in said(rank_correlation=0.0)
    assert blind not in said(rank_correlation=0.01)
    assert (
        said(spa=0.01, reality_check=0.05)["No trial is ahead of KS11 by more than the"[:40]]
        == "bad"
    )
    assert (
        said(spa=0.05, reality_check=0.01)["No trial is ahead of KS11 by more than the"[:40]]
        == "bad"
    )
    assert (
        said(spa=0.049, reality_check=0.049)["The best trial is ahead of KS11 by more than"[:40]]
        == "good"
    )


@pytest.mark.parametrize(
    ("sharpe", "ahead", "word"),
    [
        (0.949, 0.99, "luck"), (0.99, 0.949, "luck"), (0.95, 0.95, "more"), (0.95, None, "more"),
        (None, None, "little"),
    ],
)  # fmt: skip
def test_the_chosen_trial_is_judged_by_deflated_sharpe_ratios(
    sharpe: float | None, ahead: float | None, word: str
) -> None:
    data = few()
    found = replace(data.statistics, deflated_sharpe=sharpe, deflated_ahead=ahead)
    assert sweep_word(found) == word
    said = judged(few(statistics=found), EN)
    assert said.startswith(f"{verdict_name(word, EN)}: ")
    html = render_page(few(statistics=found), EN)
    first = html[html.index('<p class="verdict') :].split("</p>")[0]
    assert re.sub("<.*?>", "", first).replace("\xa0", " ") == said


def test_money_alone_has_no_colour() -> None:
    data = few(rolling=rolling(few()))
    rich = replace(data, rolling=replace(rolling(data), figures=account(figures(9.0))))
    told = ("with 5 switches", "The median trial made", "Validation chose trial")
    tones = {tone for tone, text in verdict(rich, EN) if any(t in text for t in told)}
    assert tones == {""}


def test_what_no_trader_chooses_is_named() -> None:
    told = [text for _, text in verdict(few(circumstances=("costs.slippage_bps",)), EN)]
    assert any(text.startswith("costs.slippage_bps: nobody chooses these.") for text in told)
    assert not any("nobody chooses these" in text for _, text in verdict(few(), EN))


def test_a_choice_on_validation_owns_up_to_what_it_has_seen() -> None:
    seen = "The choice has seen the market of the test sessions"
    assert any(text.startswith(seen) for _, text in verdict(few(), EN))
    assert not any(text.startswith(seen) for _, text in verdict(few(select="rolling"), EN))
