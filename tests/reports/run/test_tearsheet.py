"""QuantStats measures what the headline measures, or says why it cannot."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.run.numbers import Equity, RunNumbers
from rollsight.reports.run.tearsheet import _quantstats, tearsheet
from rollsight.workflows.run import Run


def numbers_of(
    finished: Run, returns: np.ndarray, benchmark: np.ndarray | None = None
) -> RunNumbers:
    """Return a run's numbers with these returns in the place of its own."""
    days = pd.bdate_range("2020-01-01", periods=len(returns)).strftime("%Y-%m-%d").tolist()
    none = (None,) * len(returns)
    head = finished.numbers.headline
    return replace(
        finished.numbers,
        equity=Equity(
            date=tuple(days),
            equity=tuple(returns),
            return_=tuple(returns),
            benchmark_return=none if benchmark is None else tuple(benchmark),
            universe_return=none,
        ),
        headline=replace(
            head,
            benchmark=None if benchmark is None else head.strategy,
            benchmark_name="INDEX",
            sessions_per_year=250.0,
        ),
    )


def test_days_in_cash_at_the_start_stay_and_the_benchmark_keeps_its_own_days(
    finished: Run,
) -> None:
    # A hundred days in cash, then twenty-five times +1 % and -0.5 %.
    returns = np.array([0.0] * 100 + [0.01, -0.005] * 25)
    benchmark = np.full(150, 0.001) + returns / 9
    sheet, figures = tearsheet(numbers_of(finished, returns, benchmark), speak("en"))
    assert "<svg" in sheet
    own, other = figures["Strategy"], figures["Benchmark"]
    worth = 1.01**25 * 0.995**25
    assert float(own["Cumulative Return"].rstrip("%")) == pytest.approx(100 * (worth - 1), abs=0.01)
    # Growth over 150 sessions of 250 a year: without the days in cash the year would be shorter.
    a_year = worth ** (250 / 150) - 1
    assert float(own["CAGR﹪"].rstrip("%")) == pytest.approx(100 * a_year, abs=0.01)
    whole = np.prod(1 + np.full(150, 0.001) + returns / 9) - 1
    assert float(other["Cumulative Return"].rstrip("%")) == pytest.approx(100 * whole, abs=0.01)


@pytest.mark.parametrize(
    ("n", "lang", "said"),
    [
        (100, "en", "this run has no trade."),
        (100, "ko", "이 실행에는 거래가 없습니다."),
        (59, "en", "this run has only 59 sessions."),
    ],
)
def test_returns_that_do_not_move_or_are_too_few_are_a_sentence(
    finished: Run, n: int, lang: Any, said: str
) -> None:
    flat = np.zeros(n)
    for benchmark in (None, np.full(n, 0.001)):
        sheet, figures = tearsheet(numbers_of(finished, flat, benchmark), speak(lang))
        assert sheet.startswith("<p>QuantStats")
        assert said in sheet
        assert figures == {}


def test_the_table_is_that_of_a_call_for_it_and_quantstats_is_left_as_it_was(
    finished: Run,
) -> None:
    returns = np.tile([0.01, -0.005, 0.002], 40)
    benchmark = np.tile([0.001, -0.002], 60)
    _, figures = tearsheet(numbers_of(finished, returns, benchmark), speak("en"))
    with _quantstats() as reports:
        days = pd.bdate_range("2020-01-01", periods=120)
        asked = reports.metrics(
            pd.Series(returns, days, name="Strategy"), pd.Series(benchmark, days, name="INDEX"),
            mode="full", display=False, internal=True, periods_per_year=250, match_dates=False,
        )  # fmt: skip
        assert reports.metrics.__module__ == "quantstats.reports"
    assert figures == {column: dict(asked[column].items()) for column in ("Benchmark", "Strategy")}
