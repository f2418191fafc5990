"""What trading cost, year by year."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class YearCosts:
    """What the fills of a calendar year cost, in quote currency.

    Attributes
    ----------
    sales
        what came in after slippage, which is what the tax is charged on
    tax_of_sales
        share of the sales; None without sales
    """

    year: int
    tax: float
    commission: float
    slippage: float
    sales: float
    tax_of_sales: float | None


def costs_by_year(orders: pd.DataFrame) -> tuple[YearCosts, ...]:
    """Return what the fills of each calendar year cost, and the tax as a share of the sales."""
    filled = orders[orders["filled_at"].notna()]
    came_in = filled["filled"] * filled["price"] - filled["slippage"]
    costs = filled[["tax", "commission", "slippage"]].assign(
        sales=came_in.where(filled["side"] == "sell", 0.0)
    )
    years = costs.groupby(filled["filled_at"].dt.year.astype(int)).sum()
    return tuple(_year(int(year), *sums) for year, *sums in years.reset_index().to_numpy().tolist())


def _year(year: int, tax: float, commission: float, slippage: float, sales: float) -> YearCosts:
    return YearCosts(year, tax, commission, slippage, sales, tax / sales if sales > 0 else None)
