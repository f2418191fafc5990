"""Commission and dated sell tax of each market, as data."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.calendar import Days, exchange_calendar
from rollsight.strategies.spec import CostSpec


@dataclass(frozen=True)
class CostBook:
    """What a market charges.

    Attributes
    ----------
    commission : fraction of a fill's value, each side
    sell_tax : (first settlement date, fraction of a sale's value), ascending
    settlement : sessions from a trade to its settlement, by which the tax is dated
    """

    commission: float
    sell_tax: tuple[tuple[str, float], ...] = (("1900-01-01", 0.0),)
    settlement: int = 2


BOOKS: dict[str, CostBook] = {
    "krx": CostBook(
        commission=0.00015,
        sell_tax=(
            ("1900-01-01", 0.0030),
            ("2019-06-03", 0.0025),
            ("2021-01-01", 0.0023),
            ("2023-01-01", 0.0020),
            ("2024-01-01", 0.0018),
            ("2025-01-01", 0.0015),
            ("2026-01-01", 0.0020),
        ),
    ),
    # A retail broker's half basis point or so; fees of the regulator are below that.
    "us": CostBook(commission=0.00005),
    "none": CostBook(commission=0.0),
}


@dataclass(frozen=True, eq=False)
class Costs:
    """Costs on each session of a backtest.

    Attributes
    ----------
    commission, slippage : fraction a side
    sell_tax : (n_days,) fraction of a sale made in that session
    """

    commission: float
    slippage: float
    sell_tax: npt.NDArray[np.float64]

    def net(
        self, gross: npt.NDArray[np.float64], sold_at: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """Return what is left of gross returns, fractions of what was paid, costs included.

        Parameters
        ----------
        gross : (n,) exit price over entry price, less 1, both unslipped
        sold_at : (n,) sessions of the sales
        """
        paid = (1 + self.slippage) * (1 + self.commission)
        kept = (1 - self.slippage) * (1 - self.commission - self.sell_tax[sold_at])
        return np.asarray((1 + gross) * kept / paid - 1)

    def since(self, first: int) -> "Costs":
        """Return the costs counted from session ``first`` on."""
        return Costs(self.commission, self.slippage, self.sell_tax[first:])


def dated_costs(spec: CostSpec, exchange: str, sessions: Days) -> Costs:
    """Return the costs of a book on the sessions of an exchange.

    >>> days = exchange_calendar("XKRX", np.datetime64("2024-12-26"), np.datetime64("2024-12-30"))
    >>> dated_costs(CostSpec(book="krx"), "XKRX", days.sessions).sell_tax.tolist()
    [0.0018, 0.0015, 0.0015]
    """
    book = BOOKS[spec.book]
    # Two weeks beyond the last session hold its settlement on any exchange.
    later = exchange_calendar(exchange, sessions[0], sessions[-1] + np.timedelta64(14, "D"))
    settles = later.sessions[np.searchsorted(later.sessions, sessions) + book.settlement]
    starts = np.array([start for start, _ in book.sell_tax], dtype="datetime64[D]")
    rates = np.array([rate for _, rate in book.sell_tax])
    return Costs(
        commission=book.commission if spec.commission is None else spec.commission,
        slippage=spec.slippage,
        sell_tax=rates[np.searchsorted(starts, settles, side="right") - 1],
    )
