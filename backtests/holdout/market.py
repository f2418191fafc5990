"""The one place where a run's market is read: without the sessions that are held out."""

import numpy as np

from rollsight.backtests.spec import RunSpec
from rollsight.signals.folder.cut import cut_before
from rollsight.signals.folder.reading import Folder, read_folder
from rollsight.signals.prices.market import Market, align


def folder_of(spec: RunSpec, held: object = None) -> Folder:
    """Return the tables of a run's market folder, up to the holdout where it is not opened.

    Parameters
    ----------
    held
        a market in memory; anything else leaves the spec's own folder to be read

    Raises
    ------
    RollsightError
        If a file is missing or holds what cannot be right, or the holdout leaves nothing.
    """
    folder = held if isinstance(held, Folder) else read_folder(spec.market.folder)
    return folder_before(folder, spec)


def folder_before(folder: Folder, spec: RunSpec) -> Folder:
    """Return the tables of a market folder up to the holdout, where that is not opened."""
    day = spec.holdout.unread_from
    return folder if day is None else cut_before(folder, day, gap=spec.market.delisting_gap)


def aligned(folder: Folder, spec: RunSpec) -> Market:
    """Lay the tables of a run's market folder on the sessions of its exchange.

    Raises
    ------
    RollsightError
        If the tables do not fit each other, the calendar or the spec.
    """
    # A stock of fewer rows never has a whole input, whatever comes after.
    return align(folder, spec.market, fewest_rows=spec.features.lookback + 1)


def sealed_days(spec: RunSpec, market: Market) -> int:
    """Return how many sessions lie before a holdout that is opened; 0 where none is."""
    start = spec.holdout.start
    if start is None or not spec.holdout.opened:
        return 0
    return int(np.searchsorted(market.sessions, np.datetime64(start, "D")))


def market_of(spec: RunSpec, held: object = None) -> Market:
    """Read the market of a run, see `folder_of`."""
    return aligned(folder_of(spec, held), spec)
