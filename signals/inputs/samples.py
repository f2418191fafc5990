"""Inputs of every stock and day, which rows can be decided, and their labels."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rollsight.base.digests import IF_ANY
from rollsight.base.errors import RollsightError
from rollsight.signals.features import CHANGE
from rollsight.signals.features.blocks import DailyFeatures
from rollsight.signals.features.channels import Channel
from rollsight.signals.features.panel import market_change
from rollsight.signals.features.sets import expanded
from rollsight.signals.features.values import (
    FeatureValues,
    index_values,
    require_names,
    stock_values,
)
from rollsight.signals.inputs.dated import dated_labels
from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.losses import (
    Loss,
    close_losses,
    index_losses,
    whole,
)
from rollsight.signals.inputs.stocks import RANK, stock_inputs
from rollsight.signals.known.indices import STOCK_CHANNEL
from rollsight.signals.known.ledger import Ledger, as_of, same_date
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from rollsight.signals.teacher.softlabels import SoftLabels

Float32 = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SampleSet:
    """Inputs of every stock and day, and for each label the day it settled.

    A row's input is the view ``[t - lookback + 1, t]`` of both arrays; nothing is ever copied per
    row. In every network's input the stock's own channels come first, the shared ones after them.

    Attributes
    ----------
    stocks
        (n_stocks, n_days, c) the stocks' own channels, each in its unit; 0 where unknown
    indices
        (n_days, k) the channels that all stocks share, made of what was known
    usable
        (n_stocks, n_days) the row can be decided: a full, fresh input and a bar of its own
    labels
        of every stock and day
    lookback
        sessions of input
    own
        (c,) what the stocks' own channels are
    shared
        (k,) what the shared ones are
    warm_up
        sessions before its own that a value of any channel uses
    unseen_changes
        as ``changes``, where they are none of the channels; else None
    notes
        one sentence on each thing that a reader must know of them
    soft
        what a teacher says of rows; None where there is none
    given
        (n_stocks, n_days, 3) probabilities of down, hold and up that are looked up and not
        learnt; NaN where there is none; None where a model learns
    """

    stocks: Float32
    indices: Float32
    usable: Flags
    labels: Labels
    lookback: int
    own: tuple[Channel, ...]
    shared: tuple[Channel, ...]
    warm_up: int = 1
    unseen_changes: Float32 | None = None
    notes: tuple[str, ...] = ()
    soft: SoftLabels | None = field(default=None, metadata=IF_ANY)
    given: npt.NDArray[np.float64] | None = field(default=None, metadata=IF_ANY)

    @property
    def changes(self) -> Float32:
        """The change of each close, (n_stocks, n_days), fraction; 0 where unknown or not right."""
        if self.unseen_changes is not None:
            return self.unseen_changes
        return self.stocks[..., [channel.name for channel in self.own].index(STOCK_CHANNEL)]

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of all channels, in the order of a network's input."""
        return tuple(channel.name for channel in (*self.own, *self.shared))


def build_samples(
    market: Market,
    market_spec: MarketSpec,
    features: FeatureSpec,
    label: LabelSpec,
    member: Flags | None = None,
    kept_in: Path | None = None,
) -> tuple[SampleSet, tuple[Loss, ...]]:
    """Return the samples of a market, and what each series cost.

    Parameters
    ----------
    member
        (n_stocks, n_days) the stock may be decided on; None: every stock with a row
    kept_in
        folder in which daily features are kept for others; None keeps none

    Raises
    ------
    RollsightError
        If no row is left, or a series leaps beyond belief.
    """
    ledger = ledger_of(market, features)
    stale, lookback = features.max_staleness, features.lookback
    benchmark = market_change(market, ledger, market_spec.first_benchmark)
    names, left_out = expanded(features.stock, market)
    change = stock_values(market, CHANGE, stale, benchmark)
    daily = DailyFeatures(market, names, stale, benchmark, kept_in)
    asked = features.index if ledger.symbols else ()
    shared = [index_values(market, ledger, name, stale) for name in asked]
    eligible = market.has_bar if member is None else member
    closes = whole(change.known, lookback)
    allowed = eligible & closes
    # Whoever has fewer rows yet would be left out were the data to end here: dates do without it.
    among = allowed.copy()
    if market_spec.start is not None:
        allowed[:, market.sessions < np.datetime64(market_spec.start, "D")] = False
    if not allowed.any():
        raise RollsightError(
            f"no stock has {lookback + 1} sessions of closes in a row by "
            f"{market.sessions[-1]} (market.start={market_spec.start}): widen the dates, or "
            "shorten features.lookback"
        )

    def values_of(name: str) -> FeatureValues:
        if name == CHANGE:
            return change
        return daily(name) if name in daily.names else stock_values(market, name, stale, benchmark)

    inputs = stock_inputs(
        names,
        values_of,
        features,
        member=among,
        allowed=allowed,
        sessions=market.sessions,
    )
    require_names([*inputs.channels, *(channel for made in shared for channel in made.channels)])
    usable = inputs.usable
    for made in shared:
        usable &= whole(made.known.T, lookback).all(axis=0)
    labels, notes = dated_labels(market, label, change, lookback, among)
    no_index = np.empty((len(market.sessions), 0), dtype=np.float32)
    raw = CHANGE in names and inputs.channels[names.index(CHANGE)].unit != RANK
    samples = SampleSet(
        stocks=inputs.values,
        indices=np.concatenate([no_index, *(made.values for made in shared)], axis=1),
        usable=usable,
        labels=labels,
        lookback=lookback,
        own=inputs.channels,
        shared=tuple(channel for made in shared for channel in made.channels),
        warm_up=max([inputs.warm_up, *(made.warm_up for made in shared)]),
        unseen_changes=None if raw else change.values,
        notes=(*left_out, *inputs.notes, *notes),
    )
    losses = (
        *(loss for made in shared for loss in index_losses(made, lookback, allowed)),
        *inputs.losses,
        *close_losses(market, eligible, closes, allowed),
    )
    return samples, losses


def ledger_of(market: Market, features: FeatureSpec) -> Ledger:
    """Return the ledger of a market's indices, joined as the spec says."""
    if features.join == "same-date":
        return same_date(market.indices, market.publications, market.closes, market.sessions)
    return as_of(market.indices, market.publications, market.closes)
