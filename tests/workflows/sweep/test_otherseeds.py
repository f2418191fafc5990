"""Other seeds of the best two trials of a sweep."""

from pathlib import Path
from typing import Any

from rollsight.backtests.spec import RunSpec
from rollsight.base.records import record
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.workflows.sweep import sweep

# Two of four settings cannot be run: a label that is down above where it is up.
GRID: dict[str, list[Any]] = {"strategy.stop_loss": [None, 0.02], "label.down": [-0.02, 0.03]}


def test_the_best_two_are_traded_with_other_seeds_and_trials_that_failed_are_not(
    base: RunSpec, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    found = sweep(base, GRID, out=out, keep=0, changes=["training.seeds=2"])
    lead = found.numbers.lead
    assert lead is not None
    assert lead.second is not None
    assert sorted(lead.best.trials + lead.second.trials) == [0, 2]
    assert lead.of == 2
    assert lead.best.test.sharpe is not None
    assert lead.best.test.sharpe.n == 2
    assert repr(record(SweepNumbers, found.metrics)) == repr(found.numbers)
    assert len(list((out / "seeds").iterdir())) == 2


def test_with_one_network_nothing_is_traded_again(unkept: Path) -> None:
    assert list((unkept / "seeds").iterdir()) == []


def test_a_sweep_of_a_model_without_a_seed_says_nothing_of_seeds(
    base: RunSpec, tmp_path: Path
) -> None:
    changes = {"model.name": "logistic", "training.seeds": 1}
    found = sweep(base, {"strategy.stop_loss": [None, 0.02]}, changes=changes,
                  out=tmp_path / "out", keep=0)  # fmt: skip
    assert not found.metrics["lead"]["seeded"]
    assert "spread over seeds unknown" not in found.html
