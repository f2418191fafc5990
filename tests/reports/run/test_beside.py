"""A run beside the risk-free rate and beside several benchmarks."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.statistics import max_drawdown, sharpe_ratio, total_return
from rollsight.base.records import plain, record
from rollsight.reports.page.language import speak
from rollsight.reports.run.account.money import money
from rollsight.reports.run.figures import equity_figure
from rollsight.reports.run.headline import headline
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.tearsheet import tearsheet
from rollsight.workflows.run import Run
from rollsight.workflows.summary import summary

DAILY = 0.0001
EN = speak("en")


def beside(finished: Run, rate: float | str, cash: np.ndarray) -> RunNumbers:
    """Return a run's numbers above a risk-free rate."""
    market = finished.spec.market.model_copy(update={"risk_free": rate})
    spec = finished.spec.model_copy(update={"market": market})
    cash[0] = 0.0
    equity = finished.equity.assign(risk_free_return=cash)
    return build_metrics(replace(finished, spec=spec, equity=equity))


@pytest.fixture(scope="module")
def above(finished: Run) -> RunNumbers:
    return beside(finished, 0.025, np.full(len(finished.equity), DAILY))


@pytest.fixture(scope="module")
def several(finished: Run) -> RunNumbers:
    """Return the numbers beside a second benchmark, which has no value at first."""
    market = finished.spec.market.model_copy(update={"benchmark": ("KS11", "IXIC")})
    other = np.tile([0.01, -0.005], len(finished.equity))[: len(finished.equity)]
    other[:20] = np.nan
    equity = finished.equity.assign(benchmark_return_IXIC=other)
    spec = finished.spec.model_copy(update={"market": market})
    return build_metrics(replace(finished, spec=spec, equity=equity))


def test_every_ratio_of_the_headline_is_above_the_rate(finished: Run, above: RunNumbers) -> None:
    head, per_year = above.headline, above.headline.sessions_per_year
    equity, plainly = finished.equity, finished.numbers.headline
    for name, column in (("strategy", "return"), ("benchmark", "benchmark_return"),
                         ("universe", "universe_return")):  # fmt: skip
        own = equity[column].to_numpy()
        deviation = (own[1:] - DAILY).std(ddof=1)
        ratio = (own[1:] - DAILY).mean() / deviation * per_year**0.5
        assert getattr(head, name).sharpe == pytest.approx(ratio)
        # What is no ratio stays as it is without a rate.
        kept = replace(getattr(head, name), sharpe=getattr(plainly, name).sharpe)
        assert kept == getattr(plainly, name)
    assert plainly.risk_free is None
    assert head.strategy.sharpe < plainly.strategy.sharpe


def test_the_rate_stands_beside_the_ratio(finished: Run, above: RunNumbers) -> None:
    say = speak("en")
    assert "risk-free rate 2.50\xa0%" in headline(above, say)
    assert "no risk-free rate" in headline(finished.numbers, say)
    assert "Sharpe ratios are of returns above the risk-free rate" in money(
        above.money, above.headline, say
    )
    assert "무위험 수익률 2.50\xa0%" in headline(above, speak("ko"))
    assert dict(summary(above))["Sharpe, drawdown"].endswith(", risk-free rate 2.50 %")
    assert "risk-free" not in dict(summary(finished.numbers))["Sharpe, drawdown"]


def test_a_series_is_stated_by_its_name_and_average(finished: Run) -> None:
    days = len(finished.equity)
    found = beside(finished, "US3M_TBILL", np.where(np.arange(days) % 2, 0.0, 2 * DAILY))
    rate = found.headline.risk_free
    assert rate is not None
    cash = 1 + np.array(found.equity.risk_free_return)
    per_year = found.headline.sessions_per_year
    assert rate.annual == pytest.approx(cash.prod() ** (per_year / (days - 1)) - 1)
    assert f"risk-free rate US3M_TBILL, {rate.annual * 100:.2f}\xa0% on average" in headline(
        found, speak("en")
    )


@pytest.mark.slow
def test_quantstats_takes_off_the_same_rate(above: RunNumbers) -> None:
    own = np.tile([0.01, -0.005, 0.002], 40)
    days = pd.bdate_range("2020-01-01", periods=120).strftime("%Y-%m-%d")
    none = (None,) * 120
    moving = replace(
        above,
        equity=replace(
            above.equity, date=tuple(days), return_=tuple(own), benchmark_return=none,
            universe_return=none,
        ),
        headline=replace(above.headline, benchmark=None, sessions_per_year=250.0),
    )  # fmt: skip
    _, figures = tearsheet(moving, speak("en"))
    assert figures["Strategy"]["Risk-Free Rate"] == "2.5%"
    cash = np.full(120, 1.025 ** (1 / 250) - 1)
    # QuantStats counts every row, where our first is the start's 0.
    ratio = sharpe_ratio(np.append(0.0, own), 250, np.append(0.0, cash))
    assert figures["Strategy"]["Sharpe"] == f"{ratio:.2f}"
    without, _ = tearsheet(replace(moving, headline=replace(moving.headline, risk_free=None)),
                           speak("en"))  # fmt: skip
    assert "QuantStats takes off" not in without
    rate = above.headline.risk_free
    assert rate is not None
    below = replace(moving.headline, risk_free=replace(rate, annual=-0.01))
    assert "takes off no rate below 0" in tearsheet(replace(moving, headline=below), speak("en"))[0]
    series = replace(moving.headline, risk_free=replace(rate, series="US3M_TBILL"))
    said = "QuantStats takes off the average of 2.50"
    assert said in tearsheet(replace(moving, headline=series), speak("en"))[0]


def test_each_of_several_benchmarks_stands_beside_the_run(
    finished: Run, several: RunNumbers
) -> None:
    assert several.headline == finished.numbers.headline
    found = several.benchmarks
    assert found is not None
    first, other = found
    assert (first.name, other.name) == ("KS11", "IXIC")
    assert first.benchmark == finished.numbers.headline.benchmark
    returns = np.append(0.0, np.array(several.equity.benchmarks["IXIC"], dtype=float)[21:])
    assert other.benchmark.total_return == pytest.approx(total_return(returns))
    assert other.benchmark.max_drawdown == pytest.approx(max_drawdown(returns))
    own = finished.equity["return"].to_numpy()[21:]
    ahead = (np.log1p(own) - np.log1p(returns[1:])).mean() * several.headline.sessions_per_year
    excess = other.excess.excess
    assert excess.value == pytest.approx(ahead, rel=0.02)  # fewer sessions have other years
    assert excess.low is None  # of so few sessions there is no interval
    assert (first.span, other.span.sessions) == (None, len(finished.equity) - 20)


def test_several_benchmarks_are_drawn_and_written_in_a_table(
    finished: Run, several: RunNumbers
) -> None:
    say = speak("en")
    drawn = equity_figure(several, say)
    assert "IXIC" in drawn
    assert "IXIC" not in equity_figure(finished.numbers, say)
    first, other = several.benchmarks
    found = replace(other.excess.excess, low=-0.0123, high=0.0456)
    known = (first, replace(other, excess=replace(other.excess, excess=found)))
    section = money(several.money, several.headline, say, benchmarks=known)
    assert "-1.23 to +4.56" in section.replace("\N{MINUS SIGN}", "-")
    assert f"IXIC, {several.equity.date[20]} to" in section
    assert "The tiles and the tear sheet are beside KS11." in section
    assert "tear sheet are beside" not in money(
        finished.numbers.money, finished.numbers.headline, say
    )
    made = total_return(np.array(several.equity.benchmarks["IXIC"], dtype=float)[21:])
    assert dict(summary(several))["IXIC"] == f"{100 * made:+.1f} %"


def test_a_benchmark_that_is_the_universe_is_drawn_once(finished: Run, several: RunNumbers) -> None:
    def lines(numbers: RunNumbers) -> int:
        return len(
            set(re.findall(r"equal-weight|Universe, equal weight", equity_figure(numbers, EN)))
        )

    equity = replace(several.equity, benchmarks={"equal-weight": several.equity.universe_return})
    assert lines(finished.numbers) == lines(replace(several, equity=equity)) == 1
    head = replace(finished.numbers.headline, benchmark_name="equal-weight")
    assert lines(replace(finished.numbers, headline=head)) == 1


def test_both_are_read_back_and_left_out_where_there_are_none(
    finished: Run, above: RunNumbers, several: RunNumbers
) -> None:
    for numbers in (above, several):
        assert record(RunNumbers, plain(numbers)) == numbers
    written = plain(finished.numbers)
    assert "benchmarks" not in {*written, *written["equity"]}
    assert "risk_free" not in written["headline"]
    assert "risk_free_return" not in written["equity"]
