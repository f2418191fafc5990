"""A rule book's commission, sell tax and ticks, turned into costs on the sessions of a market."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError
from rollsight.signals.known.calendar import Days, exchange_calendar
from rollsight.signals.prices.market import Market
from rollsight.signals.rules.rulebook import BOOKS, tick_sizes, values_on
from rollsight.strategies.spec import CostSpec

Fractions = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Costs:
    """Costs of every stock on each session.

    Attributes
    ----------
    commission
        fraction a side
    slip
        (n_stocks, n_days) fraction of the open by which a fill slips, either side
    sell_tax
        (n_boards, n_days) fraction of a sale made in that session
    board
        (n_stocks,) row of `sell_tax`
    dividend_tax
        fraction of a dividend that is withheld
    """

    commission: float
    slip: Fractions
    sell_tax: Fractions
    board: Ints
    dividend_tax: float = 0.0

    @cached_property
    def slips(self) -> list[Any]:
        """Views of each stock's slippage, which hand out plain floats."""
        return [row.data for row in self.slip]

    @cached_property
    def taxes(self) -> list[Any]:
        """Views of each stock's sell tax."""
        return [self.sell_tax[board].data for board in self.board]

    def tax(self, stock: "int | Ints", day: "int | Ints") -> Fractions:
        """Return the sell tax of stocks on sessions, fraction of the sale."""
        return np.asarray(self.sell_tax[self.board[stock], day])

    def net(
        self,
        gross: Fractions,
        stock: Ints,
        bought_at: Ints,
        sold_at: Ints,
        dividends: Fractions | None = None,
    ) -> Fractions:
        """Return what is left of gross returns, fractions of what was paid, costs included.

        Parameters
        ----------
        gross
            exit price over entry price, less 1, both unslipped, and dividends; broadcast with the
            rest
        stock, bought_at, sold_at
            rows and sessions of the trades
        dividends
            the part of ``gross`` that they are, before tax; None where there are none
        """
        paid = (1 + self.slip[stock, bought_at]) * (1 + self.commission)
        charged = self.commission + self.tax(stock, sold_at)
        sold = 1 + gross if dividends is None else 1 + gross - dividends
        brought = sold * (1 - self.slip[stock, sold_at]) * (1 - charged)
        if dividends is not None:
            brought = brought + dividends * (1 - self.dividend_tax)
        return np.asarray(brought / paid - 1)

    def part(self, stocks: Sequence[int], first: int) -> "Costs":
        """Return the costs of some stocks, counted from session ``first`` on."""
        rows = np.array(stocks, dtype=np.int64)
        slip, board = self.slip[rows, first:], self.board[rows]
        return Costs(self.commission, slip, self.sell_tax[:, first:], board, self.dividend_tax)


def dated_costs(spec: CostSpec, market: Market) -> Costs:
    """Return the costs of a market's rule book on its sessions.

    Raises
    ------
    RollsightError
        If slippage is asked for in ticks of a book that has none.
    """
    book = BOOKS[market.book]
    rows = list(book.boards)
    settles = _settlements(market, book.settlement)
    return Costs(
        commission=book.commission if spec.commission is None else spec.commission,
        slip=_slips(spec, market),
        sell_tax=np.array([values_on(b.sell_tax, settles) for b in book.boards.values()]),
        board=np.array([rows.index(name) for name in market.boards], dtype=np.int64),
        dividend_tax=book.dividend_tax if spec.dividend_tax is None else spec.dividend_tax,
    )


def require_ticks(spec: CostSpec, book: str) -> None:
    """Raise if slippage is asked for in ticks of a rule book that has none."""
    if spec.slippage_ticks and not all(board.ticks for board in BOOKS[book].boards.values()):
        raise RollsightError(
            f"costs.slippage_ticks={spec.slippage_ticks} needs ticks, and the {book!r} book has "
            "none: set market.book, or give costs.slippage as a fraction"
        )


def _settlements(market: Market, after: int) -> Days:
    # Two weeks beyond the last session hold its settlement on any exchange.
    first, last = market.sessions[0], market.sessions[-1] + np.timedelta64(14, "D")
    later = exchange_calendar(market.exchange, first, last, market.corrections)
    return np.asarray(later.sessions[np.searchsorted(later.sessions, market.sessions) + after])


def _slips(spec: CostSpec, market: Market) -> Fractions:
    """Return (n_stocks, n_days): slippage as a fraction of the price at which an order fills."""
    shape, boards = market.open.shape, BOOKS[market.book].boards
    if spec.slippage_ticks == 0:
        return np.broadcast_to(np.float64(spec.slippage), shape)
    require_ticks(spec, market.book)
    price = np.where(market.open > 0, market.open, np.inf)  # nothing fills without a price
    end = market.endings.session
    ended = np.flatnonzero((end >= 0) & (market.endings.value > 0))
    price[ended, end[ended]] = market.endings.value[ended]
    ticks = np.zeros(shape)
    for stock, board in enumerate(market.boards):
        ticks[stock] = tick_sizes(boards[board], market.sessions, price[stock])
    # A share cannot be sold for less than nothing.
    return np.minimum(spec.slippage + spec.slippage_ticks * ticks / price, 1.0)
