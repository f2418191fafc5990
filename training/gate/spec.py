"""Keys of the section [gate]."""

from typing import Literal

from pydantic import Field, field_validator

from rollsight.signals.spec import Spec

WIDEST = 1024


class GateSpec(Spec):
    """Rows whose inputs are unlike the train span's."""

    model: Literal["none", "autoencoder", "pca"] = Field(
        "none",
        description="what rebuilds a row's inputs from a few numbers, learnt on train inputs "
        "without labels: a row that it rebuilds badly is an outlier; none has no gate",
    )
    quantile: float = Field(
        0.99,
        gt=0,
        lt=1,
        description="of the validation span's errors, beyond which a row is an outlier",
    )
    action: Literal["report", "no_buy", "drop_train"] = Field(
        "report",
        description="what follows: nothing; an outlier is never bought; or train rows beyond that "
        "quantile of the train span's own errors are not learnt",
    )
    layers: tuple[int, ...] = Field(
        (128, 32, 8),
        min_length=1,
        description="units of each layer down to the code, and back up in reverse; pca keeps as "
        "many components as the code has units",
    )
    epochs: int = Field(
        20,
        ge=1,
        description="of the autoencoder, of 32 steps of 256 rows at most; rows of the last fifth "
        "of the train span, which are not learnt, stop it earlier",
    )

    @field_validator("layers")
    @classmethod
    def _of_some_width(cls, layers: tuple[int, ...]) -> tuple[int, ...]:
        return require_widths(layers)

    @property
    def set(self) -> bool:
        """There is a gate."""
        return self.model != "none"

    @property
    def code(self) -> int:
        """Numbers that a row's inputs are rebuilt from."""
        return self.layers[-1]


def require_widths(layers: tuple[int, ...]) -> tuple[int, ...]:
    """Return the widths of layers.

    Raises
    ------
    ValueError
        If one is out of bounds.
    """
    for width in layers:
        if not 1 <= width <= WIDEST:
            raise ValueError(f"{width} units: a layer has 1 to {WIDEST}")
    return layers
