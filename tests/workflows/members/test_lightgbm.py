"""A run of the family lightgbm: its stored trees are scored and shown where it is not installed."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.directory.result import read_result
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.base.errors import RollsightError
from rollsight.workflows.check import check
from rollsight.workflows.decide import decide
from rollsight.workflows.run import report, run
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market
from tests.support.skips import skip_without

NEEDED = r"^the family 'lightgbm' needs the package lightgbm: pip install 'rollsight\[lightgbm\]'"
LIGHTGBM = {"model": {"name": "lightgbm"}}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), Recipe(n_stocks=4, n_days=218))


def spec(market: Path, changes: dict[str, object]) -> RunSpec:
    return check_spec(spec_of(market).model_dump() | changes, "test")


def test_a_stored_run_is_read_and_decides_without_the_package(
    market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_without("lightgbm")
    out = tmp_path / "out"
    made = run(spec(market, LIGHTGBM), out=out, page=False)
    assert made.signals["p_up"].std() > 0
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    assert report(read_result(out), page=False).numbers == made.numbers
    day = made.signals["decided_at"].iloc[-1]
    last = made.signals[made.signals["decided_at"] == day].reset_index(drop=True)
    found = decide(out, str(day)[:10])
    pd.testing.assert_frame_equal(found, last[list(found.columns)], check_exact=True)


@pytest.mark.parametrize("changes", [LIGHTGBM, {"baselines": ["logistic", "lightgbm"]}])
def test_without_the_package_a_run_is_refused_before_anything_is_written(
    market: Path, changes: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(RollsightError, match=NEEDED):
        run(spec(market, changes), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_the_package_its_check_says_so_once_and_others_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(RollsightError, match=NEEDED):
        check("lightgbm")
    assert not [finding for finding in check("frequencies")[1] if finding.fault]
