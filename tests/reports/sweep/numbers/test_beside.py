"""A sweep beside a benchmark that lacks values: compared over the sessions that both have."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.backtests.account.statistics import sessions_per_year
from rollsight.reports.page.language import speak
from rollsight.reports.run.data.benchmark import Span
from rollsight.reports.sweep.numbers.equity import benchmark_growth
from rollsight.reports.sweep.numbers.paths import Paths, beside_since
from rollsight.reports.sweep.page.verdict import verdict
from tests.support.markets import sessions
from tests.support.sweeps.numbers import few

NAN = float("nan")


def paths(benchmark: list[float]) -> Paths:
    """Return two trials over five changes: +10 % a session, and -10 %."""
    trials = np.tile([0.1, -0.1], (5, 1))
    return Paths(
        sessions=sessions(6), numbers=(0, 1), trials=trials, earlier=np.empty((5, 0)),
        universe=np.zeros(5), benchmark=np.array(benchmark), risk_free=None, span=None, notes=(),
        rows="",
    )  # fmt: skip


def test_trials_and_benchmark_are_paired_from_one_common_session_to_the_next() -> None:
    both = paths([NAN, 0.0, 0.02, NAN, 0.03, NAN]).beside(paths([0.0] * 6).trials)
    assert both is not None
    np.testing.assert_allclose(both.other, [0.0, 0.02, 0.03])
    np.testing.assert_allclose(both.own, [[0.0, 0.0], [0.1, -0.1], [1.1**2 - 1, 0.9**2 - 1]])


def test_what_a_benchmark_made_into_the_first_session_counts_for_nothing() -> None:
    both = paths([0.5, 0.02, 0.01, 0.05, 0.03, 0.01]).beside(paths([0.0] * 6).trials)
    assert both is not None
    assert both.other.tolist() == [0.0, 0.02, 0.01, 0.05, 0.03, 0.01]


def test_a_later_beginning_starts_from_its_own_close() -> None:
    own = paths([0.0, 0.02, NAN, 0.05, 0.03, 0.01])
    benchmark, _ = beside_since(own, own.sessions[3])
    assert benchmark is not None
    assert benchmark.total_return == pytest.approx(1.03 * 1.01 - 1)
    ended = paths([0.0, 0.02, 0.01, NAN, NAN, NAN])
    assert beside_since(ended, own.sessions[3])[0] is None


def test_ratios_are_above_what_cash_earned_in_the_same_sessions() -> None:
    own = replace(
        paths([NAN, 0.0, 0.02, NAN, 0.05, 0.03]), risk_free=np.array([0.01, 0.02, 0.03, 0.04, 0.05])
    )
    both = own.beside(own.trials)
    assert both is not None
    # From session 1 to 2, from 2 to 4 and from 4 to 5.
    np.testing.assert_allclose(own.cash(both=both), [0.02, 1.03 * 1.04 - 1, 0.05])
    benchmark, middle = beside_since(own, own.sessions[1])
    above = np.array([0.02 - 0.02, 0.05 - (1.03 * 1.04 - 1), 0.03 - 0.05])
    per_year = both.sessions_per_year(sessions_per_year(own.sessions))
    assert benchmark is not None
    assert benchmark.sharpe == pytest.approx(above.mean() / above.std(ddof=1) * per_year**0.5)
    np.testing.assert_allclose(own.above(own.trials)[:, 1], [-0.11, -0.12, -0.13, -0.14, -0.15])
    assert middle is not None


def test_the_benchmark_is_drawn_where_it_has_a_value() -> None:
    drawn = benchmark_growth(paths([NAN, 0.0, 0.02, NAN, 0.05, NAN]))
    assert drawn is not None
    assert [level is None for level in drawn] == [True, False, False, True, False, True]
    assert [drawn[1], drawn[2], drawn[4]] == pytest.approx([1.0, 1.02, 1.02 * 1.05])


def test_the_page_says_which_sessions_are_compared() -> None:
    data = few()
    span = Span(200, first="2020-01-02", last="2020-10-30", shorter=True, missing=())
    beside = replace(
        data.statistics.median, annual_return=data.statistics.benchmark.annual_return - 0.01
    )
    partly = replace(data.statistics, benchmark_span=span, median_beside=beside)
    said = verdict(replace(data, statistics=partly), speak("en"))
    ((tone, text),) = [(t, s) for t, s in said if "Of the test sessions KS11 covers" in s]
    assert "KS11 covers 2020-01-02 to 2020-10-30 alone. Holding KS11 made" in text
    assert "Over the sessions that both have the median trial made" in text
    assert tone == ""
