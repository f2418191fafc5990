"""A market read, checked and laid out: everything that a run needs before it trains."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.baselines.specs import baseline_specs
from rollsight.backtests.decidable import Carried, carried_by, require_decidable
from rollsight.backtests.given import given_signals, untraded_notes, with_signals
from rollsight.backtests.holdout.market import market_of, sealed_days
from rollsight.backtests.riskfree import require_rates, risk_free_returns
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.specs.unused import unused_notes
from rollsight.backtests.standin import stand_in_notes
from rollsight.backtests.teacher.source import require_teachable, soft_labels
from rollsight.base.errors import RollsightError
from rollsight.signals.given.placed import require_placed
from rollsight.signals.inputs.datebands import by_date
from rollsight.signals.inputs.losses import Loss, refuse_losses
from rollsight.signals.inputs.samples import SampleSet, build_samples
from rollsight.signals.inputs.universe import Universe, universe
from rollsight.signals.prices.dividends import dividend_notes
from rollsight.signals.prices.market import Market
from rollsight.strategies.costs import Costs, dated_costs
from rollsight.training.fitting.fit import require_device
from rollsight.training.fitting.keys import require_capable, require_returns
from rollsight.training.fitting.windows import Window, require_rows, spaced, walk
from rollsight.training.gate.fit import require_gate
from rollsight.training.models.baselines.factors import Factor, require_changes
from rollsight.training.models.families import family_of, parts_of, require_installed
from rollsight.training.networks.torchfamily import TorchFamily

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A market read and checked: everything that a run needs before it trains.

    Attributes
    ----------
    risk_free
        see `risk_free_returns`
    """

    market: Market
    universe: Universe
    samples: SampleSet
    losses: tuple[Loss, ...]
    windows: tuple[Window, ...]
    costs: Costs
    risk_free: Float64 | None = None

    @property
    def carried(self) -> Carried:
        """What the market carries."""
        most = int(self.samples.usable.sum(axis=0).max(initial=0))
        return carried_by(self.market, most)

    def cash_returns(self, first: int, stop: int | None = None) -> Float64 | None:
        """Return what cash earned at the risk-free rate in some sessions; None without a rate.

        The first is the start's 0, as of an account.
        """
        if self.risk_free is None:
            return None
        return np.concatenate([[0.0], self.risk_free[first:stop][1:]])


def prepare(
    spec: RunSpec,
    kept_in: Path | None = None,
    held: object = None,
    signals: pd.DataFrame | None = None,
) -> Prepared:
    """Read and check everything that a run needs, before anything is trained or written.

    Parameters
    ----------
    kept_in
        folder in which daily features are kept for others; None keeps none
    held
        a market in memory; anything else leaves the spec's own folder to be read
    signals
        answers of the model given, checked; None reads what ``model.source`` names

    Raises
    ------
    RollsightError
        If the market folder, the dates or the network's shape cannot carry the run.
    """
    market = market_of(spec, held)
    return prepare_market(spec, market, kept_in, signals)


def prepare_scoring(spec: RunSpec) -> Prepared:
    """Read what networks that are stored already are to score; nothing can be trained on it.

    Raises
    ------
    RollsightError
        If the market folder or the dates cannot carry the run.
    """
    return prepare_windows(spec, market_of(spec))


def prepare_market(
    spec: RunSpec,
    market: Market,
    kept_in: Path | None = None,
    signals: pd.DataFrame | None = None,
) -> Prepared:
    """Check a market that was laid out, as `prepare` does."""
    require_decidable(spec, carried_by(market))
    ready = prepare_windows(spec, market, kept_in, signals)
    require_decidable(spec, ready.carried)
    require_trainable(ready, spec)
    return ready


def prepare_windows(
    spec: RunSpec,
    market: Market,
    kept_in: Path | None = None,
    signals: pd.DataFrame | None = None,
) -> Prepared:
    """Return samples and windows of a market, whatever network is to learn from them.

    Raises
    ------
    RollsightError
        If the market cannot carry them.
    """
    ready = prepare_samples(spec, market, kept_in)
    signals, begins = given_signals(spec) if signals is None else signals, 0
    if signals is not None:
        require_placed(signals, market, spec.holdout.unread_from)
        samples, begins = with_signals(ready.samples, market, signals, spec)
        told = samples.notes[len(ready.samples.notes) :]
        members = replace(ready.universe, notes=(*ready.universe.notes, *told))
        ready = replace(ready, samples=samples, universe=members)
    refuse_losses(ready.losses, market, spec.features)
    days = np.flatnonzero(ready.samples.usable.any(axis=0))
    first, stop = (max(int(days[0]), begins), int(days[-1]) + 1) if len(days) else (0, 0)
    windows = _windows(spec, first, stop)
    for window in windows:
        require_rows(ready.samples, window)
    if windows:
        start = windows[0].validation.start
        require_rates(ready.risk_free, market, start, spec.market.risk_free)
        begin = start if spec.threshold.tuned else windows[0].test.start
        told = untraded_notes(ready.samples, market, begin)
        members = replace(ready.universe, notes=(*ready.universe.notes, *told))
        ready = replace(ready, universe=members)
    return replace(ready, windows=windows)


def _windows(spec: RunSpec, first: int, stop: int) -> tuple[Window, ...]:
    try:
        return tuple(walk(first, stop, spec.windows))
    except RollsightError as error:
        unread = spec.holdout.unread_from
        if unread is None:
            raise
        raise RollsightError(
            f"{error}; sessions from holdout.start={unread} on are not read"
        ) from error


def require_trainable(ready: Prepared, spec: RunSpec) -> None:
    """Raise unless the network and its baselines can be trained on what was laid out."""
    for one in (spec, *baseline_specs(spec)):
        _require_trainable(ready, one)


def _require_trainable(ready: Prepared, spec: RunSpec) -> None:
    every = spec.training.every
    for window in ready.windows:
        require_rows(spaced(ready.samples, window, every), window, every=every)
    require_installed(spec.model.name, spec.model.parts)
    require_capable(spec.training, spec.model)
    require_device(spec.training)
    require_returns(ready.samples.labels, spec.model, spec.training)
    require_teachable(spec.teacher, ready.samples.soft, spec.model)
    require_gate(ready.samples, ready.windows, spec.gate)
    channels, lookback = ready.samples.channels, ready.samples.lookback
    for model in (spec.model, *parts_of(spec.model)):
        family = family_of(model.name)
        if isinstance(family, Factor):
            require_changes(channels, lookback)
        if isinstance(family, TorchFamily):  # it may need a longer lookback
            family.build(len(channels), lookback, model)


def prepare_samples(spec: RunSpec, market: Market, kept_in: Path | None = None) -> Prepared:
    """Return universe and samples of a market, whatever they are good for, and no windows."""
    # Where a row depends on who else is there, nobody counts before he has the rows of one input:
    # whether he ever will is not known.
    relative = (
        spec.features.normalise == "cross-section"
        or by_date(spec.label)
        or spec.universe.top is not None
    )
    fewest = spec.features.lookback + 1 if relative else 1
    members = universe(
        market, spec.universe, fewest_rows=fewest, sealed_days=sealed_days(spec, market)
    )
    samples, losses = build_samples(
        market, spec.market, spec.features, spec.label, members.member, kept_in
    )
    costs = dated_costs(spec.costs, market)
    paid = dividend_notes(
        market.dividend, market.open, market.close, spec.market, costs.dividend_tax
    )
    soft = soft_labels(spec, market)
    samples = replace(samples, soft=soft)
    told = () if soft is None or soft.said is None else soft.said.notes
    notes = (
        *members.notes,
        *samples.notes,
        *paid,
        *told,
        *stand_in_notes(spec),
        *unused_notes(spec),
    )
    members = replace(members, notes=notes)
    risk_free = risk_free_returns(market, spec.market.risk_free)
    return Prepared(market, members, samples, losses, (), costs, risk_free)
