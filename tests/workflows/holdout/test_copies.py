"""A copy of a market folder elsewhere, under another name, has the looks of the folder."""

import shutil
from pathlib import Path

import pytest

from rollsight import reveal, run, sweep
from rollsight.backtests.spec import RunSpec, check_spec
from tests.support.edits.holdouts import DAYS, START, held_out

pytestmark = pytest.mark.slow
FIRST = str(DAYS[START])


@pytest.fixture
def copy(home: Path, tmp_path: Path) -> Path:
    reveal(home / "run", page=False)
    return shutil.copytree(home / "data" / "market", tmp_path / "elsewhere" / "mine")


def without_holdout(folder: Path) -> RunSpec:
    return check_spec(held_out(folder).model_dump(mode="json") | {"holdout": {}}, "test")


def test_a_sweep_of_a_copy_knows_the_looks(copy: Path, tmp_path: Path) -> None:
    for spec, start in ((held_out(copy), FIRST), (without_holdout(copy), None)):
        made = sweep(spec, {"strategy.max_positions": [2]}, out=tmp_path / str(start), keep=0)
        assert made.numbers.holdout is not None
        assert (made.numbers.holdout.start, made.numbers.holdout.looks) == (start, 1)


def test_a_run_of_a_copy_knows_them_with_and_without_a_holdout(copy: Path, tmp_path: Path) -> None:
    for spec, start in ((held_out(copy), FIRST), (without_holdout(copy), None)):
        made = run(spec, out=tmp_path / str(start), page=False)
        assert made.numbers.holdout is not None
        assert (made.numbers.holdout.start, made.numbers.holdout.looks) == (start, 1)
        assert made.numbers.verdict.tries == (1 if start else 2)
