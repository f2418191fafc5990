"""A part of a large market, on which many futures are tried for the price of one of the whole."""

from dataclasses import replace

import numpy as np
import pandas as pd

from rollsight.backtests.chain.prepared import Prepared
from rollsight.signals.folder.reading import Folder
from rollsight.signals.prices.edits import begun
from rollsight.training.fitting.windows import Window

LARGE = 240  # stocks beyond which futures are tried on parts
STOCKS = 80  # of a part; the classes of a date need thirty
BEYOND = 60  # sessions after the test span, for it to have a future


def is_large(ready: Prepared) -> bool:
    """Return whether a market has so many stocks that futures are tried on parts of it."""
    return len(ready.market.codes) > LARGE


def part_of(
    folder: Folder,
    ready: Prepared,
    window: Window,
    rng: np.random.Generator,
    *,
    first: int = 0,
    stocks: int = STOCKS,
) -> Folder:
    """Return a folder of some stocks that a window decides on, until a while after its test span.

    It begins with session ``first``. The sessions are the market's own: a stock of the first and
    one of the last are among them.
    """
    market, span = ready.market, slice(window.train.start, window.test.stop)
    last = min(window.test.stop + BEYOND, len(market.sessions)) - 1
    decided = np.flatnonzero(ready.samples.usable[:, span].any(axis=1))
    chosen = list(rng.permutation(decided)[:stocks])
    for day in (first, last):
        if not market.has_bar[chosen, day].any():
            chosen.append(int(market.has_bar[:, day].argmax()))
    codes = {market.codes[stock] for stock in chosen}
    prices = folder.prices
    kept = prices["Code"].isin(codes) & (prices["Date"] <= pd.Timestamp(market.sessions[last]))
    part = replace(folder, prices=prices[kept].reset_index(drop=True))
    return begun(part, market, first) if first else part
