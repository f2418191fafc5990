"""What follows of a row's being an outlier."""

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError
from rollsight.training.gate.error import Float32
from rollsight.training.gate.spec import GateSpec

Flags = npt.NDArray[np.bool_]


def may_buy(outlier: Float32 | None, rows: int, gate: GateSpec) -> Flags:
    """Return which rows may be bought, (rows,).

    Parameters
    ----------
    outlier
        (k, rows) errors over the threshold; None without a gate

    >>> may_buy(np.array([[0.5, 1.5]]), 2, GateSpec(model="pca", action="no_buy")).tolist()
    [True, False]
    """
    if outlier is None or gate.action != "no_buy":
        return np.ones(rows, dtype=bool)
    return np.asarray(outlier[0] <= 1)


def require_some(may: Flags, window: int, gate: GateSpec) -> None:
    """Raise where none of the validation rows that a threshold is tuned on may be bought.

    Raises
    ------
    RollsightError
        If so.
    """
    if not may.any():
        raise RollsightError(
            f"gate.quantile={gate.quantile} with gate.action='no_buy' leaves window {window} no "
            "validation row that may be bought: raise gate.quantile, or set gate.action='report'"
        )
