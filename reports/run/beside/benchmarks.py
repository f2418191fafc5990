"""A run beside each of several benchmarks."""

from dataclasses import dataclass

import pandas as pd

from rollsight.backtests.account.benchmark import benchmark_column, common
from rollsight.backtests.directory.result import Result
from rollsight.reports.page.html import Cell, paragraph, percent, signed, table, words
from rollsight.reports.page.language import Say
from rollsight.reports.run.beside.riskfree import cash_of
from rollsight.reports.run.data.benchmark import Span, benchmark_label, span_data
from rollsight.reports.run.headfacts import Headline, Performance, performance
from rollsight.reports.run.ranking.excess import Excess, excess_over
from rollsight.reports.run.ranking.tables import between


@dataclass(frozen=True)
class BesideBenchmark:
    """A run and one of its benchmarks, over the sessions that both have.

    Attributes
    ----------
    span
        these sessions, where they are not all; see `span_data`
    benchmark, strategy
        None of fewer than two sessions
    excess
        log return of the account less the benchmark's, a year; None of fewer than three
    """

    name: str
    span: Span | None
    benchmark: Performance | None
    strategy: Performance | None
    excess: Excess | None


def benchmarks_data(result: Result) -> tuple[BesideBenchmark, ...] | None:
    """Return a run beside each of its benchmarks, the first one first; None of fewer than two."""
    named = result.spec.market.benchmarks
    if len(named) < 2:
        return None
    per_year = result.manifest["market"]["sessions_per_year"]
    columns = ["benchmark_return", *map(benchmark_column, named[1:])]
    return tuple(
        _beside(name, column, result.equity, per_year)
        for name, column in zip(named, columns, strict=True)
    )


def _beside(name: str, column: str, equity: pd.DataFrame, per_year: float) -> BesideBenchmark:
    own, other = (equity[c].to_numpy(float) for c in ("return", column))
    both = common(own, other)
    span = span_data(both, equity["date"].dt.strftime("%Y-%m-%d").tolist())
    if both is None:
        return BesideBenchmark(name, span, None, None, None)
    year, cash = both.sessions_per_year(per_year), cash_of(equity)
    free = None if cash is None else both.over(cash)
    return BesideBenchmark(
        name=name,
        span=span,
        benchmark=performance(both.other, year, free),
        strategy=performance(both.own, year, free),
        excess=excess_over(name, both, per_year, cash),
    )


def benchmarks_table(
    found: tuple[BesideBenchmark, ...] | None, head: Headline, say: Say
) -> list[str]:
    """Return the run beside each of several benchmarks, with what that means."""
    if not found:
        return []
    heads = [
        say("Benchmark"), say("Return"), say("A year"), say("Deepest drawdown"),
        say("Strategy's return"), say("Strategy's deepest drawdown"), say("Excess a year"),
        say("Interval"),
    ]  # fmt: skip
    return [
        table(heads, [_row(one, say) for one in found]),
        paragraph(
            say(
                "Each benchmark and the strategy over the sessions that both have. Excess is the "
                "strategy's log return after costs less the benchmark's, a year, with its 95 % "
                "interval. The tiles and the tear sheet are beside {name}.",
                name=head.benchmark_name,
            )
        ),
    ]


def _row(one: BesideBenchmark, say: Say) -> list[Cell | str]:
    other, own = one.benchmark, one.strategy
    excess = None if one.excess is None else one.excess.excess
    return [
        words(benchmark_label(one.name, one.span, say)),
        signed(None if other is None else other.total_return, 1),
        signed(None if other is None else other.annual_return, 1),
        percent(None if other is None else other.max_drawdown),
        signed(None if own is None else own.total_return, 1),
        percent(None if own is None else own.max_drawdown),
        signed(None if excess is None else excess.value, 1),
        between(None, None, say) if excess is None else between(excess.low, excess.high, say),
    ]
