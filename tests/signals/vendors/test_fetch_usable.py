"""What a fetch accepts, a run can use."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.signals.known.calendar import exchange_calendar
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from rollsight.signals.vendors.series import check_index
from rollsight.signals.vendors.span import Span, span_of
from rollsight.signals.vendors.vendor import MissingError
from tests.support.markets import Recipe, write_market, write_table
from tests.support.vendors.fetches import END, START

SPAN: Span = span_of(START, END)
FIRST, LAST = np.datetime64(START), np.datetime64(END)


def closes_of(symbol: str) -> pd.DataFrame:
    """Return a year of closes on the symbol's own sessions, in the middle of its level."""
    calendar = SYMBOLS[symbol].publication.calendar or "XNYS"
    days = pd.DatetimeIndex(exchange_calendar(calendar, FIRST, LAST).sessions)
    walk = np.random.default_rng(1).normal(1, 0.01, len(days))
    return pd.DataFrame({"Date": days, "Close": np.mean(SYMBOLS[symbol].level) * walk})


@pytest.mark.parametrize("symbol", list(SYMBOLS))
def test_values_at_the_edge_of_each_symbols_level_are_accepted_by_both(
    tmp_path: Path, symbol: str
) -> None:
    table = closes_of(symbol)
    table.loc[[5, 80], "Close"] = SYMBOLS[symbol].level
    check_index(table, symbol, SPAN, {}, SYMBOLS[symbol].published)
    folder = write_market(tmp_path, Recipe(n_days=20, first="2023-06-01"))
    indices = table.rename(columns={"Close": symbol})
    write_table(indices, folder / "indices.parquet")
    market = read_market(MarketSpec(folder=str(folder)))
    below = SYMBOLS[symbol].level[0] <= 0 and market.publications[symbol].unit == "price"
    assert len(market.indices) == len(table) - below
    # From one edge of the level to the next is a step, which is named, and used as it is.
    steps = [note for note in market.notes if "times the value before" in note]
    assert len(market.notes) - len(steps) == below


def test_an_index_that_a_run_would_refuse_is_not_fetched() -> None:
    table = closes_of("KS11")
    odd = pd.DatetimeIndex(["2023-03-01", "2023-05-01", "2023-05-05", "2023-05-29", "2023-06-06"])
    more = pd.DataFrame({"Date": [*odd, pd.Timestamp("2023-08-15")], "Close": 2500.0})
    table = pd.concat([table, more]).sort_values("Date").reset_index(drop=True)
    with pytest.raises(MissingError, match=r"^refused: .*6 of 2\d\d values of index 'KS11'"):
        check_index(table, "KS11", SPAN, {}, SYMBOLS["KS11"].published)
