"""A small finished run with logistic baselines on a planted market of closes, for live servers."""

from pathlib import Path

from rollsight.workflows.run import run
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

# A halt, a delisting and dividends; decisions begin on session 20, tests on 160, 190, 220 and 250.
RECIPE = Recipe(n_stocks=5, n_days=260, halts=((1, 180), (2, 200)), last_rows={4: 190}, pays=True)
FIRST_TEST = 160
OFTEN = 100  # validation buys of a threshold: low ones, that buy on most days


def finished_run(folder: Path, name: str = "small", seed: int = 0) -> Path:
    """Run a small market and return the run's directory; its market lies beside it."""
    market = folder / "market"
    if not market.exists():
        write_market(market, RECIPE)
    spec = spec_of(market, min_buys=OFTEN)
    training = spec.training.model_copy(update={"seed": seed})
    own = spec.model_copy(update={"baselines": ("logistic",), "training": training})
    run(own, out=folder / name, page=False)
    return folder / name
