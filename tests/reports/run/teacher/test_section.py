"""The page says whether the teacher beats its control, and how many rows had one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.baselines.names import CONTROL
from rollsight.backtests.spec import check_spec
from rollsight.base.records import record
from rollsight.base.resampling import mean_estimate
from rollsight.reports.page.language import speak
from rollsight.reports.page.words import word
from rollsight.reports.run.baselines.facts import ModelFigures
from rollsight.reports.run.baselines.sentence import beside_best, best_baseline
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.teacher.section import teacher
from rollsight.training.deciding.inference import log_losses
from rollsight.workflows.run import Run, run
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

PROBABILITIES = ["p_down", "p_hold", "p_up"]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), Recipe(n_stocks=5, n_days=300))


@pytest.fixture(scope="module")
def plain(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(spec_of(market), out=tmp_path_factory.mktemp("runs") / "plain", page=False)


@pytest.fixture(scope="module")
def done(market: Path, plain: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    signals = plain.signals.assign(known_at=plain.signals["decided_at"])
    path = tmp_path_factory.mktemp("soft") / "soft.csv"
    columns = ["decided_at", "code", *PROBABILITIES, "known_at"]
    signals[columns].assign(code=signals["code"].replace("000010", "777777")).to_csv(
        path, index=False
    )
    whole = spec_of(market).model_dump() | {"teacher": {"source": str(path)}}
    return run(check_spec(whole, "test"), page=False)


def control_of(numbers: RunNumbers) -> ModelFigures:
    (found,) = (one for one in numbers.baselines.others if one.name == CONTROL)
    return found


def with_lead(numbers: RunNumbers, *lead: float | None) -> RunNumbers:
    mean, low, high = lead
    control = replace(control_of(numbers), lead=mean, lead_low=low, lead_high=high)
    others = tuple(control if o.name == CONTROL else o for o in numbers.baselines.others)
    return replace(numbers, baselines=replace(numbers.baselines, others=others))


def test_the_difference_is_paired_by_rows_over_blocks_of_dates(done: Run) -> None:
    own = done.signals["label"].notna().to_numpy()
    label = done.signals["label"][own].to_numpy(np.int8)
    one, other = (
        log_losses(table[own][PROBABILITIES].to_numpy(), label)
        for table in (done.signals, done.baselines.reset_index(drop=True))
    )
    at = pd.factorize(done.signals["decided_at"], sort=True)[0][own].astype(np.int64)
    expected = mean_estimate(other - one, at, span=6)
    found = control_of(done.numbers)
    assert (found.lead, found.lead_low, found.lead_high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )
    assert f"{found.lead:+.4f}" in teacher(done.numbers, speak("en"))


@pytest.mark.parametrize(
    ("lead", "told", "korean"),
    [
        ((0.02, 0.01, 0.03), "The teacher beats its control", "교사가 대조군을 이깁니다"),
        ((0.01, -0.01, 0.03), "does not beat its control", "교사가 대조군을 이기지 못합니다"),
        ((-0.02, -0.03, -0.01), "is worse than its control", "교사가 대조군보다 못합니다"),
        ((0.02, None, None), "cannot be told: too few dates", "알 수 없습니다"),
    ],
)
def test_one_sentence_says_whether_the_teacher_beats_its_control(
    done: Run, lead: tuple[float | None, ...], told: str, korean: str
) -> None:
    numbers = with_lead(done.numbers, *lead)
    assert told in teacher(numbers, speak("en"))
    assert korean in teacher(numbers, speak("ko"))


def test_rows_and_notes_are_told_in_both_languages(done: Run) -> None:
    assert done.numbers.teacher is not None
    facts = done.numbers.teacher.facts
    assert f"{facts.taught:,} of {facts.train_rows:,} train rows had a teacher" in teacher(
        done.numbers, speak("en")
    )
    (note,) = (n for n in done.manifest["universe"]["notes"] if "teacher" in n)
    assert "1 of 5 codes of the teacher" in note
    assert "이 시장에 없습니다 (777777)" in word(note, speak("ko"))


def test_the_control_is_no_baseline_that_a_verdict_is_held_against(done: Run) -> None:
    assert best_baseline(done.numbers.baselines) is None
    assert beside_best(done.numbers.baselines, speak("en")) is None


def test_numbers_are_read_back_as_they_are(done: Run) -> None:
    assert record(RunNumbers, done.metrics) == done.numbers


def test_a_run_without_a_teacher_has_no_section_and_no_facts(plain: Run) -> None:
    assert "teacher" not in plain.manifest
    assert plain.numbers.teacher is None
    assert "teacher" not in plain.metrics
    assert record(RunNumbers, plain.metrics).teacher is None
    assert teacher(plain.numbers, speak("en")) == ""


def test_soft_labels_that_no_teacher_gave_are_called_so(market: Path) -> None:
    whole = spec_of(market).model_dump() | {"teacher": {"source": "random", "entropy": 0.7}}
    found = teacher(run(check_spec(whole, "test"), page=False).numbers, speak("en"))
    assert "No teacher: these soft labels know nothing" in found
    assert "of a mean entropy of 0.700 nats" in found
