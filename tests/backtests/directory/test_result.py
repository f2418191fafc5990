"""What is read of a run is what was written, and code of another kind is told apart."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.directory.directory import write_spec
from rollsight.backtests.directory.result import read_manifest, read_table, require_same_code
from rollsight.backtests.spec import read_spec
from rollsight.base.arithmetic import instructions
from rollsight.base.errors import RollsightError


def test_lists_of_nothing_but_absent_numbers_are_read_as_numbers(tmp_path: Path) -> None:
    lists = {"none": [[np.nan], [np.nan, np.nan]], "empty": [[], []], "some": [[np.nan], [0.5]]}
    pd.DataFrame(lists).to_parquet(tmp_path / "windows.parquet", index=False)
    found = read_table(tmp_path, "windows")
    for name, own in lists.items():
        for read, written in zip(found[name], own, strict=True):
            assert np.asarray(read).dtype == np.float64
            np.testing.assert_array_equal(read, written)


def test_the_runs_that_a_folder_holds_are_named_where_one_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(RollsightError, match=r"name the --out folder of an earlier run$"):
        read_manifest(tmp_path)
    trial = tmp_path / "kept" / "1f1e"
    trial.mkdir(parents=True)
    write_spec(read_spec("sample", []), trial)
    with pytest.raises(RollsightError, match=re.escape(f"name one of the runs in it, as {trial}")):
        read_manifest(tmp_path)


def test_the_library_whose_instructions_differ_is_told_of(tmp_path: Path) -> None:
    used = {"numpy": "native X86_V4", "torch": instructions("torch")}
    manifest = {"spec": {"model": {"name": "logistic"}}, "code_digest": "", "instructions": used}
    with pytest.raises(RollsightError) as caught:
        require_same_code(manifest, tmp_path)
    said = f"(numpy's then native X86_V4, now {instructions('numpy')}, torch's then "
    assert said in str(caught.value)
