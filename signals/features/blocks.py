"""Daily features of a whole market, made of a few stocks after another."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rollsight.signals.features.daily import DAILY, OF_VALUE
from rollsight.signals.features.kept import kept
from rollsight.signals.features.panel import columns_of, stock_panel
from rollsight.signals.features.values import (
    FeatureValues,
    as_inputs,
    channel_of,
    first_session,
    fresh,
)
from rollsight.signals.prices.market import Market

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

BLOCK_BYTES = 1 << 17  # of one array of a block of stocks; some hundreds are made of it
TOGETHER = 24  # features that are made at once, since they share series
# The largest array whose release tells the allocator of glibc to keep what is released, for the
# next block. Without it two thirds of the time go into pages that the system hands out anew.
KEPT_BYTES = 31 << 20


class DailyFeatures:
    """Daily features of a market, each made when it is asked for, with those that come after it.

    Parameters
    ----------
    names
        of features in the order in which they are asked for; those that are not among `DAILY`, or
        whose columns the market lacks, are left alone
    max_staleness
        sessions without a row over which a value is carried
    change
        (n_days,) the market's own, see `market_change`
    folder
        where they are kept for others that ask for the same; None keeps none
    """

    def __init__(
        self,
        market: Market,
        names: Sequence[str],
        max_staleness: int,
        change: Float64,
        folder: Path | None = None,
    ) -> None:
        have = set(columns_of(market))
        self.names = [n for n in names if n in DAILY and have.issuperset(DAILY[n].needs)]
        self._has_bar, self._stale = market.has_bar, max_staleness
        self._kept, self._made = None, dict[str, Float32]()
        if not self.names:
            return
        needs = dict.fromkeys(need for name in self.names for need in DAILY[name].needs)
        if "Amount" in have and not {*OF_VALUE}.isdisjoint(self.names):
            needs["Amount"] = None
        self._panel = stock_panel(market, tuple(needs), change)
        if folder is not None:
            self._kept = kept(folder, self._panel, market.has_bar, max_staleness)

    def __call__(self, name: str) -> FeatureValues:
        """Return a feature's values."""
        feature = DAILY[name]
        begins = first_session(self._has_bar, feature)
        channel = channel_of(name, feature)
        return FeatureValues((channel,), self._numbers(name), feature.warm_up, begins)

    def _numbers(self, name: str) -> Float32:
        found = self._made.get(name) if self._kept is None else self._kept.read(name)
        if found is not None:
            return found
        after = self.names[self.names.index(name) + 1 :]
        missing = [n for n in after if self._kept is None or not self._kept.has(n)]
        self._made = {}  # so that no two lots are held
        self._made = self._together([name, *missing[: TOGETHER - 1]])
        found = self._made[name]
        if self._kept is not None:
            for other, numbers in self._made.items():
                self._kept.write(other, numbers)
            self._made = {}
        return found

    def _together(self, names: Sequence[str]) -> dict[str, Float32]:
        made = np.empty((len(names), *self._has_bar.shape), dtype=np.float32)
        size = max(1, BLOCK_BYTES // (8 * self._has_bar.shape[1]))
        np.empty(KEPT_BYTES, dtype=np.uint8)
        for first in range(0, len(self._has_bar), size):
            self._write(first, first + size, names, made[:, first : first + size])
        return dict(zip(names, made, strict=True))

    def _write(self, first: int, stop: int, names: Sequence[str], out: Float32) -> None:
        panel, has_bar = self._panel.of_stocks(first, stop), self._has_bar[first:stop]
        old = ~fresh(has_bar, self._stale)
        day = np.arange(has_bar.shape[1])
        for name, numbers in zip(names, out, strict=True):
            with np.errstate(divide="ignore", invalid="ignore"):
                made = DAILY[name](panel)
            early = day < first_session(has_bar, DAILY[name])[:, None]
            numbers[:] = as_inputs(f"feature {name!r}", np.where(old | early, np.nan, made))
