"""Tables in memory give the prices that the import of their files gives."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rollsight import RollsightError, market
from rollsight.signals.folder.reading import Folder, read_folder
from tests.support.commands import invoke
from tests.support.tables.bars import bars, one, wide

PRICES = bars()
BOTH = PRICES.assign(**{"Adj Close": PRICES["Close"] / 2})
ADJUSTED = PRICES["Close"] / 2
CLOSES = PRICES.pivot(index="Date", columns="Code", values="Close")


def imported(table: pd.DataFrame, tmp_path: Path, *options: str) -> Folder:
    table.to_csv(tmp_path / "all.csv")
    out = str(tmp_path / "market")
    invoke("import", str(tmp_path / "all.csv"), "--out", out, "--calendar", "XNYS", *options)
    return read_folder(out)


@pytest.mark.parametrize(
    ("adjusted", "options"),
    [(None, ()), (True, ("--adjusted",)), (False, ("--raw",))],
)
def test_a_download_is_adjusted_as_its_import_is(
    adjusted: bool | None, options: tuple[str, ...], tmp_path: Path
) -> None:
    table = wide(BOTH)
    folder = imported(table, tmp_path, *options)
    made = market(table, calendar="XNYS", adjusted=adjusted)
    pd.testing.assert_frame_equal(made.prices, folder.prices)
    said = "left out (" if adjusted is False else "scaled by Adj Close / Close"
    assert said in made.settings.notes[0]
    assert said in folder.settings.notes[0]


@pytest.mark.parametrize(
    "prices",
    [
        BOTH,
        BOTH.rename(columns={"Adj Close": "adj_close"}),
        {code: one(BOTH, code) for code in ("AAPL", "LOW", "MSFT")},
        wide(BOTH[["Date", "Code", "Adj Close"]]),
    ],
)
def test_every_shape_is_adjusted(prices: Any) -> None:
    assert market(prices, calendar="XNYS").prices["Close"].tolist() == ADJUSTED.tolist()


@pytest.mark.parametrize("table", [CLOSES, wide(PRICES)], ids=["closes", "fields"])
def test_a_stock_without_any_value_is_left_out_and_told_as_on_import(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    dead = table.copy()
    dead.loc[:, [name for name in table if "LOW" in name]] = float("nan")
    made = market(dead, calendar="XNYS", notes=["of mine"])
    pd.testing.assert_frame_equal(made.prices, imported(dead, tmp_path).prices)
    assert made.settings.notes == (
        "of mine",
        "Given in memory: no value of LOW, which is left out.",
    )


def test_a_ratio_that_steps_as_by_a_split_is_refused() -> None:
    split = BOTH.assign(Close=BOTH["Close"].where(BOTH["Date"] >= "2024-02-01", BOTH["Close"] / 2))
    with pytest.raises(RollsightError, match=r"'AAPL' steps on 2024-02-01 .* say adjusted=True"):
        market(split.drop(columns=["Open", "High", "Low"]), calendar="XNYS")


def test_dividends_beside_adjusted_closes_are_left_out_where_it_is_said() -> None:
    pays = PRICES.assign(Dividend=0.0)
    assert "Dividend" in market(pays, calendar="XNYS").prices
    assert "Dividend" not in market(pays, calendar="XNYS", adjusted=True).prices
