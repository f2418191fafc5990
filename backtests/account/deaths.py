"""Which delistings a market folder holds, by year and board."""

import numpy as np

from rollsight.signals.prices.market import Market


def deaths_held(market: Market) -> list[dict[str, int | str]]:
    """Return how many stocks with prices were delisted in each whole year of a market, by board.

    ``reached`` are those that traded until shortly before.
    """
    years = market.delisted_on.astype("datetime64[Y]").astype(np.int64) + 1970
    gone = ~np.isnat(market.delisted_on) & market.has_bar.any(axis=1)
    boards = np.array(market.boards)
    found: list[dict[str, int | str]] = []
    for year in range(_year(market.sessions[0]), _whole_until(market.sessions[-1]) + 1):
        for board in sorted(set(market.boards)):
            own = gone & (years == year) & (boards == board)
            reached = int((own & market.endings.labelled).sum())
            found.append({"year": year, "board": board, "held": int(own.sum()), "reached": reached})
    return found


def _whole_until(last: np.datetime64) -> int:
    """Return the last year that has ended, but for its last holidays."""
    return _year(last + np.timedelta64(14, "D")) - 1


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(int)) + 1970
