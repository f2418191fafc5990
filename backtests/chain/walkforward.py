"""The chain from a market folder to trades and their explanations."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.benchmark import benchmark_column, benchmark_returns
from rollsight.backtests.account.closes import traded_closes
from rollsight.backtests.account.impossible import impossible_days
from rollsight.backtests.account.portfolio import universe_returns
from rollsight.backtests.account.survivors import universe_facts
from rollsight.backtests.baselines.walk import (
    Baseline,
    baseline_facts,
    baseline_table,
    walk_baselines,
)
from rollsight.backtests.buyers.accounts import random_accounts
from rollsight.backtests.capacity import capacity_facts
from rollsight.backtests.chain.attributed import summarise
from rollsight.backtests.chain.explain import explain_folds
from rollsight.backtests.chain.fold import FittedFold, fitted_fold
from rollsight.backtests.chain.networks import Network, networks
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.chain.signals import net_returns, published, signal_table, trade_signals
from rollsight.backtests.chain.windowtable import window_table
from rollsight.backtests.directory.manifest import manifest
from rollsight.backtests.directory.result import Result
from rollsight.backtests.ranks.beside import ranks_beside
from rollsight.backtests.seeds.accounts import seed_accounts, seed_table
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.forecasts import forecast_keys
from rollsight.backtests.teacher.facts import teacher_facts
from rollsight.backtests.workers.executors import Executor
from rollsight.backtests.workers.results import SERIAL, processes, results
from rollsight.base.digests import content_digest
from rollsight.base.progress import Progress, silent
from rollsight.base.records import plain
from rollsight.signals.features.groups import groups_of
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import EQUAL_WEIGHT
from rollsight.strategies.engines.both import run_both
from rollsight.training.fitting.paths import forecast_path
from rollsight.training.fitting.store import NOWHERE, Store

Float64 = npt.NDArray[np.float64]
NONE: Mapping[int, FittedFold] = MappingProxyType({})


def walk_forward(
    spec: RunSpec,
    *,
    prepared: Prepared | None = None,
    store: Store = NOWHERE,
    known: Mapping[int, FittedFold] = NONE,
    jobs: int = 1,
    progress: Progress = silent,
) -> Result:
    """Train every window, trade its test span, and explain every trade.

    Parameters
    ----------
    prepared
        what `prepare` returned for this spec, where it was called already
    store
        where networks are kept and found again
    known
        windows by number that were scored already, whose networks are in the store
    jobs
        windows trained at the same time; the result's bits do not depend on it
    progress
        called with stage, steps done and steps in all
    """
    ready = prepare(spec) if prepared is None else prepared
    with processes(jobs) as running:
        folds = run_folds(ready, spec, store=store, known=known, running=running, progress=progress)
        beside = walk_baselines(ready, spec, store=store, running=running, progress=progress)
        return _result(ready, spec, folds, beside, running, progress)


def _result(
    ready: Prepared,
    spec: RunSpec,
    folds: Sequence[FittedFold],
    beside: Sequence[Baseline],
    running: Executor,
    progress: Progress,
) -> Result:
    progress("trade", 0, 1)
    signals = signal_table(ready, folds)
    traded = trade_signals(ready, spec, signals, run_both)
    alive = universe_facts(
        ready.market,
        ready.universe,
        signals,
        ready.windows[0].train.start,
        spec.threshold.measure,
        lambda kept: trade_signals(ready, spec, kept),
    )
    first = ready.windows[0].test.start
    held = universe_returns(ready.market, ready.samples.usable, first=first)
    progress("trade", 1, 1)
    explained = explain_folds(
        traded.trades,
        signals,
        folds,
        ready.samples,
        spec=spec.attribution,
        training=spec.training,
        running=running,
        progress=progress,
    )
    market = ready.market
    windows = window_table(folds, market).join(explained.windows)
    decided = published(signals, traded.action, market, spec.label)
    progress("other seeds", 0, 1)
    accounts = seed_accounts(ready, spec, signals, folds)
    progress("other seeds", 1, 1)
    drawn = random_accounts(ready, spec, signals, running=running, progress=progress)
    facts = {
        "universe": alive,
        "seed_accounts": accounts,
        "random_accounts": drawn,
        "ranks": plain(ranks_beside(ready, spec, signals)),
        "baselines": [baseline_facts(one) for one in beside],
    }
    facts |= teacher_facts(ready, spec, folds)
    borne = capacity_facts(market, ready.universe.value, traded, capacity=spec.strategy.capacity)
    if borne is not None:
        facts["capacity"] = borne
    return Result(
        spec=spec,
        manifest=manifest(spec, ready, folds, traded.residual) | facts,
        windows=windows,
        signals=decided,
        trades=traded.trades.assign(
            name=_names(traded.trades["code"], market),
            impossible_at=impossible_days(market, traded.trades),
        ),
        orders=traded.orders,
        equity=traded.equity.assign(universe_return=held, **_beside(ready, spec, first, held)),
        attribution=explained.trades,
        attribution_summary=summarise(
            explained.trades,
            traded.trades,
            windows,
            signals["decided_at"],
            span=spec.label.horizon + 1,
            target=spec.attribution.target,
            groups=groups_of(ready.samples.own, ready.samples.shared),
            family=spec.model.name,
        ),
        closes=traded_closes(market, traded.trades, first),
        baselines=baseline_table(beside, decided),
        seeds=seed_table(folds),
    )


def _beside(ready: Prepared, spec: RunSpec, first: int, held: Float64) -> dict[str, Float64]:
    """Return further benchmarks, and cash at the risk-free rate, by column of the equity.

    Where the universe is a benchmark, its returns are ``held``.
    """
    others = spec.market.benchmarks[1:]
    found = {
        benchmark_column(s): held
        if s == EQUAL_WEIGHT
        else benchmark_returns(ready.market, first, s)
        for s in others
    }
    if spec.market.first_benchmark == EQUAL_WEIGHT:
        found["benchmark_return"] = held
    cash = ready.cash_returns(first)
    return found if cash is None else found | {"risk_free_return": cash}


def run_folds(
    ready: Prepared,
    spec: RunSpec,
    *,
    store: Store = NOWHERE,
    known: Mapping[int, FittedFold] = NONE,
    running: Executor = SERIAL,
    progress: Progress = silent,
) -> list[FittedFold]:
    """Train every window, or read its stored networks, and score what is not known already."""
    samples, windows = ready.samples, ready.windows
    fitted = networks(samples, windows, spec, store=store, running=running, progress=progress)
    net_return, kept = net_returns(ready), _kept_forecasts(ready, spec, fitted, store)
    tasks = [
        partial(fitted_fold, model, samples, net_return, window, spec, reused=reused, keep=keep)
        for window, (model, reused), keep in zip(windows, fitted, kept, strict=True)
        if window.number not in known
    ]
    scored = dict(known)
    progress("score windows", 0, len(tasks))
    for count, fold in enumerate(results(running, tasks), 1):
        scored[fold.window.number] = fold
        progress("score windows", count, len(tasks))
    return [scored[window.number] for window in windows]


def _kept_forecasts(
    ready: Prepared, spec: RunSpec, fitted: Sequence[Network], store: Store
) -> Sequence[Path | None]:
    """Return where each window's forecast is kept for sweeps; nowhere without a shared folder."""
    if store.shared is None:
        return [None] * len(fitted)
    keys = [model.keys for model, _ in fitted]
    found = forecast_keys(content_digest(ready.samples), ready.windows, spec, keys)
    return [forecast_path(store.shared, key) for key in found]


def _names(codes: pd.Series, market: Market) -> pd.Series:
    return codes.map(lambda code: market.names.get(code, code)).astype("str")
