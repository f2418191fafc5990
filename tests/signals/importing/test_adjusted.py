"""Adjusted and raw closes, dividends and indices: what becomes of each."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.toml import read_toml
from rollsight.signals.folder.reading import Folder, read_folder
from tests.support.commands import invoke, refused
from tests.support.tables.bars import bars, one, wide

AAPL = one(bars(), "AAPL")
BOTH = AAPL.assign(**{"Adj Close": AAPL["Close"] / 2, "Dividends": 0.0})
BOTH.loc[10, "Dividends"] = 0.24


def imported(path: Path, *options: str) -> Folder:
    out = path.parent / "market"
    invoke("import", str(path), "--out", str(out), "--calendar", "XNYS", *options)
    return read_folder(str(out))


def csv(table: pd.DataFrame, tmp_path: Path, name: str = "AAPL") -> Path:
    table.to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path / f"{name}.csv"


def test_by_default_whole_bars_are_scaled_to_the_adjusted_close(tmp_path: Path) -> None:
    folder = imported(csv(BOTH, tmp_path))
    for name in ("Open", "High", "Low", "Close"):
        np.testing.assert_allclose(folder.prices[name], AAPL[name] / 2)
    assert "Dividend" not in folder.prices  # the adjusted prices hold them
    assert "scaled by Adj Close / Close" in folder.settings.notes[0]


def test_raw_closes_keep_their_dividends(tmp_path: Path) -> None:
    prices = imported(csv(BOTH, tmp_path), "--raw").prices
    assert prices["Close"].tolist() == AAPL["Close"].tolist()
    assert prices["Dividend"].sum() == 0.24


def test_a_ratio_that_steps_as_by_a_split_is_asked_about(tmp_path: Path) -> None:
    split = AAPL.assign(**{"Adj Close": AAPL["Close"]})
    split.loc[:19, ["Open", "High", "Low", "Close"]] *= 10
    path = csv(split, tmp_path)
    arguments = ("import", str(path), "--calendar", "XNYS", "--out", str(tmp_path / "out"))
    day = f"{AAPL['Date'][20]:%Y-%m-%d}"
    line = refused(*arguments)
    assert f"AAPL.csv: Adj Close / Close of 'AAPL' steps on {day} as by a split" in line
    assert "say --adjusted (it was a dividend) or --raw (keep Close)" in line
    invoke(*arguments, "--adjusted")
    folder = read_folder(str(tmp_path / "out"))
    np.testing.assert_allclose(folder.prices["Close"], AAPL["Close"])
    assert "1 step as large as a split's, with volumes as given" in folder.settings.notes[0]
    imported(csv(split.drop(columns="Volume"), tmp_path))


@pytest.mark.parametrize(("value", "said"), [("x", "='x' is not a number"), ("", "no Adj Close")])
def test_an_adjusted_close_that_is_none_is_never_passed_over(
    value: str, said: str, tmp_path: Path
) -> None:
    odd = BOTH.astype({"Adj Close": object})
    odd.loc[3, "Adj Close"] = value
    path = csv(odd, tmp_path)
    line = refused("import", str(path), "--calendar", "XNYS", "--out", str(tmp_path / "out"))
    assert said in line


def test_dividends_beside_one_close_are_asked_about(tmp_path: Path) -> None:
    path = csv(BOTH.drop(columns="Adj Close"), tmp_path)
    arguments = ("import", str(path), "--calendar", "XNYS", "--out", str(tmp_path / "out"))
    assert "say --adjusted (they are, so dividends are left out) or --raw" in refused(*arguments)
    assert "Dividend" not in imported(path, "--adjusted").prices


def test_files_that_differ_in_it_are_named(tmp_path: Path) -> None:
    (tmp_path / "have").mkdir()
    csv(BOTH, tmp_path / "have")
    csv(AAPL, tmp_path / "have", "MSFT")
    line = refused(
        "import", str(tmp_path / "have"), "--calendar", "XNYS", "--out", str(tmp_path / "out")
    )
    assert "differ in whether they have Close and Adj Close" in line


def test_indices_come_from_files_of_their_own(tmp_path: Path) -> None:
    index = one(bars(("^GSPC",), level=4000.0), "^GSPC")
    other = index.rename(columns={"Date": "observation_date", "Close": "DCOIL"})
    first = csv(index, tmp_path, "gspc")
    second = csv(other[["observation_date", "DCOIL"]], tmp_path, "oil")
    folder = imported(
        csv(AAPL, tmp_path), "--index", f"S&P500={first}", "--index", f"OIL:XNYS={second}"
    )
    assert folder.indices.columns.tolist() == ["GSPC", "OIL"]
    assert folder.indices["GSPC"].tolist() == index["Close"].tolist()
    assert folder.settings.indices["OIL"].calendar == "XNYS"
    assert "GSPC" not in folder.settings.indices


def test_an_index_among_the_stocks_is_taken_out_of_them(tmp_path: Path) -> None:
    wide(bars(("AAPL", "^GSPC"))).to_csv(tmp_path / "all.csv")
    folder = imported(tmp_path / "all.csv", "--index", "GSPC=^GSPC")
    assert set(folder.prices["Code"]) == {"AAPL"}
    assert folder.indices["GSPC"].notna().all()


def test_a_series_that_vendors_publish_late_is_known_late(tmp_path: Path) -> None:
    rates = one(bars(("Y",), level=4.0), "Y")[["Date", "Close"]]
    rates.columns = ["observation_date", "DGS10"]
    folder = imported(csv(AAPL, tmp_path), "--index", f"US10Y={csv(rates, tmp_path, 'DGS10')}")
    assert folder.settings.indices["US10Y"].lag_hours == 96


def test_a_dry_run_tells_all_and_writes_nothing(tmp_path: Path) -> None:
    path = csv(BOTH, tmp_path)
    said = invoke(
        "import", str(path), "--calendar", "XNYS", "--out", str(tmp_path / "out"), "--dry-run"
    )
    for text in ("AAPL.csv", "Adj Close", "USD", "52 sessions of XNYS", "Nothing is written"):
        assert text in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["AAPL.csv"]


def test_an_empty_folder_is_filled_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / "market").mkdir()
    imported(csv(AAPL, tmp_path))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["AAPL.csv", "market"]
    assert read_toml(tmp_path / "market" / "market.toml")["calendar"] == "XNYS"


def test_holes_are_told(tmp_path: Path) -> None:
    path = csv(AAPL.drop(index=[5, 6]), tmp_path)
    said = invoke(
        "import", str(path), "--calendar", "XNYS", "--out", str(tmp_path / "out"), "--dry-run"
    )
    assert "2 sessions without a row within the rows of AAPL (2)" in said


@pytest.mark.parametrize("volume", [True, False])
def test_the_same_files_give_the_same_bytes(volume: bool, tmp_path: Path) -> None:
    path = csv(AAPL if volume else AAPL.drop(columns="Volume"), tmp_path)
    written = []
    for name in ("a", "b"):
        invoke("import", str(path), "--calendar", "XNYS", "--out", str(tmp_path / name))
        written.append([p.read_bytes() for p in sorted((tmp_path / name).iterdir())])
    assert written[0] == written[1]
