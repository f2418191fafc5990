"""The chain from a market folder to trades and their explanations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import delayed

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.backtests.account.closes import traded_closes
from rollsight.backtests.account.impossible import impossible_days
from rollsight.backtests.account.portfolio import universe_returns
from rollsight.backtests.account.survivors import universe_facts
from rollsight.backtests.chain.attributed import summarise
from rollsight.backtests.chain.explain import explain_folds
from rollsight.backtests.chain.fold import Fold, score
from rollsight.backtests.chain.networks import networks
from rollsight.backtests.chain.windowtable import window_table
from rollsight.backtests.directory.manifest import manifest
from rollsight.backtests.directory.result import Result
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.workers.parallel import parallel
from rollsight.base.progress import Progress, silent
from rollsight.signals.inputs.labels import Label, half_band
from rollsight.signals.inputs.samples import Loss, SampleSet, build_samples, refuse_losses
from rollsight.signals.inputs.universe import Universe, universe
from rollsight.signals.inputs.volatility import trailing_volatility
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import LabelSpec
from rollsight.strategies.costs import Costs, dated_costs
from rollsight.strategies.feed import require_volume
from rollsight.training.explaining.methods import require_methods
from rollsight.training.fitting.continual import require_chainable
from rollsight.training.fitting.fit import require_device
from rollsight.training.fitting.store import NOWHERE, Store
from rollsight.training.fitting.windows import Window, require_rows, walk
from rollsight.training.models.network import build_network


@dataclass(frozen=True, eq=False)
class Prepared:
    """A market read and checked: everything that a run needs before it trains."""

    market: Market
    universe: Universe
    samples: SampleSet
    losses: tuple[Loss, ...]
    windows: tuple[Window, ...]
    costs: Costs


def prepare(spec: RunSpec) -> Prepared:
    """Read and check everything that a run needs, before anything is trained or written.

    Raises
    ------
    RollsightError
        If the market folder, the dates or the network's shape cannot carry the run.
    """
    # A stock of fewer rows never has a whole input, whatever comes after.
    return prepare_market(spec, read_market(spec.market, fewest_rows=spec.features.lookback + 1))


def prepare_market(spec: RunSpec, market: Market) -> Prepared:
    """Check a market that was laid out, as `prepare` does."""
    require_volume(market, spec.strategy)
    ready = lay_windows(spec, market)
    require_methods(spec.attribution.methods, spec.model)
    require_trainable(ready, spec)
    return ready


def lay_windows(spec: RunSpec, market: Market) -> Prepared:
    """Return samples and windows of a market, whatever network is to learn from them.

    Raises
    ------
    RollsightError
        If the market cannot carry them.
    """
    ready = lay_samples(spec, market)
    refuse_losses(ready.losses, market, spec.features)
    days = np.flatnonzero(ready.samples.usable.any(axis=0))
    first, stop = (int(days[0]), int(days[-1]) + 1) if len(days) else (0, 0)
    windows = tuple(walk(first, stop, spec.windows))
    for window in windows:
        require_rows(ready.samples, window)
    return replace(ready, windows=windows)


def require_trainable(ready: Prepared, spec: RunSpec) -> None:
    """Raise unless the network and its training can work with what was laid out."""
    require_chainable(spec.training, spec.model)
    require_device(spec.training)
    build_network(len(ready.samples.channels), ready.samples.lookback, spec.model)


def lay_samples(spec: RunSpec, market: Market) -> Prepared:
    """Return universe and samples of a market, whatever they are good for, and no windows."""
    members = universe(market, spec.universe)
    samples, losses = build_samples(market, spec.market, spec.features, spec.label, members.member)
    return Prepared(market, members, samples, losses, (), dated_costs(spec.costs, market))


def walk_forward(
    spec: RunSpec,
    *,
    prepared: Prepared | None = None,
    store: Store = NOWHERE,
    jobs: int = 1,
    progress: Progress = silent,
) -> Result:
    """Train every window, trade its test span, and explain every trade.

    Parameters
    ----------
    prepared : what `prepare` returned for this spec, where it was called already
    store : where networks are kept and found again
    jobs : windows trained at the same time; the result's bits do not depend on it
    progress : called with stage, steps done and steps in all
    """
    ready = prepare(spec) if prepared is None else prepared
    folds = run_folds(ready, spec, store=store, jobs=jobs, progress=progress)
    progress("trade", 0, 1)
    signals = signal_table(ready, folds)
    traded = trade_signals(ready, spec, signals)
    facts = universe_facts(
        ready.market,
        ready.universe,
        signals,
        ready.windows[0].train.start,
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
        jobs=jobs,
        progress=progress,
    )
    market = ready.market
    windows = window_table(folds, market).join(explained.windows)
    return Result(
        spec=spec,
        manifest=manifest(spec, market, ready.samples, ready.losses, folds, traded.residual)
        | {"universe": facts},
        windows=windows,
        signals=_published(signals, traded.action, market, spec.label),
        trades=traded.trades.assign(
            name=_names(traded.trades["code"], market),
            impossible_at=impossible_days(market, traded.trades),
        ),
        orders=traded.orders,
        equity=traded.equity.assign(universe_return=held),
        attribution=explained.trades,
        attribution_summary=summarise(
            explained.trades,
            traded.trades,
            windows,
            signals["decided_at"],
            span=spec.label.horizon + 1,
            target=spec.attribution.target,
        ),
        closes=traded_closes(market, traded.trades, first),
    )


def run_folds(
    ready: Prepared,
    spec: RunSpec,
    *,
    store: Store = NOWHERE,
    jobs: int = 1,
    progress: Progress = silent,
) -> list[Fold]:
    """Train every window, or read its stored networks, and score its test span."""
    samples, windows = ready.samples, ready.windows
    fitted = networks(samples, windows, spec, store=store, jobs=jobs, progress=progress)
    net_return = net_returns(ready)
    tasks = (
        delayed(score)(model, samples, net_return, window, spec, reused=reused)
        for window, (model, reused) in zip(windows, fitted, strict=True)
    )
    folds: list[Fold] = []
    progress("score windows", 0, len(windows))
    for fold in parallel(tasks, jobs=jobs):
        folds.append(fold)
        progress("score windows", len(folds), len(windows))
    return folds


def trade_signals(ready: Prepared, spec: RunSpec, signals: pd.DataFrame) -> Traded:
    """Trade the buys of a signal table from the first test session on."""
    first = ready.windows[0].test.start
    return trade(
        ready.market,
        signals,
        first=first,
        horizon=spec.label.horizon,
        spec=spec.strategy,
        costs=ready.costs,
        benchmark=spec.market.benchmark,
    )


def net_returns(ready: Prepared) -> npt.NDArray[np.float64]:
    """Return (n_stocks, n_days): label returns after costs, fractions; NaN without a label."""
    labels = ready.samples.labels
    n_stocks, n_days = labels.label_return.shape
    bought_at = np.minimum(np.arange(n_days) + 1, n_days - 1)
    # A null label's return is NaN, whatever the session that stands in for its exit.
    sold_at = np.maximum(labels.settled_at, 0)
    stock = np.arange(n_stocks)[:, None]
    return ready.costs.net(labels.label_return, stock, bought_at, sold_at)


def signal_table(ready: Prepared, folds: Iterable[Fold]) -> pd.DataFrame:
    """Return one row for every usable stock and day of the test spans, in order of decision."""
    market, samples, folds = ready.market, ready.samples, tuple(folds)
    stock = np.concatenate([fold.rows.stock for fold in folds])
    day = np.concatenate([fold.rows.day for fold in folds])
    at = np.repeat(np.arange(len(folds)), [len(fold.rows) for fold in folds])
    threshold = np.array([np.nan if f.curve.value is None else f.curve.value for f in folds])[at]
    held = np.concatenate([fold.held for fold in folds])
    label = pd.array(samples.labels.label[stock, day], dtype="Int8")
    label[label < 0] = pd.NA
    columns = {
        "stock": stock,
        "day": day,
        "window": np.array([fold.window.number for fold in folds])[at],
        "p_down": _column(folds, Label.DOWN),
        "p_hold": _column(folds, Label.HOLD),
        "p_up": _column(folds, Label.UP),
        "score": held,
        "threshold": threshold,
        "buy": held >= threshold,
        "label": label,
        "label_return": samples.labels.label_return[stock, day],
        "net_label_return": net_returns(ready)[stock, day],
        "settled_day": samples.labels.settled_at[stock, day],
        "volatility": trailing_volatility(samples.stocks, samples.lookback)[stock, day],
        "decided_at": market.sessions[day].astype("datetime64[ms]"),
    }
    # Columns of millions of rows are handed over, not copied.
    return pd.DataFrame(columns, copy=False)


def _column(folds: Sequence[Fold], label: Label) -> npt.NDArray[np.float64]:
    return np.concatenate([fold.probability[:, label] for fold in folds])


def _published(
    signals: pd.DataFrame, action: pd.Series, market: Market, label: LabelSpec
) -> pd.DataFrame:
    settled = signals["settled_day"].to_numpy()
    at = market.sessions[np.maximum(settled, 0)].astype("datetime64[ms]")
    codes = pd.array(market.codes, dtype="str")
    return pd.DataFrame(
        {
            "decided_at": signals["decided_at"],
            "code": codes.take(signals["stock"].to_numpy()),
            **{c: signals[c] for c in ("window", "p_down", "p_hold", "p_up", "score", "threshold",
                                       "buy", "label", "label_return")},
            "settled_at": np.where(settled >= 0, at, np.datetime64("NaT", "ms")),
            "net_label_return": signals["net_label_return"],
            "volatility": signals["volatility"],
            "band": half_band(label, signals["volatility"].to_numpy()),
            "action": action,
        },
        copy=False,
    )  # fmt: skip


def _names(codes: pd.Series, market: Market) -> pd.Series:
    return codes.map(lambda code: market.names.get(code, code)).astype("str")
