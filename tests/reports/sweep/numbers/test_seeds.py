"""What a sweep over seeds reports: a spread, and no choice of one."""

import re
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev

import pytest

from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.base.records import record
from rollsight.reports.page.language import speak
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.seeds import Spread
from rollsight.reports.sweep.page.page import render_page
from rollsight.reports.sweep.page.seeds import seeds_section
from rollsight.reports.sweep.page.verdict import verdict
from rollsight.workflows.sweep import Sweep, sweep
from tests.support.sweeps.numbers import few
from tests.support.sweeps.numbers import seeds as seed_spread

EN = speak("en")
SEEDS = [0, 1, 2]
STOPS = [None, 0.02]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("networks")


@pytest.fixture(scope="module")
def alone(base: RunSpec, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    out = tmp_path_factory.mktemp("alone")
    return sweep(base, {"training.seed": SEEDS}, out=out, store=store)


@pytest.fixture(scope="module")
def crossed(base: RunSpec, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    grid = {"training.seed": SEEDS[:2], "strategy.stop_loss": STOPS}
    return sweep(base, grid, out=tmp_path_factory.mktemp("crossed"), store=store, keep=0)


def said(found: Sweep) -> str:
    return " ".join(text for _, text in verdict(found.numbers, EN)).replace("\xa0", " ")


def test_a_sweep_over_the_seed_alone_chooses_nothing_and_tests_no_choice(alone: Sweep) -> None:
    assert not alone.trials["chosen"].any()
    assert alone.numbers.chosen is None
    assert alone.trials["link"].isna().all()  # no run is kept as the best
    told = alone.numbers.statistics
    nothing = ("chosen_sharpe", "expected_best", "deflated_sharpe", "deflated_ahead", "pbo", "spa",
               "reality_check", "rank_correlation")  # fmt: skip
    assert {key: getattr(told, key) for key in nothing} == dict.fromkeys(nothing)
    assert told.trials_counted == 3
    assert "no setting to choose: nothing was chosen. Over 3 seeds" in said(alone)
    assert "Validation chose" not in said(alone)
    assert "nobody chooses these" not in said(alone)


def test_the_spread_over_seeds_is_reported(alone: Sweep) -> None:
    assert repr(record(SweepNumbers, alone.metrics)) == repr(alone.numbers)
    (own,) = alone.numbers.seeds.settings
    sharpe = [t.test.sharpe for t in alone.numbers.trials]
    assert len(set(sharpe)) == 3
    assert own.test.sharpe == Spread(
        3, fmean(sharpe), stdev(sharpe), low=min(sharpe), high=max(sharpe)
    )
    assert f"goes from {min(sharpe):.2f}".replace("-", "\N{MINUS SIGN}") in said(alone).replace(
        "-", "\N{MINUS SIGN}"
    )
    assert "What the seed alone changes" in alone.html
    assert "Sharpe over 3 seeds, test" in repr(alone)


def test_a_setting_is_chosen_by_its_mean_over_the_seeds(crossed: Sweep) -> None:
    table = crossed.trials
    mean = table.groupby("strategy.stop_loss")["validation_sharpe"].mean()
    (chosen,) = table.index[table["chosen"]]
    best = table[table["strategy.stop_loss"] == mean.idxmax()]
    assert chosen in best.index
    assert table.loc[chosen, "validation_sharpe"] == best["validation_sharpe"].min()  # of two
    assert [s.trials for s in crossed.numbers.seeds.settings] == [(0, 2), (1, 3)]
    assert "By the mean over 2 seeds validation chose strategy.stop_loss" in said(crossed)
    assert "by the mean of 2 seeds" in repr(crossed)
    assert crossed.numbers.statistics.trials_counted == 4


def test_settings_with_other_seeds_are_not_chosen_among(base: RunSpec, crossed: Sweep) -> None:
    data = crossed.numbers
    trials = tuple(replace(t, chosen=False) for t in data.trials)
    own = replace(data, trials=trials, seeds=replace(data.seeds, comparable=False))
    (warned,) = [tone for tone, text in verdict(own, EN) if "not all tried with the same" in text]
    assert warned == "bad"


def test_a_rolling_choice_takes_no_seed(base: RunSpec, store: Path, tmp_path: Path) -> None:
    with pytest.raises(RollsightError, match=r"training\.seed, which is no setting to choose"):
        sweep(base, {"training.seed": [0, 1]}, out=tmp_path, store=store, select="rolling",
              burn_in=1)  # fmt: skip


def test_a_row_holds_the_mean_the_deviation_and_the_range() -> None:
    html = seeds_section(seed_spread(), few(), EN).replace("\xa0", " ")
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr><td.*?</tr>", html)]
    # Of .1, .25 and -.3: a mean of .0167 and a deviation of .284.
    assert [row[1:] for row in rows[:2]] == [
        ["Validation: Sharpe ratio", "3", "0.02", "0.28", "-0.30 to 0.25"],
        ["Test: Sharpe ratio", "3", "0.02", "0.28", "-0.30 to 0.25"],
    ]
    assert rows[2][1:] == ["Test: A year, net", "3", "+1.67 %", "28.43 %", "-30.00 % to +25.00 %"]
    assert rows[4][1:] == ["Test: Sharpe ratio", "0", *["\N{EN DASH}"] * 3]
    assert len(rows) == 6


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
def test_the_page_says_all_of_it_in_korean(alone: Sweep, crossed: Sweep) -> None:
    for found in (alone, crossed):
        html = render_page(found.numbers, speak("ko"))
        assert "시드만 바꿨을 때의 변화" in html
        assert "nothing was chosen" not in html
