"""The command rollsight export: what other programs read of a run."""

import gc
import time
from datetime import date, datetime
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from pandas.testing import assert_frame_equal

from rollsight.backtests.directory.export import EXPORTED, exported
from rollsight.commands import main
from rollsight.workflows.run import Run, run
from tests.support.chains import spec_of
from tests.support.commands import invoke, refused
from tests.support.markets import write_market
from tests.support.sweeps.markets import RECIPE

FORMULAS = ["=1+1", "+1", "-1", "@sum", "005930"]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs") / "demo"


@pytest.fixture(scope="module")
def finished(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(spec_of(write_market(tmp_path_factory.mktemp("m"), RECIPE)), out=out, page=False)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: Run) -> None:
    monkeypatch.chdir(tmp_path)


def test_csv_has_every_row_with_codes_and_dates_as_they_are(out: Path, finished: Run) -> None:
    assert invoke("export", str(out), "trades") == "Wrote trades.csv\n"
    found = pd.read_csv("trades.csv", dtype={"code": str})
    assert found["code"].tolist() == finished.trades["code"].astype(str).tolist()
    assert found["code"].str.startswith("0").all()
    assert found["entry_at"].tolist() == finished.trades["entry_at"].dt.strftime("%F").tolist()
    assert found["net_return"].tolist() == finished.trades["net_return"].tolist()


def test_a_workbook_has_codes_as_texts_and_dates_as_dates(out: Path, finished: Run) -> None:
    invoke("export", str(out), "orders", "--out", "orders.xlsx")
    rows = list(openpyxl.load_workbook("orders.xlsx")["orders"].values)
    table = pd.DataFrame(rows[1:], columns=rows[0])
    assert table["code"].tolist() == finished.orders["code"].astype(str).tolist()
    assert all(isinstance(day, datetime) for day in table["submitted_at"])
    assert [day.date() for day in table["submitted_at"]] == [
        day.date() for day in finished.orders["submitted_at"]
    ]
    cells = next(openpyxl.load_workbook("orders.xlsx")["orders"].iter_rows(min_row=2))
    formats = {name: cell.number_format for name, cell in zip(rows[0], cells, strict=True)}
    assert formats["submitted_at"].lower() == "yyyy-mm-dd"


@pytest.mark.parametrize("name", EXPORTED)
def test_parquet_is_the_table_itself(name: str, out: Path, finished: Run) -> None:
    found = pd.read_parquet(BytesIO(exported(out, name, "parquet")))
    assert_frame_equal(found, getattr(finished, name))


@pytest.mark.parametrize("name", EXPORTED)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_table_can_be_written_in_every_form(
    name: str, form: str, out: Path, finished: Run
) -> None:
    invoke("export", str(out), name, "--format", form)
    read = pd.read_csv if form == "csv" else pd.read_excel
    found = read(f"{name}.{form}")
    assert found.columns.tolist() == getattr(finished, name).columns.tolist()
    assert len(found) == len(getattr(finished, name))


def test_no_text_becomes_a_formula(out: Path, tmp_path: Path) -> None:
    table = pd.DataFrame({"code": FORMULAS, "date": [pd.Timestamp("2024-01-02")] * 5})
    table = table.assign(back=np.arange(5) - 2.0, why=[None, "a\x07b", "-", "=", "x"])
    other = tmp_path / "other"
    other.mkdir()
    for path in out.glob("*.*"):
        (other / path.name).write_bytes(path.read_bytes())
    table.to_parquet(other / "orders.parquet", index=False)
    sheet = openpyxl.load_workbook(BytesIO(exported(other, "orders", "xlsx")))["orders"]
    assert [cell.value for cell in sheet["A"][1:]] == FORMULAS
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert [cell.value for cell in sheet["D"][1:]] == [None, "ab", "-", "=", "x"]
    text = exported(other, "orders", "csv").decode()
    assert text.splitlines()[1:3] == ["'=1+1,2024-01-02,-2.0,", "'+1,2024-01-02,-1.0,a\x07b"]
    found = pd.read_csv(StringIO(text), dtype=str)
    assert found["code"].tolist() == ["'=1+1", "'+1", "'-1", "'@sum", "005930"]
    assert found["back"].tolist()[0] == "-2.0"
    assert date.fromisoformat(found["date"][0]) == date(2024, 1, 2)


def test_nothing_is_written_over_unless_it_may_be(out: Path) -> None:
    Path("trades.csv").write_text("mine")
    assert "write over it with --force" in refused("export", str(out), "trades")
    assert Path("trades.csv").read_text() == "mine"
    invoke("export", str(out), "trades", "--force")
    assert Path("trades.csv").read_text() != "mine"


def test_a_dash_is_the_standard_output(out: Path) -> None:
    invoke("export", str(out), "equity")
    said = CliRunner().invoke(main, ["export", str(out), "equity", "--out", "-"])
    assert said.stdout_bytes == Path("equity.csv").read_bytes()


def test_what_cannot_be_written_is_refused_in_one_line(out: Path, tmp_path: Path) -> None:
    for given, said in (
        (["--out", "a.xlsx", "--format", "csv"], "ends in .xlsx, and what is written is csv"),
        (["--out", "a.xls"], "ends in .xls"),
        (["--out", "nowhere/a.csv"], "nowhere is no folder"),
        (["--out", str(tmp_path)], "is a folder"),
    ):
        assert said in refused("export", str(out), "trades", *given)
    assert "no run directory" in refused("export", str(tmp_path), "trades")
    assert list(tmp_path.iterdir()) == []


# What opens it is left to itself: nobody waits for a browser.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_page_is_opened_where_that_is_asked_for(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}:/usr/bin:/bin")
    monkeypatch.setattr("sys.platform", "linux")
    call = ["compare", str(out), str(out), "--out", "compared.html"]
    invoke(*call)
    assert not (tmp_path / "opened").exists()
    invoke(*call, "--open")
    for _ in range(100):
        if (tmp_path / "opened").exists() and (tmp_path / "opened").read_text():
            break
        time.sleep(0.05)
    gc.collect()
    assert (tmp_path / "opened").read_text().strip() == str(tmp_path / "compared.html")


@pytest.mark.slow
def test_a_quiet_report_says_its_result_alone_and_a_verbose_one_its_stages(out: Path) -> None:
    call = ["report", str(out), "--sections", "What this run says", "--out", "p.html"]
    quiet, plain, verbose = (
        CliRunner().invoke(main, [*call, *option]) for option in (["--quiet"], [], ["--verbose"])
    )
    assert quiet.stderr == ""
    assert plain.stderr != ""
    assert quiet.stdout == plain.stdout == verbose.stdout
    assert "Took " in verbose.stderr
    assert "Took " not in plain.stderr
