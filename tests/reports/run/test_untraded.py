"""A sweep or a run in which nothing trades says so first, and nothing that needs returns."""

from dataclasses import replace
from typing import Any

import pytest

from rollsight.backtests.spec import RunSpec
from rollsight.reports.page.language import speak
from rollsight.reports.run import verdict as of_run
from rollsight.reports.run.untraded import refusals, untraded_trials
from rollsight.reports.sweep.numbers.trials import TrialNumbers
from rollsight.reports.sweep.page.verdict import verdict
from rollsight.workflows.run import Run
from rollsight.workflows.summary import summary
from rollsight.workflows.sweep import Sweep, sweep
from tests.support.sweeps.markets import GRID
from tests.support.sweeps.numbers import figures, grid, sweep_data, trial

EN, KO = speak("en"), speak("ko")
OF_CHOICE = ("expected_best", "deflated_sharpe", "deflated_ahead", "pbo", "pbo_loss",
             "pbo_splits", "pbo_ranks")  # fmt: skip
TESTS = (*OF_CHOICE, "spa", "reality_check", "effective_trials", "median", "beat_benchmark",
         "rank_correlation", "chosen_sharpe")  # fmt: skip
TIMES = "\N{MULTIPLICATION SIGN}"
DEAR = "one share costs more than the position"


def idle(number: int, actions: dict[str, int]) -> TrialNumbers:
    """Return a trial that is done and never traded."""
    none = figures(None, trades=0)
    return trial(number, {"a": number}, validation=none, test=none, actions=actions)


@pytest.fixture(scope="module")
def penniless(base: RunSpec, swept_in: Any, swept: Sweep, tmp_path_factory: Any) -> Sweep:
    """Return a sweep whose cash buys no share, over networks that lie ready."""
    assert swept.metrics["counts"]["done"] == 8
    return sweep(
        base, {"strategy.stop_loss": [None, 0.02]}, changes=["strategy.cash=1"],
        out=tmp_path_factory.mktemp("idle") / "out", store=swept_in / "networks",
        objective="annual_return",
    )  # fmt: skip


def test_a_sweep_that_never_trades_says_so_first_and_tests_and_chooses_nothing(
    penniless: Sweep,
) -> None:
    data = penniless.metrics
    rejected = sum(data["trials"][0]["actions"].values()) + sum(
        data["trials"][1]["actions"].values()
    )
    assert rejected > 0
    # Beside it stands what is to be known of the data alone.
    (tone, said), *others = verdict(penniless.numbers, EN)
    assert others == [("", note) for note in data["notes"]]
    assert tone == "bad"
    assert said.startswith("No trial traded: all 2 accounts stayed in cash (")
    assert f"({rejected} buys rejected: {DEAR}" in said
    assert {key: data["statistics"][key] for key in TESTS} == dict.fromkeys(TESTS)
    assert data["chosen"] is None
    assert not penniless.trials["chosen"].any()
    # 0 % a year is true of the account, and nothing to be chosen for.
    assert [t["validation"]["annual_return"] for t in data["trials"]] == [0, 0]
    assert [t["validation"]["objective"] for t in data["trials"]] == [None, None]
    for gone in ("SPA test", "ahead of KS11", "Deflated Sharpe", "Overfitting", "Validation chose"):
        assert gone not in penniless.html
        assert gone not in repr(penniless)
    assert repr(penniless).splitlines()[-1] == said


@pytest.mark.slow
def test_trials_without_a_trade_are_counted_apart(
    base: RunSpec, swept: Sweep, swept_in: Any, tmp_path: Any
) -> None:
    # The same eight trials, and eight more whose cash buys nothing.
    both = sweep(
        base, GRID | {"strategy.cash": [1_000_000.0, 1.0]}, out=tmp_path / "out",
        store=swept_in / "networks", keep=0,
    )  # fmt: skip
    alone, found = swept.metrics["statistics"], both.metrics["statistics"]
    assert (alone["trials_counted"], found["trials_counted"]) == (8, 16)
    # Tries count in the expected best; the rest is that of the trials that traded.
    for key in ("spa", "reality_check", "pbo", "beat_benchmark", "effective_trials", "median"):
        assert found[key] == pytest.approx(alone[key], nan_ok=True), key
    assert found["expected_best"] > alone["expected_best"]
    said = [text for _, text in verdict(both.numbers, EN)]
    assert said[0].startswith("Validation chose trial ")
    assert said[1].startswith("8 of 16 trials never traded (")
    assert both.trials["number"][both.trials["chosen"]].item() % 2 == 0


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ({}, "no row was a buy"),
        ({DEAR: 158}, f"158 buys rejected: {DEAR}"),
        ({"no free position": 18, DEAR: 1_140},
         f"1,158 buys rejected: {DEAR} {TIMES} 1,140, no free position {TIMES} 18"),
    ],
)  # fmt: skip
def test_the_reasons_are_those_of_the_buys(actions: dict[str, int], said: str) -> None:
    assert refusals(actions, EN) == said
    one = untraded_trials([idle(0, actions)], EN)
    assert one == f"The one trial never traded: its account stayed in cash ({said})."


def test_reasons_are_summed_over_trials_and_speak_korean() -> None:
    trials = [idle(0, {DEAR: 3}), idle(1, {DEAR: 4})]
    assert untraded_trials(trials, KO) == (
        "거래한 시행이 없습니다. 계좌 2개가 모두 현금 그대로입니다"
        "(매수 7건 거부: 1주 가격이 포지션 금액을 초과)."
    )


def test_a_choice_that_never_traded_on_the_test_sessions_is_said() -> None:
    trials = grid(4)
    trials[1] = replace(trials[1], chosen=True, test=figures(None, trades=0), actions={})
    said = [text for _, text in verdict(sweep_data(trials, chosen=1), EN)]
    assert "which never traded on the test sessions" in said[0]
    assert said[1].startswith("1 of 4 trials never traded (no row was a buy)")


def test_copies_of_one_trial_are_no_choice(
    base: RunSpec, swept: Sweep, swept_in: Any, tmp_path: Any
) -> None:
    # Two stops that no close of this market can reach.
    copies = sweep(
        base, {"strategy.stop_loss": [0.98, 0.99]}, out=tmp_path / "out",
        store=swept_in / "networks", keep=0,
    )  # fmt: skip
    returns = copies.returns.to_numpy()
    assert returns.any()
    assert (returns[:, 0] == returns[:, 1]).all()
    found = copies.metrics["statistics"]
    assert {key: found[key] for key in OF_CHOICE} == dict.fromkeys(OF_CHOICE)
    assert found["spa"] is not None  # against the benchmark, which is no copy
    said = [text for _, text in verdict(copies.numbers, EN)]
    assert any(text.startswith("All trials that traded earned the same") for text in said)
    assert not any("number 1 of 2" in text for text in said)


def test_a_run_without_a_trade_says_so_first(finished: Run) -> None:
    head = replace(finished.numbers.headline, trades=0)
    numbers = replace(finished.numbers, headline=head, buys={DEAR: 215})
    tone, said = of_run.verdict(numbers, EN)[0]
    assert tone == "bad"
    assert said == (
        f"No trade was made: the equity is the cash it started with (215 buys rejected: {DEAR})."
    )
    assert ("No trade", f"215 buys rejected: {DEAR}") in summary(numbers)
