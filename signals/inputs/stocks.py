"""The stocks' own channels side by side: in their units, or as ranks within their date."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.features.channels import Channel
from rollsight.signals.features.values import FeatureValues
from rollsight.signals.inputs.ranks import Cells
from rollsight.signals.spec import FeatureSpec

Float32 = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

RANK = "rank within the date"  # unit of a ranked channel
MISSING = 0.5  # share of the members' rows without a value from which a ranked feature is named


@dataclass(frozen=True, eq=False)
class StockInputs:
    """What a network is given of each stock.

    Attributes
    ----------
    values
        (n_stocks, n_days, c)
    channels
        (c,)
    needed
        features without whose value there is no row
    notes
        one sentence on each thing that a reader must know of them
    """

    values: Float32
    channels: tuple[Channel, ...]
    needed: tuple[FeatureValues, ...]
    notes: tuple[str, ...] = ()


def stock_inputs(
    own: Sequence[FeatureValues], names: Sequence[str], features: FeatureSpec, member: Flags
) -> StockInputs:
    """Return the channels of features as a network is given them.

    Parameters
    ----------
    names
        of the features, as they were asked for
    member
        (n_stocks, n_days) among whom a date's values are ranked

    Raises
    ------
    RollsightError
        If a feature that is to stay as it is is none of them.
    """
    channels = tuple(channel for made in own for channel in made.channels)
    if features.normalise == "window":
        return StockInputs(_beside([made.values for made in own]), channels, tuple(own))
    ranked = _ranked(names, features)
    cells, notes = Cells.of(member), []
    # Pages of it that nothing is written to, as of stocks that are never members, take no memory.
    values = np.zeros((*member.shape, len(own)), dtype=np.float32)
    for c, made in enumerate(own):
        if ranked[c]:
            cells.place(made.values, made.known, values[..., c])
            notes += _missing(channels[c].name, made.known, member)
        else:
            values[..., c] = made.values
    return StockInputs(
        values,
        tuple(replace(c, unit=RANK) if r else c for c, r in zip(channels, ranked, strict=True)),
        tuple(made for made, r in zip(own, ranked, strict=True) if not r),
        tuple(notes),
    )


def _ranked(names: Sequence[str], features: FeatureSpec) -> list[bool]:
    for name in features.as_is:
        if name not in names:
            raise RollsightError(
                f"features.as_is: no feature of features.stock is called {name!r} "
                f"{did_you_mean(name, names)}"
            )
    return [name not in features.as_is for name in names]


def _missing(name: str, known: Flags, member: Flags) -> list[str]:
    rows = int(member.sum())
    missing = rows - int((known & member).sum())
    if missing < MISSING * rows:
        return []
    return [
        f"Feature {name!r} has no value for {missing / rows:.0%} of the members' rows: there it "
        "stands in the middle of its date"
    ]


def _beside(values: list[Float32]) -> Float32:
    """Return (n_stocks, n_days, c) of the channels; of one it is a view."""
    return values[0][..., None] if len(values) == 1 else np.stack(values, axis=-1)
