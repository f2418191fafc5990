"""The evidence of a run and the verdict on it."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.benchmark import common
from rollsight.backtests.directory.result import Result
from rollsight.base.resampling import FEWEST_BLOCKS, mean_estimate
from rollsight.reports.run.baselines.facts import Baselines
from rollsight.reports.run.baselines.sentence import best_baseline
from rollsight.reports.run.scores.leads import days_lead, measured, stocks_lead
from rollsight.reports.run.scores.scorefacts import Scores
from rollsight.reports.run.scores.seeds import Seeds
from rollsight.reports.statistics.judgement import Evidence, Verdict, judge
from rollsight.reports.statistics.randombuys import Beside, BesideFigure


def verdict_of(
    rows: pd.DataFrame, traded: npt.NDArray[np.int64], result: Result, overall: Scores, *, span: int
) -> Verdict:
    """Return the verdict on a run, from its labelled rows, its trades and its account.

    Where trades lie in too few blocks of dates, and where inputs were joined by their date and
    so saw the future, nothing can be told.

    Parameters
    ----------
    rows
        with ``at``, ``alike``, ``buy``, ``plain_label`` and ``net_label_return``
    traded
        (n_trades,) positions of the dates on which the trades were decided
    span
        dates that a label spans
    """
    known = rows[rows["plain_label"] >= 0]
    bought = known["buy"].to_numpy(np.bool_)
    stocks, blocks = stocks_lead(known, bought, _net(overall.all_buys.random_buys), span=span)
    # The best of every date choose no days: where one has fewer buys, a label is missing.
    every_date = result.spec.threshold.best is not None
    trades = mean_estimate(result.trades["net_return"].to_numpy(float), traded, span=span)
    evidence = (
        stocks,
        Evidence("days") if every_date else days_lead(known, bought, span=span),
        measured("trades", trades, None),
        _account(result.equity, span=span),
    )
    told = trades.blocks >= FEWEST_BLOCKS and result.spec.features.join == "as-of"
    return Verdict(
        word=judge(evidence) if told else "little",
        blocks=blocks,
        trade_blocks=trades.blocks,
        span=span,
        evidence=evidence,
    )


def beside_baseline(found: Verdict, baselines: Baselines) -> Verdict:
    """Return a verdict with what the run's model adds to its best baseline: it decides nothing."""
    best = best_baseline(baselines)
    if best is None:
        return found
    own = Evidence("baseline", best.lead, best.lead_low, best.lead_high, name=best.name)
    return replace(found, evidence=(*found.evidence, own))


def over_seeds(found: Verdict, seeds: Seeds) -> Verdict:
    """Return a verdict that knows how the same run ends with other seeds."""
    ends = seeds.range("total_return")
    if ends is None:
        return found
    own = Evidence("seeds", low=ends[0], high=ends[1])
    return replace(found, evidence=(*found.evidence, own)).among(found.tries)


def _account(equity: pd.DataFrame, *, span: int) -> Evidence:
    """Return a session's return, less the benchmark's where there is one."""
    own, other = (equity[c].to_numpy(float) for c in ("return", "benchmark_return"))
    both = common(own, other)
    # The first return of either is the start's 0.
    ahead = (own if both is None else both.own - both.other)[1:]
    return measured("account", mean_estimate(ahead, np.arange(len(ahead)), span=span), None)


def _net(beside: Beside | None) -> BesideFigure | None:
    return None if beside is None else beside.net_return
