"""The section shows what counts, greys what does not, and says why."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.chain.attributed import summarise
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.directory.result import Result
from rollsight.backtests.spec import read_spec
from rollsight.reports.page.drawing import BAD, GOOD, GREY, PALETTE
from rollsight.reports.page.language import speak
from rollsight.reports.run.account.trades import trades
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.saliency.attribution import LeftOut, attribution_data
from rollsight.reports.run.saliency.drivers import drivers_said
from rollsight.reports.run.saliency.figures import (
    channels_figure,
    differences_figure,
    found,
    grid,
    groups_of,
    periods_of,
)
from rollsight.reports.run.saliency.section import saliency
from rollsight.reports.run.scores.multiplicity import drawn_by_run
from rollsight.reports.statistics.correlation import rank_correlation
from rollsight.training.spec import TargetName
from tests.golden.pipe import CHANGES
from tests.support.planted import planted_market

EN = speak("en")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    folder: Path = tmp_path_factory.mktemp("market")
    planted_market(folder, seed=5, strength=0.4, n_stocks=6, n_days=740)
    return walk_forward(read_spec("krx", CHANGES, str(folder)))


@pytest.fixture(scope="module")
def numbers(result: Result) -> RunNumbers:
    return build_metrics(result)


@pytest.fixture(scope="module")
def passed(result: Result) -> RunNumbers:
    """Return the numbers of the run with the maps of all its windows believed."""
    return judged(result, {})


def judged(result: Result, reasons: dict[int, str]) -> RunNumbers:
    """Return the numbers of a run whose windows failed for these reasons, the others passed."""
    windows = result.windows.copy()
    windows["gate_reason"] = [reasons.get(n, "") for n in windows["number"]]
    windows["gate_passed"] = windows["gate_reason"] == ""
    summary = summarise(
        result.attribution, result.trades, windows, result.signals["decided_at"], span=4
    )
    return build_metrics(replace(result, windows=windows, attribution_summary=summary))


def with_test(numbers: RunNumbers, q: float, difference: float) -> RunNumbers:
    """Return numbers whose first channel has this difference, with a test of this q-value."""
    groups = []
    for group in numbers.saliency:
        if (group.period, group.outcome) == ("all", "profit"):
            names = list(group.share)
            values = dict.fromkeys(names, 0.001) | {names[0]: difference}
            group = replace(
                group,
                difference=values,
                low={n: v - 0.01 for n, v in values.items()},
                high={n: v + 0.01 for n, v in values.items()},
                p_value=dict.fromkeys(names, 0.9) | {names[0]: q / 6},
                q_value=dict.fromkeys(names, 0.9) | {names[0]: q},
            )
        groups.append(group)
    return replace(numbers, saliency=tuple(groups))


# The font that measures has no Korean glyphs; the reader's has.
@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
def test_windows_left_out_are_counted_with_their_gravest_reason(result: Result) -> None:
    assert len(result.windows) >= 3
    numbers = judged(
        result, {0: "no skill on validation; the seeds disagree", 1: "the seeds disagree"}
    )
    assert numbers.attribution.left_out == LeftOut(
        windows=len(result.windows),
        failed=2,
        reasons={"no skill on validation": 1, "the seeds disagree": 1},
    )
    html = saliency(numbers, EN)
    total = len(result.windows)
    assert (
        f"2 of {total} windows left out of every sum: no skill on validation (1), the seeds "
        "disagree (1). What is summed below rests on "
    ) in html
    assert "예측력 없음" in saliency(numbers, speak("ko"))


def test_where_no_window_passes_the_sums_are_absent_and_the_page_says_so(result: Result) -> None:
    every = dict.fromkeys(result.windows["number"], "the seeds disagree")
    numbers = judged(result, every)
    assert ("all", "all") not in groups_of(numbers)
    assert periods_of(groups_of(numbers), "year") == []
    html = saliency(numbers, EN)
    assert "No window&#x27;s maps can be believed" in html
    assert "By test window" in html
    assert "By year" not in html


def test_a_bar_has_its_colour_only_where_luck_would_not_do(passed: RunNumbers) -> None:
    for q, difference, color in ((0.04, 0.3, GOOD), (0.04, -0.3, BAD), (0.06, 0.3, GREY)):
        tested = with_test(passed, q, difference)
        group = groups_of(tested)["all", "profit"]
        first, *others = group.share
        assert found(group, first) == (q < 0.05)
        assert not any(found(group, name) for name in others)
        drawn = differences_figure(tested, EN)
        for other in {GOOD, BAD} - {color}:
            assert f"var(--{PALETTE[other]})" not in drawn
        assert f"var(--{PALETTE[color]})" in drawn
    assert "not significant" in saliency(with_test(passed, 0.06, 0.3), EN)


@pytest.mark.slow
def test_a_real_difference_of_the_table_is_neither_for_the_run_nor_against_it(
    passed: RunNumbers,
) -> None:
    for difference, side in ((0.3, "above"), (-0.3, "below")):
        html = saliency(with_test(passed, 0.04, difference), EN)
        assert re.findall(r'<td class="(\w+)">', html).count(side) == 1
        assert 'class="good"' not in html
        assert 'class="bad"' not in html


def test_what_winners_rest_on_is_told_with_what_that_rests_on(
    result: Result, passed: RunNumbers
) -> None:
    windows, trades = len(result.windows), groups_of(passed)["all", "all"].trades
    told = f", in {windows} of {windows} windows, {trades} trades."
    assert drivers_said(with_test(passed, 0.04, 0.3), EN).endswith(told)
    none = drivers_said(with_test(passed, 0.06, 0.3), EN)
    assert none.endswith(f"{told} No difference between them is significant.")
    some = judged(result, {0: "the seeds disagree"})
    assert f", in {windows - 1} of {windows} windows, " in drivers_said(some, EN)


def test_an_axis_of_shares_has_the_places_that_its_steps_need(passed: RunNumbers) -> None:
    # Up to 19 % the steps are of 2.5 %: without a place they would stand as 2, 5, 8, 10 and 12 %.
    groups = tuple(replace(g, share=dict.fromkeys(g.share, 0.19)) for g in passed.saliency)
    drawn = channels_figure(replace(passed, saliency=groups), EN)
    assert [float(n) for n in re.findall(r">([\d.]+)%<", drawn)] == [2.5 * n for n in range(8)]


def test_a_window_that_failed_its_gate_finds_nothing_however_small_its_q(result: Result) -> None:
    numbers = judged(result, {0: "the seeds disagree"})
    groups = groups_of(numbers)
    first = next(iter(groups["all", "profit"].share))
    tested = {first: 0.001}
    assert not found(replace(groups["window 000", "profit"], q_value=tested), first)
    assert found(replace(groups["window 001", "profit"], q_value=tested), first)


@pytest.mark.parametrize(
    ("target", "name"),
    [("log_odds", "the log-odds of UP"), ("up_logit", "the raw score of UP"),
     ("predicted", "the log-odds of the predicted class")],
)  # fmt: skip
def test_the_page_names_what_was_explained_and_nothing_else(
    passed: RunNumbers, target: TargetName, name: str
) -> None:
    numbers = replace(passed, attribution=replace(passed.attribution, target=target))
    html = saliency(numbers, EN) + trades(numbers, EN)
    assert name in html
    assert ("log-odds of UP" in html) == (target == "log_odds")


def test_a_grid_holds_what_the_groups_hold_and_nothing_else(passed: RunNumbers) -> None:
    groups = groups_of(passed)
    periods = [*periods_of(groups, "window"), "window 999"]
    names = list(groups["all", "all"].share)
    values = grid(groups, periods, names, "all", "share")
    assert values.shape == (len(names), len(periods))
    assert values[1, 0] == groups[periods[0], "all"].share[names[1]]
    assert np.isnan(values[:, -1]).all()


def test_lags_importance_and_stability_are_those_of_the_tables(result: Result) -> None:
    numbers = judged(result, {0: "the seeds disagree"})
    about = numbers.attribution
    counted = result.trades.loc[result.trades["window"] != 0, "trade"]
    own = result.attribution[result.attribution["trade"].isin(counted)]
    looked = own["gradient"].abs().astype(float).groupby(own["lag"]).sum()
    assert about.lags["all"] == pytest.approx((looked / looked.sum()).tolist())
    nats = np.mean(result.windows["importance"].tolist()[1:], axis=0)
    assert about.importance.nats is not None
    assert list(about.importance.nats.values()) == pytest.approx(nats.tolist())
    assert "0" not in about.importance.agreement_by_window
    pair = about.stability["window"].pairs[0]
    assert pair.from_ == "window 001"
    one, other = (groups_of(numbers)[end, "all"].share for end in (pair.from_, pair.to))
    expected = rank_correlation(list(one.values()), list(other.values()))
    assert pair.correlation == expected


def test_rank_correlation_needs_three_values_that_differ() -> None:
    assert rank_correlation([3, 1, 2], [30, 10, 20]) == pytest.approx(1)
    assert rank_correlation([1, 2], [1, 2]) is None
    assert rank_correlation([1, 1, 1], [1, 2, 3]) is None


def test_a_run_without_trades_says_so_and_lists_its_windows(numbers: RunNumbers) -> None:
    html = saliency(replace(numbers, saliency=()), EN)
    assert "There was no trade." in html
    assert "Checks of each window" in html


def test_a_run_without_trades_has_the_same_numbers_when_read_from_its_directory(
    result: Result, tmp_path: Path
) -> None:
    windows = result.windows.assign(gate_passed=True, gate_reason="")
    none = replace(result, windows=windows, attribution=result.attribution[:0])
    # A parquet file of no rows keeps no categories.
    none.attribution.to_parquet(tmp_path / "attribution.parquet", index=False)
    read = replace(none, attribution=pd.read_parquet(tmp_path / "attribution.parquet"))
    assert attribution_data(read) == attribution_data(none)


def test_the_predicted_class_is_said_to_be_untested(numbers: RunNumbers) -> None:
    about = replace(numbers.attribution, target="predicted")
    own = replace(numbers, attribution=about)
    html, plain = saliency(own, EN), saliency(numbers, EN)
    assert "Winners are not tested against losers" in html
    assert "Profit less loss" in plain
    assert "Profit less loss" not in html


@pytest.mark.slow
def test_groups_of_features_come_before_their_channels(result: Result) -> None:
    windows = result.windows.assign(gate_passed=True, gate_reason="")
    channels = [channel["name"] for channel in result.manifest["channels"]]
    groups = {name: "close" if name == "close" else "indices" for name in channels}
    summary = summarise(
        result.attribution, result.trades, windows, result.signals["decided_at"], span=4,
        groups=groups,
    )  # fmt: skip
    manifest = result.manifest | {"groups": groups}
    numbers = build_metrics(
        replace(result, windows=windows, attribution_summary=summary, manifest=manifest)
    )
    assert numbers.attribution.groups == groups
    html = saliency(numbers, EN)
    assert html.index("By group of features") < html.index("By channel") < html.index("By year")
    of_group = groups_of(numbers, "gradient by group")["all", "all"]
    assert list(of_group.share) == ["close", "indices"]
    many = len(channels) - 1
    assert f"{many} ({100 * many / len(channels):.1f} %)" in html
    assert "indices: " + ", ".join(channels[1:]) in html
    # The page draws tests of channels and of the two groups over the whole, of groups by period.
    tested = tuple(
        replace(s, q_value=dict.fromkeys(s.share, 0.5) if s.outcome == "profit" else None)
        for s in numbers.saliency
    )
    periods = {s.period for s in tested if s.outcome == "profit"} - {"all"}
    drawn = drawn_by_run(replace(numbers, saliency=tested))
    assert drawn.q_values == len(channels) + 2 + 2 * len(periods)
    korean = saliency(numbers, speak("ko"))
    assert "특성 그룹별" in korean
    assert "By group of features" not in korean
    assert "지수" in korean
    assert "indices" not in korean  # neither in tables nor on charts
    plain = judged(result, {})
    assert plain.attribution.groups == {}
    assert "By group" not in saliency(plain, EN)
