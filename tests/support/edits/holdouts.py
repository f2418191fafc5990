"""A small market whose last sessions are held out, and markets that differ behind that alone."""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.backtests.spec import RunSpec, check_spec
from tests.support.chains import spec_of
from tests.support.markets import Recipe, sessions, write_market, write_table

# Decisions begin on session 20, tests on 160, 190, 220 and 250; stock 4 is delisted behind the cut.
RECIPE = Recipe(n_stocks=5, n_days=260, halts=((1, 180), (2, 200)), last_rows={4: 240})
START = 225  # the first session that is held out, in the third window
DAYS = sessions(RECIPE.n_days)


def held_out(folder: Path, **sections: dict[str, object]) -> RunSpec:
    """Return a spec that holds out the sessions from `START` on."""
    content = spec_of(folder).model_dump(mode="json") | {"holdout": {"start": str(DAYS[START])}}
    for section, keys in sections.items():
        content[section] = content[section] | keys
    return check_spec(content, "test")


def whole_market(folder: Path) -> Path:
    """Write the market with all its sessions."""
    return write_market(folder, RECIPE)


def ended_market(folder: Path) -> Path:
    """Write the market as it was known at the close before the holdout: no file knows more."""
    whole_market(folder)
    for name in ("prices", "indices"):
        path = folder / f"{name}.parquet"
        table = pd.read_parquet(path)
        write_table(table[table["Date"] < DAYS[START]], path)
    listings = pd.read_csv(folder / "listings.csv", dtype={"Code": str})
    listings.assign(Delisted=False, DelistingDate="").to_csv(folder / "listings.csv", index=False)
    return folder


def other_future(folder: Path, *, first: int = START) -> Path:
    """Change prices, indices and delistings from a session on, and list another stock there."""
    rng = np.random.default_rng(5)
    path = folder / "prices.parquet"
    prices = pd.read_parquet(path)
    late = (prices["Date"] >= DAYS[first]).to_numpy()
    columns = ["Open", "High", "Low", "Close"]
    factor = np.where(late, rng.uniform(0.8, 1.2, len(prices)), 1.0)
    prices[columns] = prices[columns].mul(factor, axis=0).round(2)
    new = prices[late & (prices["Code"] == "000010")].assign(Code="000090")
    write_table(pd.concat([prices, new]).sort_values(["Code", "Date"]), path)
    indices = pd.read_parquet(folder / "indices.parquet")
    late = indices["Date"] >= DAYS[first]
    indices.loc[late, "KS11"] *= 1.5
    write_table(indices, folder / "indices.parquet")
    listings = pd.read_csv(folder / "listings.csv", dtype={"Code": str})
    listings.loc[listings["Code"] == "000050", "DelistingDate"] = str(DAYS[first + 20])
    listings.to_csv(folder / "listings.csv", index=False)
    return folder
