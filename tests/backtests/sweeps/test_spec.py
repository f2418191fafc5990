"""The table [sweep]: read, checked, and written back."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from rollsight.backtests.spec import read_spec
from rollsight.backtests.sweeps.grid import Axis
from rollsight.backtests.sweeps.spec import check_sweep, read_sweep, sweep_toml
from rollsight.base.errors import RollsightError

TABLE = """
[label]
horizon = 5

[sweep]
objective = "precision"
keep = 2

[sweep.grid]
strategy.stop_loss = ["none", 0.05]
label.horizon = [5, 10]
"""


def written(folder: Path, text: str = TABLE) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def refused(table: Any, **options: Any) -> str:
    with pytest.raises(RollsightError) as error:
        check_sweep(table, "mine.toml", {"label.horizon": [5]}, **options)
    return str(error.value)


def test_a_file_holds_a_run_and_its_sweep(tmp_path: Path) -> None:
    source = written(tmp_path)
    sweep, grid = read_sweep(source)
    assert (sweep.objective, sweep.keep, sweep.select) == ("precision", 2, "validation")
    assert grid.axes == (
        Axis("strategy.stop_loss", (None, 0.05)), Axis("label.horizon", (5, 10)),
    )  # fmt: skip
    # A plain run takes the same file.
    assert read_spec(source).label.horizon == 5


def test_options_take_the_place_of_the_files(tmp_path: Path) -> None:
    sweep, grid = read_sweep(
        written(tmp_path), ["label.horizon=3"], objective="sharpe", keep=None, seed=7
    )
    assert (sweep.objective, sweep.keep, sweep.seed) == ("sharpe", 2, 7)
    assert grid.axes[1] == Axis("label.horizon", (3,))


def test_a_written_table_reads_as_it_was(tmp_path: Path) -> None:
    options = ["strategy.take_profit=0.1..0.3", "market.indices=['KS11'],all"]
    sweep, grid = read_sweep(written(tmp_path), options, sampler="random", trials=9)
    table = tomllib.loads(sweep_toml(sweep))["sweep"]
    assert check_sweep(table, "sweep.toml") == (sweep, grid)


def test_what_the_table_cannot_hold_is_refused() -> None:
    assert refused({"objectiv": "sharpe"}).endswith("did you mean 'objective'?")
    assert "sweep.objective='return' is not allowed" in refused({"objective": "return"})
    assert "sweep.trials=5 is of the samplers random and tpe" in refused({}, trials=5)
    assert "needs the number of trials: add --trials N" in refused({}, sampler="tpe")
    tpe = {"sampler": "tpe", "trials": 9, "select": "rolling"}
    assert "knows nothing of later windows" in refused(tpe)
    assert "sweep=3 is not allowed" in refused(3)
    assert refused({"grid": {"label": {"up": 5}}}).startswith("[sweep.grid] label.up=5 is no list")
