"""What trading cost, year by year."""

from typing import Any

import pandas as pd


def costs_by_year(orders: pd.DataFrame) -> list[dict[str, Any]]:
    """Return what the fills of each calendar year cost, and the tax as a share of the sales.

    Sales are what came in after slippage, which is what the tax is charged on.
    """
    filled = orders[orders["filled_at"].notna()]
    came_in = filled["filled"] * filled["price"] - filled["slippage"]
    costs = filled[["tax", "commission", "slippage"]].assign(
        sales=came_in.where(filled["side"] == "sell", 0.0)
    )
    years = costs.groupby(filled["filled_at"].dt.year.astype(int)).sum()
    years["tax_of_sales"] = years["tax"] / years["sales"].where(years["sales"] > 0)
    return [
        {"year": int(str(year)), **{str(k): float(v) for k, v in row.items()}}
        for year, row in years.iterrows()
    ]
