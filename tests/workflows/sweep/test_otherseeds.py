"""Other seeds of the best two trials: from networks that are there, the same however it is run."""

import shutil
from pathlib import Path
from typing import Any

from rollsight.backtests.spec import RunSpec
from rollsight.base.records import record
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.workflows.sweep import sweep
from tests.support.sweeps.markets import without_spec

# Two of four settings cannot be run: a label that is down above where it is up.
GRID: dict[str, list[Any]] = {"strategy.stop_loss": [None, 0.02], "label.down": [-0.02, 0.03]}


def test_other_seeds_are_the_same_however_they_are_run(base: RunSpec, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked: dict[str, Any] = {"out": out, "keep": 0, "changes": ["training.seeds=2"]}
    found = sweep(base, GRID, **asked)
    lead = found.numbers.lead
    assert lead is not None
    assert lead.second is not None
    assert sorted(lead.best.trials + lead.second.trials) == [0, 2]
    assert lead.of == 2
    assert lead.best.test.sharpe is not None
    assert lead.best.test.sharpe.n == 2
    assert repr(record(SweepNumbers, found.metrics)) == repr(found.numbers)
    made = {p.name: p.read_bytes() for p in (out / "seeds").iterdir()}
    assert len(made) == 2

    whole = without_spec(out)
    shutil.rmtree(out / "seeds")
    sweep(base, GRID, jobs=2, backend="threading", **asked)
    assert {p.name: p.read_bytes() for p in (out / "seeds").iterdir()} == made
    assert without_spec(out) == whole


def test_with_one_network_nothing_is_traded_again(unkept: Path) -> None:
    assert list((unkept / "seeds").iterdir()) == []
