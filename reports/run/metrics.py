"""Every number of the report: what was predicted beside what was earned."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from rollsight.backtests.directory.result import Result
from rollsight.base.records import plain
from rollsight.reports.run.account.costs import costs_by_year
from rollsight.reports.run.account.money import money_data
from rollsight.reports.run.account.tradefacts import trade_facts
from rollsight.reports.run.data.moves import moves_data
from rollsight.reports.run.headfacts import headline_data
from rollsight.reports.run.learning.governance import Governed, governed, thresholds_data
from rollsight.reports.run.learning.modelage import model_age_data
from rollsight.reports.run.learning.modes import training_data
from rollsight.reports.run.saliency.attribution import attribution_data, saliency_data
from rollsight.reports.run.scores.scorecard import scorecard
from rollsight.reports.run.scores.scorefacts import Scores
from rollsight.reports.run.scores.stretches import stretches_data
from rollsight.reports.statistics.baserates import with_base_rates


def build_metrics(result: Result) -> dict[str, Any]:
    """Return the numbers of a run's report, ready for JSON; shares and returns are fractions.

    A number that does not exist, such as the precision of no buys, is None.
    """
    headline, signals = headline_data(result), with_base_rates(result.signals)
    card, held = scorecard(result, signals), governed(result, signals)
    metrics = {
        "name": result.spec.name,
        "headline": headline,
        **vars(card),
        "windows": _windows(result.windows, card.windows, held),
        "thresholds": thresholds_data(held, result.spec.threshold),
        "training": training_data(result.spec, result.windows),
        "model_age": model_age_data(
            signals, result.windows, result.equity["date"], span=result.spec.label.horizon + 1
        ),
        "buys": _counts(result.signals.loc[result.signals["buy"], "action"]),
        "unfilled": _counts(result.orders.loc[result.orders["filled_at"].isna(), "reason"]),
        "costs_by_year": costs_by_year(result.orders),
        "exits": _counts(result.trades["exit_reason"]),
        "money": money_data(result, headline),
        "saliency": saliency_data(result.attribution_summary),
        "attribution": attribution_data(result),
        "trades": trade_facts(result),
        "stretches": stretches_data(result),
        "equity": _equity(result.equity),
        "data": {
            "join": result.spec.features.join,
            "impossible": moves_data(result),
            "leading": result.manifest.get("leading", []),
        }
        | {k: result.manifest[k] for k in ("market", "universe", "channels", "ledger", "losses")},
        "digests": _digests(result.manifest),
    }
    numbers: dict[str, Any] = plain(metrics)
    return numbers


def _windows(
    windows: pd.DataFrame, scores: Sequence[Scores], held: Sequence[Governed]
) -> list[dict[Any, Any]]:
    rows = windows.to_dict("records")
    return [row | vars(s) | vars(h) for row, s, h in zip(rows, scores, held, strict=True)]


def _equity(equity: pd.DataFrame) -> dict[str, Any]:
    return {
        "date": equity["date"].dt.strftime("%Y-%m-%d").tolist(),
        "equity": equity["equity"].tolist(),
        "return": equity["return"].tolist(),
        "benchmark_return": equity["benchmark_return"].tolist(),
        "universe_return": equity["universe_return"].tolist(),
    }


def _digests(manifest: dict[str, Any]) -> dict[str, Any]:
    named = ("rollsight", "libraries", "spec_digest", "data_digest", "seeds", "model_digests")
    # Runs of earlier versions have no digest of the whole chain.
    return {key: manifest[key] for key in named} | {"chain_digest": manifest.get("chain_digest")}


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(k): int(n) for k, n in values.value_counts(sort=True).sort_index().items()}
