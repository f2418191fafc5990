"""The numbers on the way from the labels to the account: money in quote currency."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """A step from the labels to the account.

    Attributes
    ----------
    step
        its key; see `waterfall_data`
    share
        of the starting cash
    total
        of this step and all before it
    rows
        buys, orders or trades behind it
    """

    step: str
    money: float
    share: float
    total: float
    rows: int


@dataclass(frozen=True)
class Counts:
    """How many buys were ordered and filled, and what became of the others.

    Attributes
    ----------
    labelled
        buys with a label
    mean_label_return, ordered_label_return
        of all buys, and of those ordered; None without any
    not_ordered, unfilled, exits
        how many by reason
    """

    buys: int
    labelled: int
    mean_label_return: float | None
    not_ordered: dict[str, int]
    ordered: int
    ordered_label_return: float | None
    unfilled: dict[str, int]
    trades: int
    exits: dict[str, int]


@dataclass(frozen=True)
class Waterfall:
    """The steps from the label returns of the buys to what the account made.

    Attributes
    ----------
    cash, stake
        at the start, and an equal part of it
    made
        by the account, after costs; ``made_share`` of the cash
    """

    cash: float
    positions: int
    stake: float
    made: float
    made_share: float
    steps: tuple[Step, ...]
    counts: Counts


@dataclass(frozen=True)
class Grown:
    """What the starting cash would have made, and its share of it."""

    money: float
    share: float


@dataclass(frozen=True)
class Made:
    """What some trades made, before and after costs.

    Attributes
    ----------
    profitable
        share of them; None without trades
    profit_factor, payoff_ratio
        see the functions of their names
    """

    trades: int
    gross_profit: float
    net_profit: float
    profitable: float | None
    profit_factor: float | None
    payoff_ratio: float | None


@dataclass(frozen=True)
class _OfYear:
    year: int


@dataclass(frozen=True)
class YearMade(Made, _OfYear):  # in this order: fields of the last base are written first
    """What the trades that were decided in a year made."""


@dataclass(frozen=True)
class Money(Waterfall):
    """The waterfall, what stands beside it, and what the trades made by year."""

    benchmark: Grown | None
    strategy_beside: Grown | None
    universe: Grown | None
    years: tuple[YearMade, ...]
    all: Made


def made(trades: pd.DataFrame) -> Made:
    """Return what some trades made: before costs, and after them."""
    profit = trades["profit"].to_numpy()
    costs = trades[["commission", "tax", "slippage"]].to_numpy().sum()
    return Made(
        trades=len(trades),
        gross_profit=float(profit.sum() + costs),
        net_profit=float(profit.sum()),
        profitable=float((profit > 0).mean()) if len(profit) else None,
        profit_factor=profit_factor(profit),
        payoff_ratio=payoff_ratio(profit),
    )


def profit_factor(profits: Float64) -> float | None:
    """Return what the winners made over what the losers lost; None where nothing was lost.

    Pardo, The Evaluation and Optimization of Trading Strategies, 2008.

    >>> profit_factor(np.array([30.0, 10.0, -20.0])), profit_factor(np.array([30.0]))
    (2.0, None)
    """
    lost = -profits[profits < 0].sum()
    return float(profits[profits > 0].sum() / lost) if lost else None


def payoff_ratio(profits: Float64) -> float | None:
    """Return the average winner over the average loser; None without winners or without losers.

    Vince, Portfolio Management Formulas, 1990.

    >>> payoff_ratio(np.array([30.0, 10.0, -20.0])), payoff_ratio(np.array([-20.0]))
    (1.0, None)
    """
    won, lost = profits[profits > 0], profits[profits < 0]
    return float(won.mean() / -lost.mean()) if len(won) and len(lost) else None
