"""One word for a run, from what it is held against."""

from dataclasses import replace

import pytest

from rollsight.reports.statistics.judgement import Against, Evidence, Verdict, Word, judge
from tests.support.simulated.buyers import BLIND, DAYS_KNOWN, STOCKS_KNOWN, verdicts
from tests.support.simulated.overlaps import plausible

RUNS = 400


def evidence(against: Against, side: int) -> Evidence:
    """Return evidence that says ahead (1), behind (-1) or nothing (0)."""
    good, bad = {1: (0.02, 0.98), 0: (0.4, 0.6), -1: (0.98, 0.02)}[side]
    return Evidence(against, 0.01 * (side or 1), p_value=0.01 if side else 0.4,
                    as_good=good, as_bad=bad)  # fmt: skip


@pytest.mark.parametrize(
    ("stocks", "days", "word"),
    [
        (1, 0, "more"), (0, 1, "more"), (1, 1, "more"),
        (-1, 0, "worse"), (0, -1, "worse"), (-1, -1, "worse"),
        (0, 0, "luck"), (1, -1, "luck"), (-1, 1, "luck"),
    ],
)  # fmt: skip
def test_a_run_is_ahead_in_stocks_or_in_days_and_behind_in_neither(
    stocks: int, days: int, word: Word
) -> None:
    assert judge([evidence("stocks", stocks), evidence("days", days)]) == word


def test_interval_and_random_buyers_must_both_say_so() -> None:
    ahead, behind = evidence("stocks", 1), evidence("stocks", -1)
    assert [ahead.side(), behind.side()] == [1, -1]
    assert replace(ahead, p_value=0.051).side() == 0
    assert replace(ahead, as_good=0.051).side() == 0
    assert replace(behind, as_bad=0.051).side() == 0
    assert [replace(ahead, p_value=0.05, as_good=0.05).side(), Evidence("days").side()] == [1, 0]


def test_without_an_interval_there_is_too_little_to_tell() -> None:
    assert judge([replace(evidence("stocks", 1), p_value=None), evidence("days", 1)]) == "little"
    assert judge([]) == "little"


def test_among_several_runs_one_must_be_further_ahead() -> None:
    ahead = evidence("stocks", 1)  # one in fifty random buyers, p = 0.01
    found = Verdict("more", 30, 25, 11, (ahead,))
    assert [found.among(n).word for n in (1, 2, 3)] == ["more", "more", "luck"]  # 0.05 / 3 < 0.02
    assert found.among(3).tries == 3
    assert replace(found, word="little").among(2).word == "little"


def test_seeds_that_all_end_behind_take_the_word_back_and_others_leave_it() -> None:
    ahead = [evidence("stocks", 1), Evidence("baseline", -0.01, -0.02, -0.001, name="logistic")]
    assert judge([*ahead, Evidence("seeds", low=-0.5, high=0.1)]) == "more"
    assert judge([*ahead, Evidence("seeds", low=-0.5, high=-0.1)]) == "luck"


def test_a_figure_has_a_colour_where_its_evidence_and_the_verdict_say_so() -> None:
    parts = (evidence("stocks", 1), evidence("trades", 1), evidence("account", 0))
    found = Verdict("more", 30, 25, 11, parts)
    assert [found.tone(of) for of in ("trades", "account")] == ["good", ""]
    assert replace(found, word="luck").tone("trades") == ""
    # Who knows days is ahead of buyers on moved dates, and of none on the same: days decide.
    account = replace(evidence("account", 1), as_good=None, as_bad=None)
    assert Verdict("more", 30, 25, 11, (evidence("days", 1), account)).tone("account") == "good"
    worse = Verdict("worse", 30, 25, 11, (evidence("trades", -1), evidence("account", 1)))
    assert [worse.tone(of) for of in ("trades", "account")] == ["bad", ""]


def test_luck_and_skill_are_told_apart_in_a_few_runs() -> None:
    blind = verdicts("smooth scores", dates=260, runs=12)
    assert blind["more"] + blind["worse"] <= 3  # one run in twenty each: four or more in 0.3 %
    assert verdicts("stocks .3", dates=390, runs=6)["more"] >= 5
    assert verdicts("smooth scores", dates=150, runs=2) == {"little": 2}  # fourteen blocks


@pytest.mark.slow
@pytest.mark.parametrize("dates", [260, 520, 1040])
@pytest.mark.parametrize("buyer", BLIND)
def test_buyers_who_know_nothing_are_called_lucky_as_rarely_as_promised(
    buyer: str, dates: int
) -> None:
    said = verdicts(buyer, dates=dates, runs=RUNS)
    for word in ("more", "worse"):
        assert said[word] <= 0.05 * RUNS or plausible(said[word], RUNS, 0.05), (word, said)


@pytest.mark.slow
@pytest.mark.parametrize("buyer", [*STOCKS_KNOWN, *DAYS_KNOWN])
def test_buyers_who_know_are_found_nine_times_in_ten(buyer: str) -> None:
    said = verdicts(buyer, dates=1040, runs=100)
    assert said["more"] >= 90, said
