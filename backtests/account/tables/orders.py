"""Orders by columns, and the table of them."""

from operator import attrgetter

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.strategies.diary import Diary
from rollsight.strategies.plan import OrderPlan

Columns = dict[str, npt.NDArray[np.generic]]

DTYPES = {
    "feed": "int64", "submitted_at": "int64", "side": "object", "shares": "int64",
    "filled": "int64", "status": "object", "filled_at": "int64", "price": "float64",
    "slippage": "float64", "commission": "float64", "tax": "float64", "reason": "object",
    "wanted": "int64",
}  # fmt: skip


def order_columns(diary: Diary) -> Columns:
    """Return what a diary has of its orders, (n_orders,) each, by the name of the field."""
    found = zip(*map(attrgetter(*DTYPES), diary.orders), strict=True)
    values = list(found) or [()] * len(DTYPES)
    return {
        name: np.array(own, dtype=dtype)
        for (name, dtype), own in zip(DTYPES.items(), values, strict=True)
    }


def order_table(orders: Columns, plan: OrderPlan, sessions: np.ndarray) -> pd.DataFrame:
    """Return an account's orders as the run's directory has them.

    With a capacity there is the column wanted: the shares that were ordered without it.
    """
    capped = any(own.spec.capacity is not None for own in plan.terms)
    return pd.DataFrame(
        {
            "code": codes_of(plan)[orders["feed"]],
            "submitted_at": session_dates(orders["submitted_at"], sessions),
            **{name: orders[name] for name in ("side", "shares", "filled", "status")},
            "filled_at": session_dates(orders["filled_at"], sessions),
            **{name: orders[name] for name in ("price", "slippage", "commission", "tax", "reason")},
            **({"wanted": orders["wanted"]} if capped else {}),
        }
    ).astype({"code": "str", "side": "str", "status": "str", "reason": "str"})


def codes_of(plan: OrderPlan) -> npt.NDArray[np.object_]:
    """Return the codes of a plan's stocks, by feed."""
    return np.array([bars.code for bars in plan.bars], dtype=object)


def session_dates(positions: "np.ndarray | pd.Series", sessions: np.ndarray) -> pd.Series:
    """Return the dates of sessions, NaT for -1."""
    at = np.asarray(positions, dtype="int64")
    dates = sessions[np.maximum(at, 0)].astype("datetime64[ms]")
    return pd.Series(np.where(at >= 0, dates, np.datetime64("NaT", "ms")))
