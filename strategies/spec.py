"""How buys become positions, and what trading costs."""

from typing import Literal

from pydantic import Field

from rollsight.signals.spec import Spec


class StrategySpec(Spec):
    """Positions: the rule that opens and closes them, and what holds whatever it is."""

    rule: str = Field(
        "hold",
        min_length=1,
        examples=["rank"],
        description="what makes orders of buys: hold (equal parts, the most probable first, held "
        "to the horizon), rank (the best of the date, chosen anew every so many sessions), or "
        "package.module:name of your own",
    )
    cash: float = Field(
        100_000.0, gt=0, le=1e12, description="at the start, in the market's currency"
    )
    max_positions: int = Field(10, ge=1, le=1_000_000, description="held at the same time")
    every: int | None = Field(
        None,
        ge=1,
        description="of rank: sessions after which a position is chosen anew; unset: label.horizon",
        examples=[20],
    )
    keep: int | None = Field(
        None,
        ge=1,
        description="of rank: what is held stays while among so many best of the date; unset: "
        "max_positions",
        examples=[20],
    )
    tranches: int = Field(
        1,
        ge=1,
        description="of rank: parts of the positions that choose in sessions of their own, so that "
        "no day of the week decides",
    )
    weight: Literal["equal", "inverse-volatility"] = Field(
        "equal",
        description="of rank: each position an equal part of the equity, or the more the less its "
        "price moved, up to twice that",
    )
    cash_buffer: float = Field(
        0.05,
        ge=0,
        lt=1,
        description="of hold and rank: share of each position's money left for gaps and costs",
    )
    stop_loss: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="sell at the next open after a close this far below the entry",
        examples=[0.1],
    )
    trailing_stop: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="sell at the next open after a close this far below the highest close since "
        "the entry",
        examples=[0.1],
    )
    take_profit: float | None = Field(
        None,
        gt=0,
        description="sell at the next open after a close this far above the entry",
        examples=[0.2],
    )
    participation: float | None = Field(
        None,
        gt=0,
        le=1,
        description="at most this share of a session's volume fills at its open, the rest of a buy "
        "is cancelled and of a sale tried anew; volumes must count the shares that are priced",
        examples=[0.1],
    )
    capacity: float | None = Field(
        None,
        gt=0,
        le=1,
        description="a buy is cut to this share of the stock's mean traded value of the last 20 "
        "sessions, its decision's own the last of them; what is left of its money stays cash",
        examples=[0.01],
    )
    extend: bool = Field(
        False, description="a buy of a stock that is held starts its horizon again"
    )

    @property
    def shows_volatility(self) -> bool:
        """Its buys are shown with their volatility: to weights by it, and to a rule of your own."""
        return self.weight != "equal" or ":" in self.rule


class CostSpec(Spec):
    """Costs of a fill."""

    commission: float | None = Field(
        None, ge=0, lt=1, description="fraction a side; unset: the book's", examples=[0.001]
    )
    dividend_tax: float | None = Field(
        None,
        ge=0,
        le=1,
        description="fraction of a dividend that is withheld; unset: the book's",
        examples=[0.15],
    )
    slippage: float = Field(0.0005, ge=0, lt=1, description="fraction a side, against us")
    slippage_ticks: float = Field(
        0.0,
        ge=0,
        le=10_000,
        description="ticks a side on top, of the price's level by the book's table of that date; "
        "where prices are adjusted, that is the level after adjustment",
    )
