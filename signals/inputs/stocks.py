"""The stocks' own channels side by side: in their units, or as ranks within their date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.features import CHANGE, STOCK_SETS
from rollsight.signals.features.channels import Channel
from rollsight.signals.features.notes import (
    Missing,
    alike_notes,
    missing,
    missing_notes,
    refuse_sameness,
    same_notes,
)
from rollsight.signals.features.values import FeatureValues
from rollsight.signals.inputs.losses import Loss, feature_loss, whole
from rollsight.signals.inputs.ranks import Cells
from rollsight.signals.known.calendar import Days
from rollsight.signals.spec import FeatureSpec

Float32 = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

RANK = "rank within the date"  # unit of a ranked channel


@dataclass(frozen=True, eq=False)
class StockInputs:
    """What a network is given of each stock.

    Attributes
    ----------
    values
        (n_stocks, n_days, c)
    channels
        (c,)
    usable
        (n_stocks, n_days) the row has every value that it needs
    losses
        what features cost that rows need
    warm_up
        sessions before its own that a value of any channel uses
    notes
        one sentence on each thing that a reader must know of them
    """

    values: Float32
    channels: tuple[Channel, ...]
    usable: Flags
    losses: tuple[Loss, ...]
    warm_up: int
    notes: tuple[str, ...]


def stock_inputs(
    names: Sequence[str],
    values_of: Callable[[str], FeatureValues],
    features: FeatureSpec,
    *,
    member: Flags,
    allowed: Flags,
    sessions: Days,
) -> StockInputs:
    """Return the channels of features as a network is given them; one feature is held at a time.

    Parameters
    ----------
    names
        of the features, in order
    values_of
        a feature's name to its values
    member
        (n_stocks, n_days) among whom a date's values are ranked
    allowed
        (n_stocks, n_days) the row can be decided by the stock's closes
    sessions
        (n_days,)

    Raises
    ------
    RollsightError
        If a feature that is to stay as it is is none of them, one leaves no row, or no rank tells
        a stock from another.
    """
    ranked = _ranked(names, features)
    cells = Cells.of(member if any(ranked) else np.zeros_like(member))
    # Of stocks that are never members nothing is written, and what is not written takes no memory.
    values = np.zeros((*member.shape, len(names)), dtype=np.float32)
    usable, channels, warm_up = allowed.copy(), list[Channel](), 0
    losses, notes, lacks = list[Loss](), list[str](), list[Missing]()
    silent, alike = 0, list[str]()
    for c, name in enumerate(names):
        made = values_of(name)
        warm_up = max(warm_up, made.warm_up)
        if ranked[c]:
            ranks = cells.ranks(made.values, made.known)
            values.reshape(-1, len(names))[cells.at, c] = ranks
            apart = ranks.any()
            channels.append(replace(made.channels[0], unit=RANK))
            silent += not apart
            lacks.append(missing(made, member, sessions))
            if not apart and made.known.any():
                alike.append(made.channels[0].name)
            continue
        if len(names) == 1:
            values = made.values[..., None]
        else:
            values[..., c] = made.values
        channels += made.channels
        usable &= whole(made.known, features.lookback)
        _require_rows(name, usable, made, features.lookback)
        if name != CHANGE:
            notes += same_notes(made, usable)
            losses.append(feature_loss(made, features.lookback, allowed))
    refuse_sameness(names, silent)
    notes += [*alike_notes(alike), *missing_notes(lacks)]
    return StockInputs(values, tuple(channels), usable, tuple(losses), warm_up, tuple(notes))


def _ranked(names: Sequence[str], features: FeatureSpec) -> list[bool]:
    """Return which features are ranked within the date."""
    have = {name for asked in features.stock for name in STOCK_SETS.get(asked, (asked,))}
    sets = STOCK_SETS.keys() & features.stock
    plain = set[str]()
    for asked in features.as_is:
        meant = STOCK_SETS.get(asked, (asked,))
        if not have.issuperset(meant):
            raise RollsightError(
                f"features.as_is: features.stock has no {asked!r} "
                f"{did_you_mean(asked, {*names, *sets})}"
            )
        plain.update(meant)
    return [features.normalise != "window" and name not in plain for name in names]


def _require_rows(name: str, usable: Flags, made: FeatureValues, lookback: int) -> None:
    if not made.known.any():
        raise RollsightError(
            f"feature {name!r} has no value in any row, after its warm-up of "
            f"{made.warm_up} sessions: leave it out of features.stock, or widen the dates"
        )
    if not usable.any():
        raise RollsightError(
            f"feature {name!r} leaves no row: with a warm-up of {made.warm_up} "
            f"sessions no input of {lookback} is known throughout; widen the dates, shorten "
            "features.lookback, or set features.normalise='cross-section', where a missing value "
            "costs no row"
        )
