"""Which listings and delistings a market folder holds, by year and board."""

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.kinds import kind_of
from rollsight.signals.known.calendar import Days
from rollsight.signals.prices.market import Market
from rollsight.signals.prices.panel import Flags


def deaths_held(market: Market) -> list[dict[str, int | str]]:
    """Return how many stocks with prices were delisted in each whole year of a market, by board.

    ``reached`` are those that traded until shortly before. ``new`` are companies listed in the year
    and after the market's first session, ``listed`` those there at the year's end.
    """
    years, began = _years(market.delisted_on), _began(market)
    gone = ~np.isnat(market.delisted_on) & market.has_bar.any(axis=1)
    boards, company = np.array(market.boards), _companies(market)
    new = np.where(company & (began > market.sessions[0]), _years(began), 0)
    found: list[dict[str, int | str]] = []
    for year in range(_year(market.sessions[0]), _whole_until(market.sessions[-1]) + 1):
        there = company & _at_end(market, year)
        for board in sorted(set(market.boards)):
            on = boards == board
            own = gone & (years == year) & on
            found.append(
                {
                    "year": year,
                    "board": board,
                    "held": int(own.sum()),
                    "reached": int((own & market.endings.labelled).sum()),
                    "new": int((on & (new == year)).sum()),
                    "listed": int((on & there).sum()),
                }
            )
    return found


def _companies(market: Market) -> Flags:
    """Return which stocks the exchange counts: neither preferred shares nor funds."""
    kinds = (kind_of(code, market.names.get(code, "")) for code in market.codes)
    return np.array([kind in ("common", "spac") for kind in kinds])


def _began(market: Market) -> Days:
    """Return the day of each stock's listing, that of its first row where none is given."""
    first = market.sessions[market.has_bar.argmax(axis=1)]
    return np.where(np.isnat(market.listed_on), first, market.listed_on)


def _at_end(market: Market, year: int) -> Flags:
    """Return which stocks have a row in a year's last session, or before and after it."""
    last = int(np.flatnonzero(_years(market.sessions) <= year)[-1])
    rows = market.has_bar
    return np.asarray(rows[:, : last + 1].any(axis=1) & rows[:, last:].any(axis=1))


def _years(days: Days) -> npt.NDArray[np.int64]:
    return np.asarray(days.astype("datetime64[Y]").astype(np.int64) + 1970)


def _whole_until(last: np.datetime64) -> int:
    """Return the last year that has ended, but for its last holidays."""
    return _year(last + np.timedelta64(14, "D")) - 1


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(int)) + 1970
