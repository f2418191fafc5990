"""Samples of thirty features in six groups, of which one drives a third of the stocks."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.features.channels import Channel
from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.windows import Span, Window

Float64 = npt.NDArray[np.float64]

STOCKS, DAYS, HORIZON = 36, 920, 1
GROUPS = ("reversal", "momentum", "volatility", "volume", "overnight", "season")
CHANNELS = tuple(
    Channel(f"{group}{n}", "fraction", f"{group}{n}", group=group)
    for group in GROUPS
    for n in range(5)
)
DRIVER, ITS_GROUP = "volume3", "volume"
WINDOW = Window(0, Span(0, 360), Span(360, 480), Span(480, 910))


def samples(seed: int, *, effect: float = 2.5, shuffled: bool = False) -> tuple[SampleSet, Float64]:
    """Return samples of one day of features, and each label's return in standard deviations.

    Features are ranks of no memory, which a third of the stocks' returns follow in the driver
    alone. Classes are the thirds of a date.

    Parameters
    ----------
    effect
        standard deviations of return from the driver's lowest to its highest rank
    shuffled
        the labels of each date are dealt anew to its stocks
    """
    rng = np.random.default_rng(seed)
    x = rng.uniform(-0.5, 0.5, size=(STOCKS, DAYS, len(CHANNELS))).astype(np.float32)
    driver = [channel.name for channel in CHANNELS].index(DRIVER)
    driven = np.arange(STOCKS) % 3 == 0
    returned = rng.standard_normal((STOCKS, DAYS)) + effect * driven[:, None] * x[..., driver]
    if shuffled:
        returned = rng.permuted(returned, axis=0)
    place = returned.argsort(axis=0).argsort(axis=0)
    settled = np.tile(np.arange(DAYS) + HORIZON + 1, (STOCKS, 1))
    settled[:, -HORIZON - 1 :] = -1
    label = np.where(settled >= 0, place * 3 // STOCKS, -1).astype(np.int8)
    labels = Labels(label, np.where(settled >= 0, returned, np.nan), settled)
    usable = np.ones((STOCKS, DAYS), dtype=bool)
    nothing = np.zeros((DAYS, 0), dtype=np.float32)
    return SampleSet(x, nothing, usable, labels, 1, CHANNELS, ()), returned


def bought(
    score: Float64, rows: Rows, returned: Float64, *, best: int = STOCKS // 2
) -> pd.DataFrame:
    """Return the trades of the better half of each date, with stock and day of each.

    Of the few best alone all have the driver high: nothing would tell winners from losers."""
    table = pd.DataFrame({"stock": rows.stock, "day": rows.day, "score": score})
    own = (
        table.sort_values(["day", "score"], ascending=[True, False])
        .groupby("day")
        .head(STOCKS // 2)
    )
    label_return = returned[own["stock"], own["day"]]
    return pd.DataFrame(
        {
            "trade": np.arange(len(own)),
            "window": WINDOW.number,
            "stock": own["stock"].to_numpy(),
            "day": own["day"].to_numpy(),
            "decided_at": pd.bdate_range("2010-01-01", periods=DAYS)[own["day"]],
            "net_return": label_return,
            "outcome": np.where(label_return > 0, "success", "crucial"),
        }
    )
