"""How boosted trees are grown: a family's keys, and what stands in the place of those not set."""

from dataclasses import dataclass, fields, replace

from pydantic import Field

from rollsight.training.models.blocks import BLOCKS
from rollsight.training.spec import ModelSpec

LEAST = 40  # part of the rows that a leaf has at least, where no number is given


class BoostedSpec(ModelSpec):
    """The boosted trees; what is not set follows from the lookback, see `Growth` and ``DAILY``."""

    rounds: int | None = Field(
        None,
        ge=1,
        description="rounds of trees, one a class, at most; 12, or 60 of one day",
        examples=[24],
    )
    learning_rate: float | None = Field(
        None,
        gt=0,
        le=1,
        description="what a round's trees are times; 0.15, or 0.1 of one day",
        examples=[0.1],
    )
    leaves: int | None = Field(
        None,
        ge=2,
        le=256,
        description="of a tree; 3, or 15 of one day",
        examples=[7],
    )
    leaf_rows: int | None = Field(
        None,
        ge=1,
        description="rows that a leaf has at least; a fortieth, or 500 of one day",
        examples=[200],
    )
    most_rows: int | None = Field(
        None,
        ge=1,
        description="train rows that are fitted on, at most; 4000, or 200000 of one day",
        examples=[8000],
    )
    blocks_left_out: int | None = Field(
        None,
        ge=0,
        le=BLOCKS,
        description="of five blocks of train dates, how many are left out in turn to choose the "
        "rounds; 0 keeps all rounds, and fits once; 5, or 0 of one day",
        examples=[0],
    )
    bins: int | None = Field(
        None,
        ge=2,
        le=255,
        description="of a feature's values; the family's own, or 63 of one day",
        examples=[63],
    )
    l2: float | None = Field(
        None,
        ge=0,
        description="on the values of leaves; the family's own, or 1 of one day",
        examples=[1.0],
    )
    feature_share: float | None = Field(
        None,
        gt=0,
        le=1,
        description="of the features, drawn anew for each tree (boosting: each split); 1, or 0.3 "
        "of one day",
        examples=[0.5],
    )


@dataclass(frozen=True)
class Growth:
    """How trees are grown on means of a window's few channels, where no key says otherwise.

    Attributes
    ----------
    leaf_rows
        None: a fortieth of the rows
    """

    rounds: int = 12
    learning_rate: float = 0.15
    leaves: int = 3
    leaf_rows: int | None = None
    most_rows: int = 4000
    blocks_left_out: int = BLOCKS
    bins: int = 255
    l2: float = 0.0
    feature_share: float = 1.0
    row_share: float = 1.0

    def as_set(self, options: ModelSpec) -> "Growth":
        """Return this growth with the keys that are set in place of its own."""
        own = {field.name: getattr(options, field.name, None) for field in fields(self)}
        return replace(self, **{name: value for name, value in own.items() if value is not None})

    def fewest_rows(self, rows: int) -> int:
        """Return how many of so many rows a leaf has at least."""
        most = max(rows // LEAST, 1)
        return most if self.leaf_rows is None else min(self.leaf_rows, most)


# On the many features of one day, and many rows: a fit says more, and takes seconds.
DAILY = Growth(
    rounds=60, learning_rate=0.1, leaves=15, leaf_rows=500, most_rows=200_000, blocks_left_out=0,
    bins=63, l2=1.0, feature_share=0.3, row_share=0.5,
)  # fmt: skip
