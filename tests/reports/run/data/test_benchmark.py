"""What the page says where the benchmark does not cover the run."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.backtests.account.statistics import total_return
from rollsight.reports.page.html import percent
from rollsight.reports.page.language import speak
from rollsight.reports.run.figures import equity_figure
from rollsight.reports.run.headline import tiles
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.tearsheet import tearsheet
from rollsight.reports.run.verdict import verdict
from rollsight.workflows.run import Run
from rollsight.workflows.summary import summary

SAY = speak("en")


@pytest.fixture(scope="module")
def partly(finished: Run) -> Run:
    """Return the run with a benchmark that ends ten sessions early and lacks two in between."""
    equity = finished.equity.copy()
    equity.loc[equity.index[-10:], "benchmark_return"] = np.nan
    equity.loc[[20, 21], "benchmark_return"] = np.nan
    result = replace(finished, equity=equity)
    return replace(result, numbers=build_metrics(result))


def expected(run: Run) -> tuple[str, str]:
    """Return what benchmark and strategy made up to the benchmark's last value."""
    equity = run.equity[:-10]
    return (
        percent(total_return(equity["benchmark_return"].dropna().to_numpy()), sign=True),
        percent(total_return(equity["return"].to_numpy()), sign=True),
    )


def test_the_first_lines_compare_both_over_the_sessions_that_both_have(partly: Run) -> None:
    days = partly.equity["date"].dt.strftime("%Y-%m-%d").tolist()
    other, own = expected(partly)
    said = " ".join(text for _, text in verdict(partly.numbers, SAY))
    assert (
        f"net of costs. Of the test sessions KS11 covers {days[0]} to {days[-11]} alone. KS11 has "
        f"no value on 2 sessions in between: {days[20]}, {days[21]}. Over the sessions that both "
        f"have, holding KS11 made {other} and the strategy {own}."
    ) in said
    assert "where holding" not in said
    (_, _, _, beside, _), *_ = tiles(partly.numbers, SAY)
    assert beside == f"KS11, {days[0]} to {days[-11]}: {other}, strategy {own}"
    assert summary(partly.numbers)[-1] == (
        "KS11",
        f"{other}, the strategy {own} ({days[0]} to {days[-11]}, sessions of both)",
    )


def test_it_is_judged_by_what_both_made(partly: Run) -> None:
    both = partly.equity[:-10].dropna(subset="benchmark_return")
    growth = (1 + partly.equity["return"]).cumprod().loc[both.index]
    ahead = growth.pct_change()[1:] - both["benchmark_return"][1:]
    found = partly.numbers.verdict.of("account").ahead
    assert found == pytest.approx(ahead.mean(), abs=1e-12)


def test_it_is_drawn_only_where_it_has_a_value(finished: Run, partly: Run) -> None:
    days = partly.metrics["headline"]["benchmark_span"]
    assert f"KS11, {days['first']} to {days['last']}" in equity_figure(partly.numbers, SAY)
    assert partly.metrics["equity"]["benchmark_return"][-10:] == [None] * 10
    assert finished.metrics["headline"]["benchmark_span"] is None
    assert finished.metrics["headline"]["strategy_beside"] is None


@pytest.mark.slow
def test_the_tear_sheet_sees_the_same_sessions_of_both(partly: Run) -> None:
    sheet, figures = tearsheet(partly.numbers, SAY)
    n = len(partly.equity) - 12
    assert f"QuantStats sees only the {n} sessions from" in sheet
    other, own = expected(partly)
    for column, made in (("Benchmark", other), ("Strategy", own)):
        shown = float(figures[column]["Cumulative Return"].rstrip("%")) / 100
        assert percent(shown, sign=True) == made


def test_a_benchmark_without_two_values_is_not_compared(finished: Run) -> None:
    equity = finished.equity.assign(benchmark_return=np.nan)
    numbers = build_metrics(replace(finished, equity=equity))
    assert numbers.headline.benchmark is None
    said = " ".join(text for _, text in verdict(numbers, SAY))
    assert "KS11 has no two values within the test sessions: nothing is held against it." in said
    assert "holding KS11" not in said
