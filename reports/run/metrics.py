"""Every number of the report: what was predicted beside what was earned."""

from collections.abc import Sequence

import pandas as pd

from rollsight.backtests.account.benchmark import benchmark_column
from rollsight.backtests.chain.explain import ATTENTION
from rollsight.backtests.directory.result import Result
from rollsight.base.records import plain, record
from rollsight.reports.run.account.capacity import capacity_data
from rollsight.reports.run.account.costs import costs_by_year
from rollsight.reports.run.account.money import money_data
from rollsight.reports.run.account.randomaccounts import random_accounts_data
from rollsight.reports.run.account.tradefacts import trade_facts
from rollsight.reports.run.account.turnover import turnover_data
from rollsight.reports.run.baselines.facts import baselines_data
from rollsight.reports.run.beside.benchmarks import benchmarks_data
from rollsight.reports.run.beside.riskfree import COLUMN
from rollsight.reports.run.data.datafacts import data_facts
from rollsight.reports.run.data.deaths import deaths_data
from rollsight.reports.run.forecast.facts import forecast_data
from rollsight.reports.run.headfacts import headline_data
from rollsight.reports.run.learning.classes import date_classes
from rollsight.reports.run.learning.dateshares import date_shares
from rollsight.reports.run.learning.given import known_of_given
from rollsight.reports.run.learning.governance import Governed, governed, thresholds_data
from rollsight.reports.run.learning.modelage import model_age_data
from rollsight.reports.run.learning.modes import training_data
from rollsight.reports.run.numbers import Digests, Equity, RunNumbers, WindowNumbers
from rollsight.reports.run.outliers.facts import outliers_data
from rollsight.reports.run.ranking.facts import ranking_data
from rollsight.reports.run.saliency.attribution import attribution_data, saliency_data
from rollsight.reports.run.scores.scorecard import scorecard
from rollsight.reports.run.scores.scorefacts import Scores
from rollsight.reports.run.scores.seeds import seeds_data
from rollsight.reports.run.scores.stretches import stretches_data
from rollsight.reports.run.scores.verdictfacts import beside_baseline, over_seeds
from rollsight.reports.run.teacher.facts import teacher_data
from rollsight.reports.statistics.baserates import with_base_rates


def build_metrics(result: Result) -> RunNumbers:
    """Return the numbers of a run's report, as they are read back from metrics.json.

    A number that does not exist, such as the precision of no buys, is None.
    """
    headline, signals = headline_data(result), with_base_rates(result.signals)
    baselines, seeds = baselines_data(result), seeds_data(result)
    card, held = scorecard(result, signals), governed(result, signals)
    numbers = RunNumbers(
        name=result.spec.name,
        verdict=over_seeds(beside_baseline(card.verdict, baselines), seeds),
        headline=headline,
        baselines=baselines,
        seeds=seeds,
        overall=card.overall,
        years=card.years,
        windows=_windows(result.windows, card.windows, held),
        skill=card.skill,
        calibration=card.calibration,
        random_buys=card.random_buys,
        thresholds=thresholds_data(held, result.spec.threshold),
        date_shares=date_shares(result.windows),
        training=training_data(result.spec, result.windows),
        model_age=model_age_data(
            signals, result.windows, result.equity["date"], span=result.spec.label.horizon + 1
        ),
        buys=_counts(result.signals.loc[result.signals["buy"], "action"]),
        unfilled=_counts(result.orders.loc[result.orders["filled_at"].isna(), "reason"]),
        costs_by_year=costs_by_year(result.orders),
        turnover=turnover_data(
            result.orders,
            result.equity,
            headline.sessions_per_year,
            capacity_data(result.manifest.get("capacity")),
        ),
        exits=_counts(result.trades["exit_reason"]),
        money=money_data(result, headline),
        saliency=saliency_data(result.attribution_summary),
        attribution=attribution_data(result),
        trades=trade_facts(result),
        stretches=stretches_data(result),
        equity=_equity(result),
        data=data_facts(result),
        deaths=deaths_data(result.manifest.get("deaths", ()), headline.first_session),
        ranking=ranking_data(result, signals),
        classes=date_classes(result.spec.label),
        forecasts=forecast_data(result),
        teacher=teacher_data(result),
        outliers=outliers_data(result),
        random_accounts=random_accounts_data(result, headline.strategy),
        benchmarks=benchmarks_data(result),
        digests=record(Digests, {"chain_digest": None, "instructions": None, **result.manifest}),
    )
    # NaN of tables becomes None, and their arrays become tuples.
    return record(RunNumbers, plain(known_of_given(numbers)))


def _windows(
    windows: pd.DataFrame, scores: Sequence[Scores], held: Sequence[Governed]
) -> tuple[WindowNumbers, ...]:
    rows = windows.drop(columns=list(ATTENTION), errors="ignore").to_dict("records")
    return tuple(
        WindowNumbers(**{str(k): v for k, v in row.items()}, **vars(own), **vars(kept))
        for row, own, kept in zip(rows, scores, held, strict=True)
    )


def _equity(result: Result) -> Equity:
    equity, others = result.equity, result.spec.market.benchmarks[1:]
    columns = [
        "equity",
        "return",
        "benchmark_return",
        "universe_return",
        *equity.columns.intersection([COLUMN]),
    ]
    beside = {"benchmarks": {s: equity[benchmark_column(s)] for s in others}} if others else {}
    own = {c: equity[c] for c in columns}
    return record(Equity, {"date": equity["date"].tolist()} | own | beside)


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(k): int(n) for k, n in values.value_counts(sort=True).sort_index().items()}
