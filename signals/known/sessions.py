"""The sessions that a market folder's prices lie on, and where they contradict the calendar."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError, counted
from rollsight.base.toml import toml_value
from rollsight.signals.folder.reading import Folder
from rollsight.signals.known.calendar import SHOWN, Calendar, Days, exchange_calendar, named_days
from rollsight.signals.known.corrections import Corrections
from rollsight.signals.known.symbols import Publication
from rollsight.signals.prices.panel import Panel
from rollsight.signals.spec import MarketSpec


def calendar_of(spec: MarketSpec, folder: Folder, prices: pd.DataFrame) -> Calendar:
    """Return the calendar of the stocks' exchange, with the folder's corrections.

    Raises
    ------
    RollsightError
        If neither spec nor folder says which exchange it is, or it does not fit the prices.
    """
    listings = folder.listings
    name = spec.calendar or folder.settings.calendar
    if name is None:
        raise RollsightError(
            f"{folder.path} does not say which exchange its stocks trade on: write calendar = "
            '"XKRX" (or another exchange\'s code) in its market.toml, or set market.calendar'
        )
    first, last = prices["Date"].min(), prices["Date"].max()
    # Delisting dates may lie beyond the last row; the gap to them is counted in sessions too.
    delisted = listings.loc[listings["Delisted"].astype(bool), "DelistingDate"].dropna()
    last = max([last, *delisted[delisted < last + pd.Timedelta(days=400)]])
    return exchange_calendar(
        name, np.datetime64(first, "D"), np.datetime64(last, "D"), folder.settings.corrections
    )


def with_corrections(
    publications: Mapping[str, Publication], exchange: str, corrections: Corrections
) -> dict[str, Publication]:
    """Return when indices become known, those of an exchange by its corrected calendar."""
    return {
        symbol: replace(p, corrections=corrections) if p.calendar == exchange else p
        for symbol, p in publications.items()
    }


def empty_sessions(
    panel: Panel, indices: pd.DataFrame, publications: Mapping[str, Publication], exchange: str
) -> list[str]:
    """Return a note on the sessions without a row of any stock, and how to correct the calendar."""
    first = int(panel.has_bar.any(axis=0).argmax())
    empty = np.flatnonzero(~panel.has_bar[:, first:].any(axis=0)) + first
    if not len(empty):
        return []
    days = panel.sessions[empty]
    own = [s for s, p in publications.items() if p.calendar == exchange]
    return [
        f"{counted(len(empty), 'session')} of the exchange's calendar without a row of any stock: "
        f"{named_days(days)}; nothing is decided or filled then{_hint(days, indices[own])}"
    ]


def _hint(days: Days, own: pd.DataFrame) -> str:
    # A value of an index of the exchange says that it was open, and that the rows are missing.
    valued = own.index[own.notna().any(axis=1)].to_numpy().astype("datetime64[D]")
    closed = days[~np.isin(days, valued)]
    if not len(closed):
        return ""
    line = toml_value(closed.tolist()) if len(closed) <= SHOWN else "[...] with those days"
    return f"; if the exchange was closed, write closed = {line} in market.toml"
